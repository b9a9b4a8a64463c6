// Which documents of which sources a scan has read. A document is named by its source (a file) and its number in it, so
// that parts made apart agree on what they have read, and none is counted twice.

import { defined } from "../lib/defined.ts";
import { FacetError } from "../lib/errors.ts";

/** Documents [first, end) of a source. */
export type DocumentRange = readonly [first: number, end: number];

export interface SourceRead {
  readonly name: string;
  /** Ascending, apart from each other. */
  readonly ranges: readonly DocumentRange[];
  /** Documents that had no text; left out where there were none. */
  readonly withoutText?: number;
}

/** An example names its source in 16 bits. */
const MAX_SOURCES = 65_535;

export class Sources {
  readonly #names: string[] = [];
  readonly #ranges: DocumentRange[][] = [];
  readonly #withoutText: number[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(read: readonly SourceRead[] = []) {
    this.cover(read);
  }

  /** Says what was read of each source; numbers given before stay. */
  cover(read: readonly SourceRead[]): void {
    for (const { name, ranges, withoutText = 0 } of read) {
      const number = this.number(name);
      this.#ranges[number] = [...ranges];
      this.#withoutText[number] = withoutText;
    }
  }

  /** The number of a source in this list; a new one is added. */
  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length === MAX_SOURCES) {
      throw new FacetError(
        "Unsupported",
        `Scanning: more than ${MAX_SOURCES} files of text. Put them together in one JSONL or Parquet file.`,
      );
    }
    const number = this.#names.length;
    this.#names.push(name);
    this.#ranges.push([]);
    this.#withoutText.push(0);
    this.#numbers.set(name, number);
    return number;
  }

  name(number: number): string {
    return defined(this.#names[number]);
  }

  readonly compare = (a: number, b: number): number => {
    const [left, right] = [this.name(a), this.name(b)];
    if (left === right) return 0;
    return left < right ? -1 : 1;
  };

  /** Documents are read in order: this one is the last range's last, or follows it, or begins a new one. */
  add(source: number, document: number): void {
    const ranges = (this.#ranges[source] ??= []);
    const last = ranges.at(-1);
    if (last && document >= last[0] && document < last[1]) return;
    if (last && document === last[1]) ranges[ranges.length - 1] = [last[0], document + 1];
    else ranges.push([document, document + 1]);
  }

  /** So many more documents of a source had no text. */
  pass(source: number, documents: number): void {
    this.#withoutText[source] = defined(this.#withoutText[source]) + documents;
  }

  /** By number. */
  numbered(): SourceRead[] {
    return this.#names.map((name, i) => sourceRead(name, this.#ranges[i], this.#withoutText[i]));
  }

  /** By name, as shown. */
  list(): SourceRead[] {
    return this.numbered().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** What two scans have read together; throws `Mismatch` where a document stands in both. */
export function joinSources(a: readonly SourceRead[], b: readonly SourceRead[]): SourceRead[] {
  const byName = new Map(a.map((read) => [read.name, read]));
  for (const { name, ranges, withoutText = 0 } of b) {
    const known = byName.get(name);
    const joined = joinRanges(name, [...(known?.ranges ?? []), ...ranges]);
    byName.set(name, sourceRead(name, joined, (known?.withoutText ?? 0) + withoutText));
  }
  return new Sources([...byName.values()]).list();
}

const sourceRead = (
  name: string,
  ranges: readonly DocumentRange[] = [],
  withoutText = 0,
): SourceRead => ({ name, ranges, ...(withoutText > 0 && { withoutText }) });

function joinRanges(name: string, ranges: readonly DocumentRange[]): DocumentRange[] {
  const joined: DocumentRange[] = [];
  for (const [first, end] of ranges.toSorted((x, y) => x[0] - y[0])) {
    const last = joined.at(-1);
    if (last && first < last[1]) {
      throw new FacetError(
        "Mismatch",
        `Merging two scans: document ${first} of ${name} was read by both, and would count twice. Scan parts that do not overlap.`,
      );
    }
    if (last && first === last[1]) joined[joined.length - 1] = [last[0], end];
    else joined.push([first, end]);
  }
  return joined;
}
