// What a corpus is made of: files that hold documents, read in order and from any document on, never all at once.

import type { ReadOptions } from "../lib/byteSource.ts";

export interface SourceDocument {
  readonly text: string;
  /** Share of the source that lies behind once this document is done, 0 to 1. */
  readonly share: number;
}

export interface TextSource {
  /** Stands in examples, and tells parts of a scan apart: "corpus.jsonl", "owner/name/train-0.parquet". */
  readonly name: string;
  /** Of the file; weighs the sources of a corpus against each other in a progress bar. */
  readonly bytes: number;
  /** Documents from number `first` on. */
  read(first: number, options?: ReadOptions): AsyncIterable<SourceDocument>;
}
