// All that the page asks of the worker, each with what it rests on and when it is made.

import type { ArgsOf, JobName, ResultOf } from "../jobs/table.ts";
import type { NeuronpediaLabel, StoredRepo } from "../lib/hosted.ts";
import type { FeatureFacts } from "../lib/report.ts";
import type { ScanSummary } from "../lib/scan.ts";
import { readsLittle } from "./consent.ts";
import { chosenDownstream } from "./downstreamChoice.ts";
import { editsOn } from "./editList.ts";
import type { Position } from "./position.ts";
import { requestOf } from "./requests.ts";
import type { Query } from "./results.ts";
import type { Projection, RunScan, State } from "./store.ts";
import type { View } from "./view.ts";

/** Random directions that every edit on the page is compared with, and their seed. */
export const CONTROLS = 20;
export const SEED = 1;
/** Neighbours that are read for the table and the map: what UMAP's authors start from. */
const NEIGHBOURS = 15;

const always = (): boolean => true;
const onRequest = (): boolean => false;
/** The loss reads so little of the open model that nobody need ask for it. */
const cheap = (state: State): boolean => readsLittle(state, "loss");

/** The view that would open the other SAE alone; null where none is chosen. */
export function viewOfOther(view: View): View | null {
  const { otherSae, otherRevision: saeRevision, otherPrecision, otherActivation } = view;
  if (otherSae === null) return null;
  const settings = { precision: otherPrecision, activation: otherActivation };
  return { ...view, sae: otherSae, saeRevision, ...settings };
}

/** What a job makes of what is open. Its key is that, its arguments, and `also`. */
export const jobQuery =
  <J extends JobName>(job: J) =>
  <P extends readonly unknown[]>(
    args: (state: State, ...params: P) => ArgsOf<J> | null,
    wanted: (state: State) => boolean = always,
    also: (state: State) => unknown = () => null,
  ): Query<ResultOf<J>, P> => ({
    name: job,
    key(state, ...params) {
      const given = state.on === null ? null : args(state, ...params);
      return given && [state.on, given, also(state)];
    },
    wanted,
    run: ([on, given], { ask }, options) =>
      ask(job, given as ArgsOf<J>, { ...options, on: on as string }),
  });

export const analysis = jobQuery("analyze")(({ text, view }) =>
  text === null ? null : [text, { mask: view.mask }],
);

/** Reconstruction checks on the text: for Verify, and for colour by CE. */
export const verification = jobQuery("verify")(
  ({ text, view }) => (text === null ? null : [text, { mask: view.mask }]),
  ({ view }) => view.colour === "ce",
);

export const corpusVerification = jobQuery("verifyCorpus")(
  ({ view: { mask }, corpusDocuments: documents }) => {
    if (documents === undefined) return null;
    return [documents === null ? { mask } : { mask, documents }];
  },
  onRequest,
);

export const selfCheck = jobQuery("selfCheck")(() => [], onRequest);

/** The open SAE beside the view's other one; of a large model the loss only where tokens are coloured by it. */
export const comparison = jobQuery("compare")((state) => {
  const { text, view } = state;
  const other = viewOfOther(view);
  if (other === null || text === null) return null;
  const loss = cheap(state) || view.colour === "ce";
  return [requestOf(other), text, { mask: view.mask, loss }];
});

/**
 * The next tokens at a position, and what the view's edits change; without edits it is made for a pinned token where that
 * reads little, else on request.
 */
export const intervention = jobQuery("intervene")(
  ({ text, view }, position: Position) => {
    if (text === null || position === undefined) return null;
    const edits = editsOn(view.edits);
    const controls = edits.length > 0 ? CONTROLS : 0;
    return [text, edits, { mask: view.mask, controls, seed: SEED, position }];
  },
  (state) => editsOn(state.view.edits).length > 0 || (cheap(state) && state.view.token !== null),
);

/** The features that the edits change in the SAE that the view names, or in the one that the page chooses. */
export const downstream = jobQuery("downstream")((state) => {
  const { text, view } = state;
  const edits = editsOn(view.edits);
  return text === null || edits.length === 0
    ? null
    : [text, edits, { sae: chosenDownstream(state) }];
});

