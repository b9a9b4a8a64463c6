// Types of the page's state; the store itself is made in createStore.ts.
// Everything the UI shows is here; everything it does is an action here.

import type { NearestRows, Promoters, VocabularyToken } from "../lib/explore.ts";
import type { PlainError } from "../lib/errors.ts";
import type { OpenCard, OpenPlan } from "../lib/openCard.ts";
import type { Progress } from "../lib/progress.ts";
import type {
  Attribution,
  Downstream,
  Generation,
  GenerationOptions,
  Intervention,
} from "../lib/interventions.ts";
import type {
  Analysis,
  Catalog,
  Comparison,
  FeatureFacts,
  Precision,
  SelfCheck,
  Verification,
} from "../lib/report.ts";
import type { DamagedScan, FeatureScan, KeptScan, ScanRequest, ScanSummary } from "../lib/scan.ts";
import type { LocalFile, NeuronpediaLabel, StoredRepo } from "../worker/protocol.ts";
import type { OwnLabels } from "./labelFile.ts";
import type { Asked } from "./requests.ts";
import type { View } from "./view.ts";

/** A result with its age: `stale` data belongs to an older text or setting and is shown dimmed. */
export interface Loadable<T> {
  readonly data: T | null;
  readonly stale: boolean;
  readonly running: boolean;
  readonly progress: Progress | null;
  readonly error: PlainError | null;
}

export interface State {
  readonly view: View;
  readonly catalog: Catalog | null;
  /** The open model and SAE. */
  readonly card: Loadable<OpenCard>;
  readonly analysis: Loadable<Analysis>;
  /** Reconstruction checks on the text (for Verify, and for colour by CE). */
  readonly verification: Loadable<Verification>;
  /** The open SAE beside the view's other one, while the Compare place is on show. */
  readonly comparison: Loadable<Comparison>;
  readonly corpusVerification: Loadable<Verification>;
  /** Its logit lens is null until `loadLens` where the model is large. */
  readonly feature: Loadable<FeatureFacts>;
  readonly selfCheck: Loadable<SelfCheck>;
  /** The next tokens, and what the view's edits change; with no edit that is on it is made for a pinned token. */
  readonly intervention: Loadable<Intervention>;
  /** The features that the edits change in the SAE that the view names, or in the one that the page chooses. */
  readonly downstream: Loadable<Downstream>;
  /** Which features of the pinned token, or the last one, matter for the next; on request. */
  readonly attribution: Loadable<Attribution>;
  /** The text continued, on request. */
  readonly generation: Loadable<Generation>;
  /** What a corpus scan says of all features, and of the one on show. */
  readonly scanSummary: Loadable<Found<ScanSummary>>;
  readonly featureScan: Loadable<ScannedFeature>;
  readonly coFiring: Loadable<CoFiring>;
  /** The scan that runs, or that ran last. */
  readonly scanRun: Loadable<ScanSummary>;
  /** What it was asked for, until it is done: going on asks for the same. */
  readonly scanAsked: ScanRequest | null;
  /** Kept in this browser or shipped; null until asked for. */
  readonly scans: readonly (KeptScan | DamagedScan)[] | null;
  /** The scan whose numbers are shown; null: the one that fits best. */
  readonly shownScan: string | null;
  /** Which features promote the token that the view names. */
  readonly promoters: Loadable<Promoters>;
  /** The tokens that the text typed last is made of. */
  readonly tokenChoices: readonly VocabularyToken[];
  readonly nearest: Loadable<NearestRows>;
  readonly projection: Loadable<Projection>;
  /** What opening waits for the reader to answer; null mostly. */
  readonly question: Question | null;
  /** This site is registered with the Hub: readers can sign in there instead of pasting a token. */
  readonly hubAccount: boolean;
  /** Hubs (origins) that an access token is there for; the tokens themselves stand in no state. */
  readonly tokenOrigins: readonly string[];
  /** The last opening, where it failed; what was open before is open still. */
  readonly refused: Refused | null;
  /** Hubs' repos kept in this browser; null until asked for, "unavailable" where it offers no storage. */
  readonly stored: readonly StoredRepo[] | "unavailable" | null;
  readonly labels: ReaderLabels;
  /** What the reader should know: a bad field of the link, a software adapter, a lost GPU. */
  readonly notices: readonly Notice[];
}

/** An answer that may be that there is none. */
export interface Found<T> {
  readonly found: T | null;
}

/** null: no scan fits what is open. */
export interface ScannedFeature extends Found<FeatureScan> {
  readonly index: number;
}

