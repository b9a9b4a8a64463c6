// The page's state and everything that changes it: the view drives what is opened, analysed, verified and looked up.
// No DOM beyond the `Address` it is given, so that tests can drive it with a recording worker.

import { createStore as createZustand } from "zustand/vanilla";
import { FacetError, describe } from "../lib/errors.ts";
import type { OpenCard } from "../lib/openCard.ts";
import type { OpenRequest } from "../lib/report.ts";
import type { WorkerClient } from "../worker/protocol.ts";
import { createComparing } from "./comparing.ts";
import { Consent } from "./consent.ts";
import { editActions, EDITS_LEFT } from "./editActions.ts";
import { exploring, type Project } from "./exploring.ts";
import { featureLookup } from "./featureLookup.ts";
import { hubActions } from "./hubActions.ts";
import { labelActions } from "./labelActions.ts";
import { type Memory, PUBLIC_HUB } from "./memory.ts";
import { Notices } from "./notices.ts";
import type { HubAccount } from "./signIn.ts";
import { readFragment, writeFragment } from "./permalink.ts";
import { createOpening } from "./opening.ts";
import { scanActions } from "./scanActions.ts";
import { createSlots, NOTHING_LOADED } from "./slots.ts";
import { OPENING } from "./requests.ts";
import type { Actions, AppStore, Loadable, State } from "./store.ts";
import type { View } from "./view.ts";

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

