// A scan in memory, and what is kept with its numbers. Types only.

import type { Provenance } from "../lib/report.ts";
import type { ScanRequest } from "../lib/scan.ts";
import type { ScanState } from "./state.ts";
import type { StateHead } from "./stored.ts";

/** Where a scan goes on: a token of a document of a source. */
export interface Cursor {
  readonly source: number;
  readonly document: number;
  readonly token: number;
}

/** What is kept with a scan's numbers. */
export interface ScanNote {
  readonly id: string;
  /** What was scanned, for people. */
  readonly corpus: string;
  readonly provenance: Provenance;
  readonly request: ScanRequest | null;
  readonly cursor: Cursor;
  /** Of the corpus that lay behind, 0 to 1. */
  readonly share: number;
  /** In ms since 1970. */
  readonly saved: number;
}

/** A scan in memory. */
export interface HeldScan {
  readonly note: ScanNote;
  readonly state: ScanState;
}

export interface StoredScan {
  readonly note: ScanNote;
  readonly head: StateHead;
  /** That it takes in the storage. */
  readonly bytes: number;
}
