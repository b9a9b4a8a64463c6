// Types of the page's state; the store itself is made in createStore.ts. Results are no part of it: they are kept by what
// they rest on (results.ts, queries.ts), and the state says what that is.

import type { PlainError } from "../lib/errors.ts";
import type { LocalFile, NeuronpediaLabel } from "../lib/hosted.ts";
import type { GenerationOptions } from "../lib/interventions.ts";
import type { OpenCard, OpenPlan } from "../lib/openCard.ts";
import type { Progress } from "../lib/progress.ts";
import type { Catalog, Precision } from "../lib/report.ts";
import type { ScanRequest } from "../lib/scan.ts";
import type { Reads } from "../jobs/calls.ts";
import type { OwnLabels } from "./labelFile.ts";
import type { Query, Results } from "./results.ts";
import type { Asked } from "./requests.ts";
import type { View } from "./view.ts";

/** A result on its way: what is known of it, and whether a newer one is coming. */
export interface Loadable<T> {
  readonly data: T | null;
  /** `data` belongs to an older text or setting, and is shown dimmed until the new one is there. */
  readonly stale: boolean;
  readonly running: boolean;
  readonly progress: Progress | null;
  readonly error: PlainError | null;
}

export interface State {
  readonly view: View;
  /** The view's text once typing has settled; null meanwhile. */
  readonly text: string | null;
  /** What is open in the worker; while another is opened, the one before is stale. */
  readonly card: Loadable<OpenCard>;
  /** Identity of what is open, where that is what the view asks for: what results are keyed by. */
  readonly on: string | null;
  readonly catalog: Catalog | null;
  /** What opening or reading waits for the reader to answer; null mostly. */
  readonly question: Question | null;
  /** This site is registered with the Hub: readers can sign in there instead of pasting a token. */
  readonly hubAccount: boolean;
  /** Hubs (origins) that an access token is there for; the tokens themselves stand in no state. */
  readonly tokenOrigins: readonly string[];
  /** The last opening, where it failed; what was open before is open still. */
  readonly refused: Refused | null;
  readonly labels: ReaderLabels;
  /** Counts changes of what scans there are. */
  readonly scansChanged: number;
  /** The scan that was asked for last, until it is done: going on asks for the same. */
  readonly scan: RunScan | null;
  /** A token's id that an attribution is for; null: the text's own next one. */
  readonly target: number | null;
  /** How the text was continued last; null: it was not. */
  readonly continuing: Continuing | null;
  /** Documents of the corpus that was verified last; null: all of it; undefined: none was. */
  readonly corpusDocuments: number | null | undefined;
  /** The revision of the model whose logit lens the reader asked to read, where that is large. */
  readonly lensOf: string | null;
  /** What the reader should know: a bad field of the link, a software adapter, a lost GPU. */
  readonly notices: readonly Notice[];
}

/** Of a continuation, besides the view's edits. */
export type Continuing = Omit<GenerationOptions, "edits">;

export interface RunScan {
  /** Tells one run from the next. */
  readonly run: number;
  readonly request: ScanRequest;
}

/** Features in two dimensions, [d_sae] each; the longer side of their box is 1, and its middle is 0. */
export interface Projection {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Labels of the open SAE's features besides those that came with it. */
export interface ReaderLabels {
  /** The reader's own, kept in this browser. */
  readonly own: OwnLabels;
  /** The reader has switched on that Neuronpedia is asked for labels. */
  readonly asksNeuronpedia: boolean;
  /** Found there on this visit, by feature number. */
  readonly neuronpedia: Readonly<Record<number, NeuronpediaLabel>>;
}

/**
 * What is asked before it is done: a link may name a hub that the reader never used, a model may be large, and so may what
 * the loss or a logit lens reads of it.
 */
export type Question =
  | { readonly kind: "endpoint"; readonly endpoint: string }
  | { readonly kind: "download"; readonly plan: OpenPlan }
  | { readonly kind: "reads"; readonly reads: Reads; readonly bytes: number };

export interface Refused {
  readonly asked: Asked;
  readonly error: PlainError;
}

/** A folder that the reader picked or dropped. */
export interface LocalFolder {
  readonly name: string;
  readonly files: readonly LocalFile[];
}

/** What the reader chose to open: keys, repos or folders, and how. */
export interface Sources {
  readonly model: string | LocalFolder;
  readonly sae: string | LocalFolder;
  readonly endpoint: string | null;
  readonly precision: Precision | null;
}

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: "info" | "warning";
}

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
  getState(): State;
  subscribe(listener: () => void): () => void;
  readonly actions: Actions;
  readonly results: Results;
}