/** How often two features fire on the same token: Jaccard, by the number of the other; null where it is unknown. */
export interface CoFiring {
  readonly index: number;
  readonly shares: ReadonlyMap<number, number | null>;
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
  /** By feature number, as far as asked. */
  readonly neuronpedia: Readonly<Record<number, AskedLabel>>;
}

export type AskedLabel =
  | { readonly kind: "asked" | "none" }
  | { readonly kind: "found"; readonly label: NeuronpediaLabel }
  | { readonly kind: "failed"; readonly error: PlainError };

/** A link may name a hub the reader never used, and a model may be large: both are asked about before anything is read. */
export type Question =
  | { readonly kind: "endpoint"; readonly endpoint: string }
  | { readonly kind: "download"; readonly plan: OpenPlan };

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
  /** Opens what was refused once more, or else what the view asks for. */
  reopen(): void;
  /** Forgets a failed opening: the reader stays with what is open. */
  dismissRefused(): void;
  cancelOpen(): void;
  /** Answers the question on show with yes, in this precision where one is given; `cancelOpen` is the no. */
  goAhead(precision?: Precision | null): void;
  /** A hub's access token for the endpoint that was asked; `keep` stores it in this browser. Then opens again. */
  signIn(token: string, keep: boolean): void;
  /** The token of a hub is thrown away, here and where requests are made. What it opened stays open. */
  forgetToken(origin: string): void;
  openSources(sources: Sources): void;
  /** Leaves for the hub, to come back signed in; where `hubAccount`. */
  signInAtHub(): void;
  loadStored(): void;
  deleteStored(id: string): void;
  /** Looks a feature up without moving the view (the text's strongest one, say). */
  loadFeature(index: number): void;
  /** Asks for what the page of a feature shows before it is opened. */
  prepareFeature(index: number): void;
  /** What the corpus scan says of all features; of one. */
  loadScanSummary(): void;
  loadFeatureScan(index: number): void;
  loadCoFiring(index: number, others: readonly number[]): void;
  /** Runs a scan, or goes on with one that was stopped. */
  runScan(request: ScanRequest): void;
  /** What was scanned is kept. */
  stopScan(): void;
  loadScans(): void;
  deleteScan(id: string): void;
  showScan(id: string | null): void;
  /** As a Parquet file; null where that failed, which is told. */
  exportScan(id: string): Promise<Uint8Array | null>;
  importScan(file: LocalFile): void;
  /** Keeps the sum of two scans that share no document, and shows it. */
  mergeScans(first: string, second: string): void;
  /** The tokens that a short text is made of, as `tokenChoices`. */
  lookUpTokens(text: string): void;
  loadPromoters(id: number): void;
  loadNearest(): void;
  /** Lays features out by what is alike; reads the nearest rows first. */
  loadProjection(): void;
  stopNearest(): void;
  /** Reads the unembedding of a large model, so that features come with their logit lens from now on. */
  loadLens(): void;
  verifyText(): void;
  /** The next tokens after the pinned token, or the last one, with the edits that are on. */
  predict(): void;
  /** Reads the edited text once more, where that failed or was declined. */
  readDownstream(): void;
  /**
   * Ablates each active feature of the pinned token, or the last one, by itself: what that does to `target`, a token's
   * id, or to the text's own next token.
   */
  attribute(target?: number): void;
  /** Continues the text, with the view's edits beside it. */
  generate(how: Omit<GenerationOptions, "edits">): void;
  /** Ends a continuation that is under way; what there is of it stays. */
  stopGenerating(): void;
  /** The first `documents` of the corpus, or all of it. */
  verifyCorpus(documents?: number): void;
  /** Compares once more, where that failed or was stopped. */
  compareAgain(): void;
  cancelCompare(): void;
  cancelVerify(): void;
  /** Published facts against this machine, where `card.hasSelfCheck`. */
  runSelfCheck(): void;
  /** The reader's own label of a feature; an empty one is forgotten. */
  setLabel(index: number, text: string): void;
  /** Adds a file of labels to the reader's own. */
  importLabels(file: Blob, name: string): void;
  askNeuronpedia(on: boolean): void;
  /** Asks for the label of one feature, where that is switched on and it was not asked before. */
  loadNeuronpediaLabel(index: number): void;
  dismissNotice(id: number): void;
  /** Of the view as it is, or with some of it otherwise. */
  permalink(patch?: Partial<View>): string;
}

export interface AppStore {
  getState(): State;
  subscribe(listener: () => void): () => void;
  readonly actions: Actions;
}
