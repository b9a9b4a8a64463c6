// What a scan of a corpus tells, as it crosses the worker: about one feature, about all of them, and about the scans that
// are kept. Strengths are folded (raw · ‖W_dec,i‖) throughout. How they are gathered is the business of src/scan.

import type { Histogram, Metrics, Provenance } from "./report.ts";

/** One firing with the tokens around it. */
export interface Example {
  /** File that the document stands in: "corpus.jsonl", "owner/name/data/train-0.parquet". */
  source: string;
  /** Line or row of the source, from 0. */
  document: number;
  /** Token of the document, BOS not counted, from 0. */
  position: number;
  /** Folded strength at `position`. */
  value: number;
  /** Which of `ids` is the one at `position`. */
  peak: number;
  ids: number[];
  /** Vocabulary pieces as stored; one for each id. */
  tokens: string[];
  /** Folded strength of the feature on each of `ids`, 0 where it is off; but for the peak to two or three digits. */
  activations: number[];
}

/** Firings with from ≤ strength < to; the last interval holds the maximum too. */
export interface StrengthInterval {
  from: number;
  to: number;
  /** Share of the feature's firings inside; read off the histogram, so good to a part of a bin. */
  share: number;
  /** At random from within, spread over its width; strongest first. */
  passages: Example[];
}

export interface ScanProvenance extends Provenance {
  /** Tokens that every statistic counts; BOS is none of them. */
  tokens: number;
  contexts: number;
  contextSize: number;
  /** What was read, and how many documents of each; besides, where there were any, how many rows without a text. */
  sources: { name: string; documents: number; withoutText?: number }[];
  /** False while it runs, or where it was stopped. */
  finished: boolean;
}

export interface FeatureScan extends ScanProvenance {
  schema: "facet.featurescan/1";
  index: number;
  /** Tokens it fired on, of `tokens`. */
  count: number;
  /** count / tokens. */
  density: number;
  /** Never seen to fire: 95 % bound of its rate, 3 / tokens; null where it fired. */
  rateBound: number | null;
  /** Σ and Σ² of folded strength; divide by `tokens` or by `count`. */
  sum: number;
  sumSquares: number;
  max: number;
  /** 50 bins of strength over 0, or none where it never fired. The last edge is a power of two over the maximum. */
  histogram: Histogram;
  /** Strongest first, one a context. */
  top: Example[];
  /** Equal widths from 0 to the maximum, strongest first. */
  intervals: StrengthInterval[];
  /** An unbiased sample of all its firings, strongest first. */
  sample: Example[];
}

export interface ScanSummary extends ScanProvenance {
  schema: "facet.scan/1";
  /** What it is kept as. */
  id: string;
  /** Each [d_sae]. */
  count: Float64Array;
  sum: Float64Array;
  sumSquares: Float64Array;
  max: Float32Array;
  /** Tokens by L0. */
  l0: number[];
  /** By position in the context; entry 0 is the first token after BOS, or the first of all where there is none. */
  byPosition: {
    tokens: number[];
    /** Σ of L0. */
    l0: number[];
    /** Σ of ‖x − x̂‖². */
    squaredError: number[];
  };
  /** Verify's metrics over all tokens of the scan (BOS left out); null where they were not asked for. */
  metrics: Metrics | null;
}

/** A text file of the reader's, with its path inside what was picked. */
export interface CorpusFile {
  readonly path: string;
  readonly file: Blob;
}

/**
 * What to read. Files are JSONL (.jsonl, .ndjson), JSON (a list of objects, or one a line), CSV and Parquet, which have
 * documents in a column, or plain text (.txt, .md); all but Parquet gzipped too. Others are refused.
 */
export type CorpusChoice =
  | { kind: "bundled" }
  | { kind: "files"; files: readonly CorpusFile[]; column?: string }
  /** Parquet files of a hub's dataset: owner/name[@revision][/folder]. */
  | { kind: "dataset"; dataset: string; column?: string; endpoint?: string; token?: string };

export interface ScanRequest {
  corpus: CorpusChoice;
  /** So many documents of each source at most. */
  documents?: number;
  /** Verify's metrics too: runs the whole model, twice. */
  metrics?: boolean;
}

/** A scan that is kept in this browser and cannot be read any more: all that can be done is to delete it. */
export interface DamagedScan {
  id: string;
  /** What was scanned; null where that cannot be read either. */
  corpus: string | null;
  /** That it takes in the browser's storage. */
  bytes: number;
  /** What is wrong with it, in words. */
  damaged: string;
}

/** A scan that is kept in this browser, or that ships with the page. */
export interface KeptScan extends ScanProvenance {
  id: string;
  /** What was scanned: "the bundled corpus". */
  corpus: string;
  /** That it takes in the browser's storage. */
  bytes: number;
  /** In ms since 1970; null for one that ships with the page, which cannot be deleted. */
  saved: number | null;
  /** Made of the model and the SAE that are open. */
  fits: boolean;
  running: boolean;
  /** Asks for the rest where it was stopped; null where that takes the reader's files. */
  request: ScanRequest | null;
}
