// A part's bytes back to a scan. A part may come from anywhere: everything it says is checked against its plan, and the
// plan against what a browser can hold, before room is made.

import { defined } from "../../lib/defined.ts";
import { FacetError } from "../../lib/errors.ts";
import type { ByteSource, ReadOptions } from "../../lib/byteSource.ts";
import { type ParquetFile, openParquet } from "../../formats/parquet.ts";
import { BINS } from "../settings.ts";
import type { ScanState } from "../state.ts";
import { emptyState } from "../stored.ts";
import { exponentOf } from "../strengths.ts";
import { ByteCursor } from "./bytes.ts";
import { PART_COLUMNS, PART_KEY, type ScanPart } from "./part.ts";
import { parseAboutAll } from "./parseHead.ts";
import { readExamples } from "./exampleBytes.ts";
import { Snippets } from "./snippets.ts";

type PartColumn = (typeof PART_COLUMNS)[number];

const MAX_PART_BYTES = 1024 ** 3;

export async function readPart(source: ByteSource, options: ReadOptions = {}): Promise<ScanPart> {
  const size = await source.size(options);
  if (size > MAX_PART_BYTES) throw malformed(source.name, `it has ${size} bytes`);
  const file = await openParquet(source, options);
  const json = file.metadata.get(PART_KEY);
  if (json === undefined) throw malformed(source.name, "its metadata has no facet.scan");
  const about = parseAboutAll(json, source.name);
  const state = emptyState(about.head);
  const features = state.count.length;
  const tables = [
    [state.l0, about.l0],
    [state.tokensAt, about.tokensAt],
    [state.l0At, about.l0At],
    [state.squaredErrorAt, about.squaredErrorAt],
    [state.sums, about.sums],
  ] as const;
  for (const [into, from] of tables) {
    if (from.length !== into.length) throw malformed(source.name, "a table has the wrong length");
    into.set(from);
  }
  const rows = file.groups.reduce((sum, group) => sum + group, 0);
  // Each example may need a text of its own.
  const most = features * (1 + state.examples.slotsPerFeature);
  if (rows < features || rows > most)
    throw malformed(source.name, `it has ${rows} rows for ${features} features`);
  const snippets = await readSnippets(file, features, rows, about.head.sources.length, options);
  await readFeatures(file, state, snippets, options);
  return { corpus: about.corpus, provenance: about.provenance, state };
}

async function readSnippets(
  file: ParquetFile,
  from: number,
  to: number,
  sources: number,
  options: ReadOptions,
): Promise<Snippets> {
  const snippets = new Snippets();
  const found = from < to ? await file.read("text", from, to, options) : [];
  for (const text of found) snippets.add(bytesOf(text, file.name, "text"), file.name, sources);
  return snippets;
}

async function readFeatures(
  file: ParquetFile,
  state: ScanState,
  snippets: Snippets,
  options: ReadOptions,
): Promise<void> {
  const { name } = file;
  const features = state.count.length;
  const columns = new Map<PartColumn, readonly unknown[]>();
  for (const column of PART_COLUMNS) {
    if (column !== "text") columns.set(column, await file.read(column, 0, features, options));
  }
  const { seed } = state.plan.settings;
  for (let feature = 0; feature < features; feature++) {
    const stored = (column: PartColumn): unknown => columns.get(column)?.[feature];
    const number = (column: PartColumn, least: number, most: number): number => {
      const value = typeof stored(column) === "bigint" ? Number(stored(column)) : stored(column);
      if (typeof value === "number" && value >= least && value <= most) return value;
      throw malformed(name, `${column} of feature ${feature} is ${String(value)}`);
    };
    const bytes = (column: PartColumn): ByteCursor =>
      new ByteCursor(bytesOf(stored(column), name, column), name);
    const count = number("count", 0, state.tokens);
    const max = number("max", 0, 3.5e38);
    state.count[feature] = count;
    state.sum[feature] = number("sum", 0, Number.MAX_VALUE);
    state.sumSquares[feature] = number("sum_squares", 0, Number.MAX_VALUE);
    state.max[feature] = max;
    const exponent = number("exponent", -127, 128);
    if (count > 0 && exponent !== exponentOf(max))
      throw malformed(name, `the range of feature ${feature} does not fit its maximum`);
    state.strengths.exponent[feature] = exponent;
    readHistogram(bytes("histogram"), state, feature);
    readSketch(bytes("sketch"), state, feature);
    const { examples, sources } = state;
    const reading = { examples, sources, snippets, seed, max };
    readExamples(bytesOf(stored("passages"), name, "passages"), name, feature, reading);
  }
}

function readHistogram(cursor: ByteCursor, state: ScanState, feature: number): void {
  const count = defined(state.count[feature]);
  let total = 0;
  for (let bin = 0; !cursor.ended; bin++) {
    if (bin === BINS) throw cursor.malformed("a histogram has too many bins");
    const inside = cursor.number(count);
    state.strengths.bins[feature * BINS + bin] = inside;
    total += inside;
  }
  if (total !== count) throw cursor.malformed(`a histogram counts ${total} of ${count} firings`);
}

function readSketch(cursor: ByteCursor, state: ScanState, feature: number): void {
  const { sketches } = state;
  const wanted = Math.min(defined(state.count[feature]), sketches.size);
  let hash = 0;
  for (let i = 0; i < wanted; i++) {
    hash += cursor.number(2 ** 32 - 1 - hash);
    sketches.add(feature, hash);
  }
  if (!cursor.ended) throw cursor.malformed("a sketch has too many hashes");
}

function bytesOf(value: unknown, name: string, column: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw malformed(name, `its column ${column} holds no bytes`);
}

const malformed = (name: string, found: string): FacetError =>
  new FacetError(
    "Format",
    `Reading the scan ${name}: ${found}. It is damaged, or no scan; get it again.`,
  );
