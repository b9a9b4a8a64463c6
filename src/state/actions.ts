// What the page does, by name; createStore.ts does it.

import type { LocalFile } from "../lib/hosted.ts";
import type { Precision } from "../lib/report.ts";
import type { ScanRequest } from "../lib/scan.ts";
import type { Query, Results } from "./results.ts";
import type { Continuing, Sources, State } from "./store.ts";
import type { View } from "./view.ts";

export interface Actions {
  /** Changes the view. `replace` leaves the browser's history as it is (typing, hovering); otherwise a step is added. */
  setView(patch: Partial<View>, how?: "push" | "replace"): void;
  /** Runs a query that waits to be asked for, or one that failed, once more. */
  request<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): void;
  /** Asks for what is likely to be needed next; a failure shows when it is needed. */
  prefetch<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): void;
  /** Ends what runs; a continuation keeps what there is of it. */
  stop<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): void;
  /** Opens what was refused once more, or else what the view asks for. */
  reopen(): void;
  /** Forgets a failed opening: the reader stays with what is open. */
  dismissRefused(): void;
  cancelOpen(): void;
  /** Answers the question on show with yes, in this precision where one is given; `decline` is the no. */
  goAhead(precision?: Precision | null): void;
  decline(): void;
  /** A hub's access token for the endpoint that was asked; `keep` stores it in this browser. Then opens again. */
  signIn(token: string, keep: boolean): void;
  /** The token of a hub is thrown away, here and where requests are made. What it opened stays open. */
  forgetToken(origin: string): void;
  openSources(sources: Sources): void;
  /** Leaves for the hub, to come back signed in; where `hubAccount`. */
  signInAtHub(): void;
  deleteStored(id: string): Promise<void>;
  /** Runs a scan, or goes on with one that was stopped; it is the one on show from then on. */
  runScan(request: ScanRequest): void;
  /** What was scanned is kept. */
  stopScan(): void;
  deleteScan(id: string): void;
  /** As a Parquet file; null where that failed, which is told. */
  exportScan(id: string): Promise<Uint8Array | null>;
  importScan(file: LocalFile): void;
  /** Keeps the sum of two scans that share no document, and shows it. */
  mergeScans(first: string, second: string): void;
  /** Reads the unembedding of a large model, so that features come with their logit lens from now on. */
  loadLens(): void;
  /**
   * Ablates each active feature of a position by itself: what that does to `target`, a token's id, or to the text's own
   * next token.
   */
  attribute(position: number | null | undefined, target?: number): void;
  /** Continues the text, with the view's edits beside it. */
  generate(how: Continuing): void;
  /** The first `documents` of the corpus, or all of it. */
  verifyCorpus(documents?: number): void;
  /** The reader's own label of a feature; an empty one is forgotten. */
  setLabel(index: number, text: string): void;
  /** Adds a file of labels to the reader's own. */
  importLabels(file: Blob, name: string): void;
  askNeuronpedia(on: boolean): void;
  dismissNotice(id: number): void;
  /** Of the view as it is, or with some of it otherwise. */
  permalink(patch?: Partial<View>): string;
}

export interface AppStore {
  readonly getState: () => State;
  readonly subscribe: (listener: () => void) => () => void;
  readonly actions: Actions;
  readonly results: Results;
}
