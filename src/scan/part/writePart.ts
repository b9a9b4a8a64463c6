// A scan to the bytes of a part; part.ts says what is in it.

import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { defined } from "../../lib/defined.ts";
import { BINS } from "../settings.ts";
import type { ScanState } from "../state.ts";
import { stateHead } from "../stored.ts";
import { ByteWriter } from "./bytes.ts";
import { type PART_COLUMNS, PART_KEY, type ScanPart } from "./part.ts";
import { writeExamples } from "./exampleBytes.ts";
import { writeSnippets } from "./snippets.ts";

/** Rows that are read together: one feature's page needs no more than its group. */
const GROUP_ROWS = 256;

export function writePart({ corpus, provenance, state }: ScanPart): Uint8Array {
  const snippets = writeSnippets(state.examples);
  const features = [...state.count.keys()];
  const column = (
    name: (typeof PART_COLUMNS)[number],
    type: ColumnSource["type"] & string,
    of: (feature: number) => unknown,
  ): ColumnSource => ({
    name,
    type,
    data: [...features.map(of), ...snippets.map(() => null)],
  });
  const bytes = parquetWriteBuffer({
    columnData: [
      column("count", "INT64", (i) => BigInt(defined(state.count[i]))),
      column("sum", "DOUBLE", (i) => defined(state.sum[i])),
      column("sum_squares", "DOUBLE", (i) => defined(state.sumSquares[i])),
      column("max", "FLOAT", (i) => defined(state.max[i])),
      column("exponent", "INT32", (i) => defined(state.strengths.exponent[i])),
      column("histogram", "BYTE_ARRAY", (i) => histogramBytes(state, i)),
      column("sketch", "BYTE_ARRAY", (i) => sketchBytes(state, i)),
      column("passages", "BYTE_ARRAY", (i) => writeExamples(state.examples, i)),
      { name: "text", type: "BYTE_ARRAY", data: [...features.map(() => null), ...snippets] },
    ],
    rowGroupSize: GROUP_ROWS,
    statistics: false,
    createdBy: "facet",
    kvMetadata: [{ key: PART_KEY, value: JSON.stringify(aboutAll(corpus, provenance, state)) }],
  });
  return new Uint8Array(bytes);
}

const aboutAll = (
  corpus: string,
  provenance: ScanPart["provenance"],
  state: ScanState,
): object => ({
  corpus,
  provenance,
  head: stateHead(state),
  l0: [...state.l0],
  tokensAt: [...state.tokensAt],
  l0At: [...state.l0At],
  squaredErrorAt: [...state.squaredErrorAt],
  sums: [...state.sums],
});

function histogramBytes({ strengths }: ScanState, feature: number): Uint8Array {
  const writer = new ByteWriter();
  const bins = strengths.bins.subarray(feature * BINS, (feature + 1) * BINS);
  // Nothing after the last bin that holds something.
  for (const count of bins.subarray(0, bins.findLastIndex((bin) => bin > 0) + 1))
    writer.number(count);
  return writer.done();
}

/** Ascending, each as the distance from the one before. */
function sketchBytes({ sketches }: ScanState, feature: number): Uint8Array {
  const writer = new ByteWriter();
  let before = 0;
  for (const hash of sketches.of(feature).toSorted()) {
    writer.number(hash - before);
    before = hash;
  }
  return writer.done();
}
