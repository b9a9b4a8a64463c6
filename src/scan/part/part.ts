// A part: a scan as one Parquet file, to be sent, kept and added to others. Its first rows are the features, with plain
// columns that anything reads (count, sum, sum_squares, max) and three of bytes (histogram, sketch, passages); the rows
// after them hold the examples' text (snippets.ts). What is about all of them stands in the metadata as JSON.
// docs/formats.md §8.

import type { Provenance } from "../../lib/report.ts";
import type { ScanState } from "../state.ts";

export interface ScanPart {
  /** What was scanned, for people. */
  readonly corpus: string;
  /** Of the scan's numbers: what they were made with. */
  readonly provenance: Provenance;
  readonly state: ScanState;
}

/** Key of the metadata. */
export const PART_KEY = "facet.scan";

export const PART_COLUMNS = [
  "count",
  "sum",
  "sum_squares",
  "max",
  "exponent",
  "histogram",
  "sketch",
  "passages",
  "text",
] as const;