/** Which features of a position matter for the next token, or for the one that was chosen. */
export const attribution = jobQuery("attribute")(
  ({ text, target }, position: Position) =>
    text === null || position === undefined ? null : [text, { position, target }],
  onRequest,
);

/** The text continued; with the view's edits beside it. */
export const generation = jobQuery("generate")(
  ({ text, view, continuing }) =>
    text === null || continuing === null
      ? null
      : [text, { ...continuing, edits: editsOn(view.edits) }],
  onRequest,
);

/** With its logit lens where that reads little, or was asked for. */
export const feature: Query<FeatureFacts, readonly [index: number | null]> = {
  name: "feature",
  key(state, index) {
    const { on, lensOf, card } = state;
    if (on === null || index === null) return null;
    const asked = lensOf !== null && lensOf === card.data?.provenance.model.revision;
    return [on, index, asked || readsLittle(state, "lens")];
  },
  wanted: always,
  run([on, index, lens], { ask }, options): Promise<FeatureFacts> {
    const [args, how] = [[index as number] as [number], { ...options, on: on as string }];
    return lens === true ? ask("feature", args, how) : ask("featureFacts", args, how);
  },
};

const scanned = ({ scansChanged }: State): number => scansChanged;

/** What a corpus scan says of all features, and of one. */
export const scanSummary = jobQuery("scanSummary")(({ view }) => [view.scan], always, scanned);
export const featureScan = jobQuery("featureScan")(
  ({ view }, index: number | null) => (index === null ? null : [index, view.scan]),
  always,
  scanned,
);
export const coActivation = jobQuery("coActivation")(
  ({ view }, index: number | null, others: readonly number[]) =>
    index === null ? null : [index, others, view.scan],
  always,
  scanned,
);
export const scans = jobQuery("keptScans")(() => [], always, scanned);

/** One run of a scan. The token stays out of the state, as it stays out of what is kept. */
export const scan: Query<ScanSummary, readonly [RunScan | null]> = {
  name: "scan",
  key: (_, asked) => asked && [asked.run],
  wanted: onRequest,
  run(_, { ask, token }, options, state) {
    const request = state.scan?.request ?? { corpus: { kind: "bundled" } };
    const { corpus } = request;
    const own = corpus.kind === "dataset" ? token(corpus.endpoint ?? null) : null;
    return corpus.kind === "dataset" && own !== null
      ? ask("scan", [{ ...request, corpus: { ...corpus, token: own } }], options)
      : ask("scan", [request], options);
  },
};

/** The tokens that a short text is made of. */
export const vocabularyTokens = jobQuery("vocabularyTokens")((_, text: string) =>
  text === "" ? null : [text],
);
/** What each feature adds to the logit of the token that the view names. */
export const tokenLogits = jobQuery("tokenLogits")(({ view }) =>
  view.promotes === null ? null : [view.promotes],
);
export const nearest = jobQuery("nearest")(() => [NEIGHBOURS], onRequest);

/** Features laid out by what is alike; reads the nearest rows first. */
export const projection: Query<Projection> = {
  name: "projection",
  key: ({ on }) => (on === null ? null : [on]),
  wanted: ({ view }) => view.mapLayout === "similarity",
  run: async (_, { results, project }, options) => project(await results.ensure(nearest), options),
};

/** Hubs' repos kept in this browser; null where it offers no storage. */
export const stored: Query<StoredRepo[] | null> = {
  name: "stored",
  key: ({ on }) => [on],
  wanted: always,
  run: (_, { ask }, options) => ask("stored", [], options),
};

/** Asked only where the reader has switched that on. */
export const neuronpediaLabel: Query<NeuronpediaLabel | null, readonly [index: number | null]> = {
  name: "neuronpediaLabel",
  key({ labels, card }, index) {
    const id = card.data?.sae.neuronpediaId ?? null;
    return id === null || index === null || !labels.asksNeuronpedia ? null : [id, index];
  },
  wanted: always,
  async run([id, index], { ask, found }, options) {
    const label = await ask("neuronpediaLabel", [id as string, index as number], options);
    if (label) found(id as string, index as number, label);
    return label;
  },
};
