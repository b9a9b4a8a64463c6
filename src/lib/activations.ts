// The active features of a text as compressed sparse rows: how they travel, and how a feature is looked up in them. A
// report's `features` lists are made of these when they are read. Ranking is the page's.

import { defined } from "./defined.ts";
import type { FeatureActivation } from "./report.ts";

export type Units = "raw" | "folded";

/** Row t is what fires on token t, strongest folded first, at entries rowStart[t] to rowStart[t + 1]. */
export interface ActivationRows {
  /** [T + 1] */
  readonly rowStart: Uint32Array<ArrayBuffer>;
  /** Of each entry its feature. */
  readonly index: Uint32Array<ArrayBuffer>;
  readonly raw: Float32Array<ArrayBuffer>;
  /** In the precision that reports have it in: raw · a norm in float64. */
  readonly folded: Float64Array<ArrayBuffer>;
}

/** Where one feature fires, in the order of the text. */
export interface Firings {
  readonly position: Uint32Array;
  readonly value: Float32Array | Float64Array;
}

/** What a feature is over some tokens. */
export interface Tally {
  readonly max: number;
  readonly sum: number;
  /** Tokens it fires on. */
  readonly count: number;
  /** Where it is strongest, the first of equals. */
  readonly at: number;
}

/** The same entries by feature, each feature's in the order of the text. */
interface Columns {
  /** Which column is a feature's. */
  readonly of: ReadonlyMap<number, number>;
  /** [columns + 1] */
  readonly start: Uint32Array;
  readonly position: Uint32Array;
  readonly raw: Float32Array;
  readonly folded: Float64Array;
}

export class Activations {
  readonly rows: ActivationRows;
  #columns: Columns | null = null;

  constructor(rows: ActivationRows) {
    this.rows = rows;
  }

  get tokens(): number {
    return this.rows.rowStart.length - 1;
  }

  /** Those that fire on any token, in no order. */
  get features(): Iterable<number> {
    return this.#byFeature().of.keys();
  }

  /** What fires on a token, as reports list it. */
  list(position: number): FeatureActivation[] {
    const { rowStart, index, raw, folded } = this.rows;
    const start = defined(rowStart[position]);
    return Array.from({ length: (rowStart[position + 1] ?? start) - start }, (_, i) => ({
      index: defined(index[start + i]),
      raw: defined(raw[start + i]),
      folded: defined(folded[start + i]),
    }));
  }

  firings(feature: number, units: Units): Firings {
    const { of, start, position, ...values } = this.#byFeature();
    const column = of.get(feature);
    const from = column === undefined ? 0 : defined(start[column]);
    const to = column === undefined ? 0 : defined(start[column + 1]);
    return { position: position.subarray(from, to), value: values[units].subarray(from, to) };
  }

  /** 0 where the feature does not fire. */
  at(position: number, feature: number, units: Units): number {
    const found = this.firings(feature, units);
    let [from, to] = [0, found.position.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (defined(found.position[middle]) < position) from = middle + 1;
      else to = middle;
    }
    return found.position[from] === position ? defined(found.value[from]) : 0;
  }

  /** Of each token what the feature is there, 0 where it does not fire. */
  along(feature: number, units: Units): number[] {
    const { position, value } = this.firings(feature, units);
    const values = new Array<number>(this.tokens).fill(0);
    position.forEach((at, i) => (values[at] = defined(value[i])));
    return values;
  }

  /** @param counts of each token, whether it counts. @returns null where the feature fires on none that does. */
  tally(feature: number, units: Units, counts: readonly boolean[]): Tally | null {
    const { position, value } = this.firings(feature, units);
    const tally = { max: -Infinity, sum: 0, count: 0, at: -1 };
    position.forEach((at, i) => {
      if (counts[at] !== true) return;
      const here = defined(value[i]);
      tally.sum += here;
      tally.count++;
      if (here > tally.max) {
        tally.max = here;
        tally.at = at;
      }
    });
    return tally.count > 0 ? tally : null;
  }

  #byFeature(): Columns {
    return (this.#columns ??= transposed(this.rows));
  }
}

/** Two passes, as a counting sort does it: how many entries each feature has, then each entry in its place. */
function transposed({ rowStart, index, raw, folded }: ActivationRows): Columns {
  const of = new Map<number, number>();
  const counts: number[] = [];
  const columnOf = index.map((feature) => {
    const column = of.get(feature) ?? of.size;
    if (column === of.size) {
      of.set(feature, column);
      counts.push(0);
    }
    counts[column] = defined(counts[column]) + 1;
    return column;
  });
  const start = new Uint32Array(counts.length + 1);
  counts.forEach((count, column) => (start[column + 1] = defined(start[column]) + count));
  const next = start.slice();
  const columns = {
    position: new Uint32Array(index.length),
    raw: new Float32Array(index.length),
    folded: new Float64Array(index.length),
  };
  for (let t = 0; t + 1 < rowStart.length; t++) {
    const end = defined(rowStart[t + 1]);
    for (let entry = defined(rowStart[t]); entry < end; entry++) {
      const column = defined(columnOf[entry]);
      const to = defined(next[column]);
      next[column] = to + 1;
      columns.position[to] = t;
      columns.raw[to] = defined(raw[entry]);
      columns.folded[to] = defined(folded[entry]);
    }
  }
  return { of, start, ...columns };
}
