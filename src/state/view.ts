// The view: one serialisable value that says everything the page shows. It round-trips through the URL.

import type { Edit } from "../lib/edits.ts";
import type { BackendName, GeluKind, Mask, Precision } from "../lib/report.ts";

export type Place = "text" | "feature" | "find" | "sae" | "compare";
/** What colours the tokens. */
export const COLOURS = ["feature", "l0", "error", "ce", "edit-ce", "edit-kl"] as const;
/** `edit-` : what the edits change, in CE or as KL. */
export type Colour = (typeof COLOURS)[number];
/** How a feature's tokens are ranked over the whole text. */
export type Ranking = "max" | "sum" | "count";

/** Columns of the table of features. */
export const SORT_KEYS = [
  "index",
  "density",
  "max",
  "mean",
  "norm",
  "l0",
  "cosine",
  "label",
  "promotes",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** A feature that the reader put on a list, with what they say of it. */
export interface ListEntry {
  readonly feature: number;
  /** One line, at most `NOTE_MOST` characters. */
  readonly note: string;
}

/** An edit that can be switched off without being forgotten. */
export interface ListedEdit extends Edit {
  readonly on: boolean;
}

/** Edits travel in the link too. */
export const EDITS_MOST = 32;

/** A list and its notes travel in the link, so both have an end. */
export const LIST_MOST = 100;
export const NOTE_MOST = 200;

export interface View {
  readonly place: Place;
  /** Drawn for an iframe: the place alone, without the page's header. */
  readonly embed: boolean;
  /** Catalogue key or `owner/name[@revision]`. */
  readonly model: string;
  /** Catalogue key or `owner/name[@revision][/folder]`. */
  readonly sae: string;
  /** Commits (or content hashes) the link was made at; null on a plain visit. */
  readonly modelRevision: string | null;
  readonly saeRevision: string | null;
  /** null: the public Hub. */
  readonly endpoint: string | null;
  readonly precision: Precision | null;
  /** null: the page chooses. */
  readonly backend: BackendName | null;
  readonly activation: GeluKind;
  readonly text: string;
  /** The feature shown and coloured by; null: none chosen yet. */
  readonly feature: number | null;
  /** The pinned token's position; null: none. */
  readonly token: number | null;
  readonly colour: Colour;
  /** Top of the colour scale: the feature's maximum as known, or this text's. */
  readonly scale: "feature" | "text";
  readonly mask: Mask;
  readonly units: "folded" | "raw";
  readonly ranking: Ranking;
  /** Hide features denser than 10^this; null: show all. */
  readonly maxLogDensity: number | null;
  /** ↵ then a real break, or on one line. */
  readonly newlines: "break" | "inline";
  readonly spaces: "implicit" | "dot";
  /** Merge consecutive <0xNN> tokens into one glyph. */
  readonly mergeBytes: boolean;
  /** Tokens as prose or as a table. */
  readonly layout: "prose" | "table";
  /** log10 firing rate at or under which a feature counts as dead. */
  readonly deadThreshold: number;
  /** The SAE of the same model that the open one is compared with, and how it is run; null: none is chosen yet. */
  readonly otherSae: string | null;
  readonly otherRevision: string | null;
  /** null: as in the model's file. */
  readonly otherPrecision: Precision | null;
  readonly otherActivation: GeluKind;
  /** What colours the map of features: the rate in the training file, in the scan, or how far the two are apart. */
  readonly mapColour: "file" | "scan" | "difference";
  /** Where its cells lie: row by row, or like with like. */
  readonly mapLayout: "number" | "similarity";
  /** The axis of counts in the histogram of a feature's activations. */
  readonly countAxis: "linear" | "log";
  /** What the table of features is sorted by. */
  readonly sort: SortKey;
  readonly descending: boolean;
  /** Hide features rarer than 10^this from the table; null: show all. */
  readonly minLogDensity: number | null;
  /** Of the table, only features of the reader's list. */
  readonly onlyListed: boolean;
  /** Id of the token that features are looked for by; null: none. */
  readonly promotes: number | null;
  /** The logit lens of that: with the final norm's weight, or without. */
  readonly lensNorm: "without" | "with";
  /** What features are looked for by, in their labels. */
  readonly query: string;
  /** Features of this SAE, each once, in the reader's order. */
  readonly list: readonly ListEntry[];
  readonly listName: string;
  /** What the model's features are changed to, in the reader's order. */
  readonly edits: readonly ListedEdit[];
  /** The SAE of the same model that reads the edited stream; null: the page chooses. */
  readonly downstream: string | null;
  /** Id of the corpus scan whose numbers are shown; null: the one that fits what is open best. */
  readonly scan: string | null;
}

export const DEFAULT_VIEW: View = {
  place: "text",
  embed: false,
  model: "demo",
  sae: "blocks.3.hook_resid_post_fast_lr",
  modelRevision: null,
  saeRevision: null,
  endpoint: null,
  precision: null,
  backend: null,
  activation: "tanh",
  text: "In the beginning was the Word, and the king of Israel said unto his servants, Go up against the city.",
  feature: null,
  token: null,
  colour: "feature",
  scale: "text",
  mask: "nonspecial",
  units: "folded",
  ranking: "sum",
  maxLogDensity: null,
  newlines: "break",
  spaces: "implicit",
  mergeBytes: true,
  layout: "prose",
  deadThreshold: -5,
  otherSae: null,
  otherRevision: null,
  otherPrecision: null,
  otherActivation: "tanh",
  mapColour: "file",
  mapLayout: "number",
  countAxis: "linear",
  sort: "index",
  descending: false,
  minLogDensity: null,
  onlyListed: false,
  promotes: null,
  lensNorm: "without",
  query: "",
  list: [],
  listName: "",
  edits: [],
  downstream: null,
  scan: null,
};

/** What is of the SAE's features, or of what else the model has: it does not go over to another. */
const OF_SAE = ["feature", "list", "listName", "edits", "downstream", "scan"] as const;
const OF_MODEL = ["promotes", "otherSae", "otherRevision"] as const;

type Belongings = Pick<View, (typeof OF_SAE)[number] | (typeof OF_MODEL)[number]>;

/** What of a view is of its SAE and its model. */
export function belongings(view: View): Belongings {
  const { feature, list, listName, edits, downstream, scan } = view;
  const { promotes, otherSae, otherRevision } = view;
  const ofSae = { feature, list, listName, edits, downstream, scan };
  return { ...ofSae, promotes, otherSae, otherRevision };
}

/**
 * A view with a change made to it. What was of another SAE or model stays behind, unless the change brings its own.
 * @returns `left` what of the reader's work that was.
 */
export function moved(
  before: View,
  patch: Partial<View>,
): { readonly view: View; readonly left: readonly ("list" | "edits")[] } {
  const after = { ...before, ...patch };
  const otherHub = after.endpoint !== before.endpoint;
  const otherModel = otherHub || after.model !== before.model;
  const otherSae = otherModel || after.sae !== before.sae;
  const fresh = {
    ...(otherSae && { ...pick(OF_SAE), saeRevision: null }),
    ...(otherModel && { ...pick(OF_MODEL), modelRevision: null }),
    ...(after.otherSae !== before.otherSae && { otherRevision: null }),
  };
  const view = { ...before, ...fresh, ...patch };
  const left = (["list", "edits"] as const).filter(
    (field) => before[field].length > 0 && view[field].length === 0 && patch[field] === undefined,
  );
  return { view, left };
}

const pick = <K extends keyof View>(fields: readonly K[]): Pick<View, K> =>
  // Built from just these fields, which TypeScript does not follow.
  Object.fromEntries(fields.map((field) => [field, DEFAULT_VIEW[field]])) as Pick<View, K>;
