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
