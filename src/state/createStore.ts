// The page's state and everything that changes it. What is open follows the view (opening.ts), results follow both
// (queries.ts); nothing here marks a result as out of date.
// No DOM beyond the `Address` it is given, so that tests can drive it with a recording worker.

import { createStore as createZustand } from "zustand/vanilla";
import { describe, FacetError } from "../lib/errors.ts";
import type { OpenCard } from "../lib/openCard.ts";
import type { OpenRequest } from "../lib/report.ts";
import type { WorkerClient } from "../worker/messages.ts";
import { type Ask, asking } from "./ask.ts";
import { Consent } from "./consent.ts";
import { hubActions } from "./hubActions.ts";
import { labelActions } from "./labelActions.ts";
import { type Memory, PUBLIC_HUB } from "./memory.ts";
import { Notices } from "./notices.ts";
import { createOpening } from "./opening.ts";
import { readFragment, writeFragment } from "./permalink.ts";
import { attribution, comparison, corpusVerification, generation } from "./queries.ts";
import { type Project, Results, wasCancelled } from "./results.ts";
import { scanActions } from "./scanActions.ts";
import type { HubAccount } from "./signIn.ts";
import type { Actions, AppStore } from "./actions.ts";
import type { State } from "./store.ts";
import { moved, type View } from "./view.ts";

/** The browser's address bar and history, as far as the store needs them. Fragments come without their "#". */
export interface Address {
  fragment(): string;
  push(fragment: string): void;
  replace(fragment: string): void;
  /** The reader went back or forward, or edited the fragment. */
  onChange(listener: () => void): void;
  /** The page's address with another fragment. */
  href(fragment: string): string;
}

const LEFT = {
  list: "Your list was of the other SAE's features, so it stayed with it: the browser's back button brings it back.",
  edits: "Your edits were of the other SAE's features; they were left behind.",
};

/** Typing settles for this long before the address bar and the analysis follow. */
const TYPING_MS = 150;

export interface CreatedStore extends AppStore {
  /** The first view's model and SAE are open; rejects if they could not be. */
  readonly ready: Promise<void>;
  /** Tells the reader something that no call asked for. */
  readonly say: (text: string) => void;
  /**
   * Opens for a script: moves the view, and gives the script the card or the error. What a stranger's script (of a page
   * that embeds this one) asks for is a question to the reader first, as a link's is.
   */
  open(request: OpenRequest, from?: "script" | "stranger"): Promise<OpenCard>;
  /** Calls of jobs that ask the reader first where they read much. */
  readonly ask: Ask;
}