const LIST_LEFT =
  "Your list was of the other SAE's features, so it stayed with it: the browser's back button brings it back.";

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
  /** What a stranger's script would have downloaded to read with is a question too; rejects where it is declined. */
  readonly agreeToReader: (sae: string) => Promise<void>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

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
    catalog: null,
    ...NOTHING_LOADED,
    scanAsked: null,
    scans: null,
    shownScan: null,
    tokenChoices: [],
    hubAccount: account !== null,
    tokenOrigins: memory.tokenOrigins(),
    question: null,
    refused: null,
    stored: null,
    labels: { own: {}, asksNeuronpedia: false, neuronpedia: {} },
    notices: [],
  }));
  const { getState, setState } = zustand;
  const slots = createSlots(getState, setState);
  const notices = new Notices((list) => setState({ notices: list }));
  const features = featureLookup(client, getState, () => slots.feature);
  const consent = new Consent(client, memory, (question) => setState({ question }));
  const editing = editActions({
    client,
    consent,
    getState,
    slots: () => slots,
    withToken: (asked) => opening.withToken(asked),
    leaveReader: () => setView({ downstream: null }, "replace"),
  });
  const opening = createOpening({
    client,
    memory,
    consent,
    notices,
    slot: slots.card,
    getState,
    setState,
    writeAddress,
    onReplaced,
    onOpened,
    onKept: textChanged,
  });
  const say = (text: string): void => notices.add("run", "info", text);
  const comparing = createComparing({
    client,
    consent,
    slot: slots.comparison,
    getState,
    chosePrecision(otherPrecision) {
      setState({ view: { ...getState().view, otherPrecision } });
      writeAddress("replace");
    },
    withToken: opening.withToken,
    warn: (text) => notices.add("link", "warning", text),
  });
  const tell = (error: unknown): void => notices.add("run", "warning", message(error));
  const labels = labelActions(client, memory.labels, {
    getState,
    setState,
    tell,
    say,
  });
  const explore = exploring(client, { getState, setState, slots: () => slots, project, tell });
  const scans = scanActions(client, {
    getState,
    setState,
    slots: () => slots,
    token: (endpoint) => memory.token(endpoint ?? PUBLIC_HUB),
    tell,
  });
  let typing: ReturnType<typeof setTimeout> | undefined;

  // Running what the view asks for

  function analyze(): void {
    const { text, mask } = getState().view;
    void slots.analysis
      .run((options) => client.call("analyze", [text, { mask }], options))
      .then(({ kind }) => kind === "done" && editing.analysed());
  }

  function verifyText(): void {
    const { text, mask } = getState().view;
    void slots.verification.run((options) => client.call("verify", [text, { mask }], options));
  }

  function verifyCorpus(documents?: number): void {
    const { mask } = getState().view;
    const how = documents === undefined ? { mask } : { mask, documents };
    void slots.corpusVerification.run((options) => client.call("verifyCorpus", [how], options));
  }

  /** What rests on the text is out of date; what the view shows of it is made anew. */
  function textChanged(): void {
    slots.verification.expire();
    editing.expire();
    if (getState().card.data === null) return;
    analyze();
    if (getState().view.colour === "ce") verifyText();
    comparing.refresh();
    editing.run();
  }

  function onReplaced(): void {
    slots.corpusVerification.expire();
    slots.selfCheck.expire();
    features.opened();
    scans.opened();
    explore.opened();
  }

  function onOpened(): void {
    labels.opened();
    textChanged();
    const { feature } = getState().view;
    if (feature !== null) features.load(feature);
  }

  // The view

  function writeAddress(how: "push" | "replace"): void {
    clearTimeout(typing);
    const fragment = writeFragment(getState().view);
    if (fragment !== address.fragment()) address[how](fragment);
  }

  function setView(patch: Partial<View>, how: "push" | "replace" = "push"): void {
    const before = getState().view;
    const view: Mutable<View> = { ...before, ...patch };
    view.text = view.text.toWellFormed();
    if (view.model !== before.model) {
      view.modelRevision = null;
      if (patch.otherSae === undefined) view.otherSae = null;
    }
    if (view.otherSae !== before.otherSae) view.otherRevision = null;
    if (view.sae !== before.sae) {
      view.saeRevision = null;
      if (patch.feature === undefined) view.feature = null;
      if (patch.downstream === undefined) view.downstream = null;
      if (patch.list === undefined && view.list.length > 0) {
        view.list = [];
        view.listName = "";
        notices.add("run", "info", LIST_LEFT);
      }
      if (patch.edits === undefined && view.edits.length > 0) {
        view.edits = [];
        notices.add("run", "info", EDITS_LEFT);
      }
    }
    setState({ view });
    const typed = how === "replace" && patch.text !== undefined;
    if (typed) {
      slots.analysis.expire();
      slots.comparison.expire();
      clearTimeout(typing);
      typing = setTimeout(() => {
        writeAddress("replace");
        textChanged();
      }, TYPING_MS);
      return;
    }
    writeAddress(how);
    follow(before, patch);
  }

  /** Does what the change asks for. A field set to what it was before asks to try again where that failed. */
  function follow(before: View, patch: Partial<View>): void {
    const { view, analysis, feature } = getState();
    const changed = (field: keyof View): boolean => view[field] !== before[field];
    if (OPENING.some(changed)) {
      opening.anew();
      return;
    }
    comparing.follow(before);
    if (changed("mask")) slots.corpusVerification.expire();
    if (
      changed("text") ||
      changed("mask") ||
      (patch.text !== undefined && analysis.error !== null)
    ) {
      textChanged();
    } else {
      if (changed("colour") && view.colour === "ce" && needsRun(getState().verification)) {
        verifyText();
      }
      if (changed("edits")) editing.editsChanged();
      else {
        if (changed("token")) editing.tokenChanged();
        if (changed("downstream")) editing.readerChanged();
        else if (changed("place")) editing.placeChanged();
      }
    }
    if (
      view.feature !== null &&
      (changed("feature") || (patch.feature !== undefined && feature.error !== null))
    ) {
      features.load(view.feature);
    }
  }

  address.onChange(() => {
    if (address.fragment() === writeFragment(getState().view)) return;
    const before = getState().view;
    const { view, problems } = readFragment(address.fragment());
    notices.clear("link");
    for (const problem of problems) notices.add("link", "warning", problem);
    clearTimeout(typing);
    setState({ view });
    follow(before, {});
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
      // It says which SAE stands behind the open one.
      editing.readerChanged();
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
    reopen: opening.reopen,
    dismissRefused: () => setState({ refused: null }),
    goAhead: (precision = getState().view.precision) => consent.goAhead(precision),
    signIn(token, keep) {
      const { view, refused } = getState();
      const { endpoint } = refused?.asked ?? view;
      memory.setToken(endpoint ?? PUBLIC_HUB, token.trim(), keep);
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
    ...hubActions(client, {
      getState,
      setState,
      setView,
      reopen: () => void opening.openView(),
      tell,
    }),
    ...labels.actions,
    ...editing.actions,
    ...scans.actions,
    ...explore.actions,
    cancelOpen() {
      consent.decline();
      slots.card.stop();
    },
    loadFeature: features.load,
    prepareFeature(index) {
      features.prepare(index);
      scans.prepare(index);
    },
    loadLens: features.loadLens,
    verifyText,
    verifyCorpus,
    compareAgain: comparing.refresh,
    cancelCompare: () => slots.comparison.stop(),
    cancelVerify() {
      slots.verification.stop();
      slots.corpusVerification.stop();
      slots.selfCheck.stop();
    },
    runSelfCheck: () =>
      void slots.selfCheck.run((options) => client.call("selfCheck", [], options)),
    dismissNotice: (id) => notices.dismiss(id),
    permalink(patch = {}) {
      const { view, card, comparison } = getState();
      const other = comparison.stale ? null : (comparison.data?.sides[1].analysis.sae ?? null);
      const { model, sae } = card.data?.provenance ?? {};
      return address.href(
        writeFragment({
          ...view,
          ...patch,
          modelRevision: model?.revision ?? view.modelRevision,
          saeRevision: sae?.revision ?? view.saeRevision,
          otherRevision: other?.revision ?? view.otherRevision,
        }),
      );
    },
  };

  const agreeToReader = (sae: string): Promise<void> => editing.agreeTo(sae, {});
  return {
    getState,
    subscribe: zustand.subscribe,
    actions,
    ready,
    say,
    open: opening.forScript,
    agreeToReader,
  };
}

const needsRun = ({ data, stale, running }: Loadable<unknown>): boolean =>
  !running && (data === null || stale);

const message = (error: unknown): string =>
  error instanceof FacetError ? error.message : describe(error);