export function createStore(
  client: WorkerClient,
  address: Address,
  memory: Memory,
  account: HubAccount | null = null,
  project: Project = () => Promise.reject(new Error("No worker lays features out here.")),
): CreatedStore {
  const link = readFragment(address.fragment());
  const zustand = createZustand<State>(() => ({
    view: link.view,
    text: link.view.text,
    // The first opening begins below; until then nothing else may be taken for settled.
    card: { data: null, stale: false, running: true, progress: null, error: null },
    on: null,
    catalog: null,
    question: null,
    hubAccount: account !== null,
    tokenOrigins: memory.tokenOrigins(),
    refused: null,
    labels: { own: {}, asksNeuronpedia: false, neuronpedia: {} },
    scansChanged: 0,
    scan: null,
    target: null,
    continuing: null,
    corpusDocuments: undefined,
    lensOf: null,
    notices: [],
  }));
  const { getState, setState } = zustand;
  const notices = new Notices((list) => setState({ notices: list }));
  const say = (text: string): void => notices.add("run", "info", text);
  const tell = (error: unknown): void => {
    if (!wasCancelled(error)) notices.add("run", "warning", message(error));
  };
  const consent = new Consent(client, memory, (question) => setState({ question }));
  const token = (endpoint: string | null): string | null => memory.token(endpoint ?? PUBLIC_HUB);
  const withToken = (asked: OpenRequest): OpenRequest => {
    const own = asked.token ?? token(asked.endpoint ?? null);
    return own === null ? asked : { ...asked, token: own };
  };
  const ask = asking({
    client,
    consent,
    getState,
    subscribe: zustand.subscribe,
    withToken,
    chosePrecision: (otherPrecision) => setView({ otherPrecision }, "replace"),
  });
  const results = new Results(getState, {
    ask,
    project,
    token,
    found: (id, index, label) => labels.found(id, index, label),
  });
  const opening = createOpening({
    client,
    consent,
    notices,
    getState,
    setState,
    writeAddress,
    withToken,
    onOpened: () => labels.opened(),
  });
  const labels = labelActions(memory.labels, { getState, setState, tell, say });
  let typing: ReturnType<typeof setTimeout> | undefined;

  // The view

  function writeAddress(how: "push" | "replace"): void {
    const fragment = writeFragment(getState().view);
    if (fragment !== address.fragment()) address[how](fragment);
  }

  /** What is typed is the text from now on. */
  function settle(): void {
    clearTimeout(typing);
    setState({ text: getState().view.text });
  }

  function setView(patch: Partial<View>, how: "push" | "replace" = "push"): void {
    const before = getState().view;
    const { view, left } = moved(before, {
      ...patch,
      ...(patch.text !== undefined && { text: patch.text.toWellFormed() }),
    });
    for (const what of left) notices.add("run", "info", LEFT[what]);
    setState({ view });
    if (how === "replace" && patch.text !== undefined) {
      setState({ text: null });
      clearTimeout(typing);
      typing = setTimeout(() => {
        settle();
        writeAddress("replace");
      }, TYPING_MS);
      return;
    }
    settle();
    writeAddress(how);
    opening.follow(before);
  }

  address.onChange(() => {
    const before = getState().view;
    if (address.fragment() === writeFragment(before)) return;
    const { view, problems } = readFragment(address.fragment());
    notices.clear("link");
    for (const problem of problems) notices.add("link", "warning", problem);
    setState({ view });
    settle();
    opening.follow(before);
  });

  // The first view

  async function openFirst(): Promise<void> {
    for (const problem of link.problems) notices.add("link", "warning", problem);
    if (account?.returning) {
      await account.returning.catch(tell);
      setState({ tokenOrigins: memory.tokenOrigins() });
    }
    await opening.first();
  }

  async function loadCatalog(): Promise<void> {
    try {
      setState({ catalog: await client.call("catalog", []) });
    } catch (error) {
      tell(error);
    }
  }

  client.onNotice(say);
  void loadCatalog();
  const ready = openFirst();
  ready.catch(() => undefined); // shown on the page already; a script that awaits it gets it too

  const actions: Actions = {
    setView,
    // What becomes of it is on show where the query is.
    request: (query, ...params) => void results.request(query, ...params).catch(() => undefined),
    prefetch: (query, ...params) => results.prefetch(query, ...params),
    stop: (query, ...params) => results.stop(query, ...params),
    reopen: opening.reopen,
    dismissRefused: () => setState({ refused: null }),
    goAhead: (precision = getState().view.precision) => consent.goAhead(precision),
    decline: () => consent.decline(),
    cancelOpen() {
      opening.cancel();
    },
    signIn(given, keep) {
      const { view, refused } = getState();
      const { endpoint } = refused?.asked ?? view;
      memory.setToken(endpoint ?? PUBLIC_HUB, given.trim(), keep);
      setState({ tokenOrigins: memory.tokenOrigins() });
      opening.reopen();
    },
    forgetToken(origin) {
      memory.setToken(origin, "", false);
      setState({ tokenOrigins: memory.tokenOrigins() });
      client.call("forgetToken", [origin]).catch(tell);
    },
    signInAtHub() {
      const { view, refused } = getState();
      account?.leave((refused?.asked ?? view).endpoint ?? PUBLIC_HUB).catch(tell);
    },
    ...hubActions(client, { results, setView, tell, reopen: opening.reopen, getState }),
    ...labels.actions,
    ...scanActions(client, { getState, setState, setView, results, tell }),
    loadLens() {
      const { view, card } = getState();
      consent.agree("lens", view);
      setState({ lensOf: card.data?.provenance.model.revision ?? null });
    },
    attribute(position, target) {
      setState({ target: target ?? null });
      actions.request(attribution, position);
    },
    generate(continuing) {
      setState({ continuing });
      actions.request(generation);
    },
    verifyCorpus(documents) {
      setState({ corpusDocuments: documents ?? null });
      actions.request(corpusVerification);
    },
    dismissNotice: (id) => notices.dismiss(id),
    permalink(patch = {}) {
      const { view, card } = getState();
      const other = results.read(comparison);
      const beside = other.stale ? null : (other.data?.sides[1].analysis.sae ?? null);
      const { model, sae } = card.data?.provenance ?? {};
      return address.href(
        writeFragment({
          ...view,
          ...patch,
          modelRevision: model?.revision ?? view.modelRevision,
          saeRevision: sae?.revision ?? view.saeRevision,
          otherRevision: beside?.revision ?? view.otherRevision,
        }),
      );
    },
  };

  return {
    getState,
    subscribe: zustand.subscribe,
    actions,
    results,
    ready,
    say,
    open: (request, from = "script") => opening.forScript(request, from),
    ask,
  };
}

const message = (error: unknown): string =>
  error instanceof FacetError ? error.message : describe(error);
