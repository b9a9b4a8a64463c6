// Opens what the view asks for. One opening runs at a time, and the next waits until it has ended, however it was ended: so
// the page knows what is open in the worker, and where an opening fails the view goes back to that.

import { throwIfCancelled, toPlainError } from "../lib/errors.ts";
import { checkRequest } from "../jobs/checks.ts";
import type { OpenCard } from "../lib/openCard.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { OpenRequest } from "../lib/report.ts";
import type { WorkerClient } from "../worker/messages.ts";
import type { Consent } from "./consent.ts";
import type { Notices } from "./notices.ts";
import {
  asAsked,
  askedOf,
  type Asked,
  isDefault,
  otherRevision,
  requestOf,
  sameAsked,
} from "./requests.ts";
import { wasCancelled } from "./results.ts";
import type { State } from "./store.ts";
import { belongings, DEFAULT_VIEW, moved, type View } from "./view.ts";

interface Parts {
  readonly client: WorkerClient;
  readonly consent: Consent;
  readonly notices: Notices;
  readonly getState: () => State;
  readonly setState: (patch: Partial<State>) => void;
  readonly writeAddress: (how: "push" | "replace") => void;
  readonly withToken: (request: OpenRequest) => OpenRequest;
  /** It is on show. */
  readonly onOpened: () => void;
}

/** Who asks: what the reader's page asks for gives way to what it asks for next; a script's opening does not. */
type From = "page" | "script" | "stranger";

interface Attempt {
  view: View;
  readonly from: From;
  /** A script's own access token, which stands in no view. */
  readonly token: string | undefined;
  readonly controller: AbortController;
}

export interface Opening {
  /** Opens what the view of a fresh page asks for, or else what ships with it; rejects where it was the latter. */
  readonly first: () => Promise<void>;
  /** Opens what the view asks for, unless it is open. @param before the view before it changed. */
  readonly follow: (before: View) => void;
  /** Opens what was refused once more, or else what the view asks for. */
  readonly reopen: () => void;
  readonly cancel: () => void;
  /** Opens for a script; for a stranger's only once the reader has agreed, who may decline. */
  readonly forScript: (request: OpenRequest, from: "script" | "stranger") => Promise<OpenCard>;
}

export function createOpening(parts: Parts): Opening {
  const { client, consent, notices, getState, setState, writeAddress, withToken } = parts;
  /** What the worker has open, and how it was asked for. */
  let opened: { readonly asked: Asked; readonly card: OpenCard } | null = null;
  /** The view of what is open, as it was when another was asked for. */
  let base: View = DEFAULT_VIEW;
  let latest: Attempt | null = null;
  let chain: Promise<unknown> = Promise.resolve();
  /** The opening of what ships, in place of what could not be opened. */
  let instead: Promise<unknown> = Promise.resolve();

  function attempt(before: View, from: From, token?: string): Promise<OpenCard> {
    if (latest === null) base = before;
    else if (latest.from !== "script") latest.controller.abort();
    const controller = new AbortController();
    const mine: Attempt = { view: getState().view, from, token, controller };
    latest = mine;
    const data = opened?.card ?? null;
    setState({
      on: null,
      card: { data, stale: data !== null, running: true, progress: null, error: null },
    });
    const result = chain.then(() => run(mine));
    chain = result.catch(() => undefined);
    return result;
  }

  async function run(mine: Attempt): Promise<OpenCard> {
    try {
      const card = await openFor(mine);
      opened = { asked: askedOf(mine.view), card };
      // Where another is asked for by now, and fails, the view goes back to this one.
      base = mine.view;
      if (latest === mine) succeeded(card);
      return card;
    } catch (error) {
      if (latest === mine) failed(mine, error);
      throw error;
    }
  }

  async function openFor(mine: Attempt): Promise<OpenCard> {
    const { signal } = mine.controller;
    throwIfCancelled(signal, "waiting to open a model");
    const options: JobOptions = {
      signal,
      onProgress(progress) {
        if (latest === mine) setState({ card: { ...getState().card, progress } });
      },
    };
    if (mine.from !== "script") {
      const precision = await consent.toOpen(mine.view, requestFor(mine), options);
      if (precision !== mine.view.precision) {
        mine.view = { ...mine.view, precision };
        if (latest === mine) setState({ view: { ...getState().view, precision } });
      }
    }
    const card = await client.call("open", [requestFor(mine)], options);
    // By the names that the view has for them: a link's names come with the commits that it was made at.
    return { ...card, modelKey: mine.view.model, saeKey: mine.view.sae };
  }

  const requestFor = ({ view, token }: Attempt): OpenRequest =>
    withToken({ ...requestOf(view), ...(token !== undefined && { token }) });

  function succeeded(card: OpenCard): void {
    latest = null;
    const { view } = getState();
    notices.clear("open");
    for (const text of card.notices) notices.add("open", "info", text);
    const { model, sae } = card.provenance;
    if (otherRevision(view.modelRevision, model.revision)) warnOfVersion("model");
    if (otherRevision(view.saeRevision, sae.revision)) warnOfVersion("SAE");
    rest(card);
    writeAddress("replace");
    parts.onOpened();
  }

  const warnOfVersion = (what: string): void =>
    notices.add(
      "link",
      "warning",
      `The link was made with another version of the ${what}; its numbers may differ.`,
    );

  /** Nothing is on its way: this is open. */
  function rest(data: OpenCard | null): void {
    setState({
      on: data && JSON.stringify(data.provenance),
      card: { data, stale: false, running: false, progress: null, error: null },
    });
  }

  /** What was open before is open still, so the view goes back to it, with what is of its features. */
  function failed({ view: asked }: Attempt, error: unknown): void {
    latest = null;
    if (!wasCancelled(error)) {
      setState({ refused: { asked: askedOf(asked), error: toPlainError(error) } });
    }
    if (opened) {
      const { view } = getState();
      setState({ view: { ...view, ...askedOf(base), ...belongings(base) } });
      writeAddress("replace");
    }
    rest(opened?.card ?? null);
    if (!opened && !isDefault(askedOf(getState().view))) openBundled();
  }

  /** What is asked for cannot be opened, or the reader does not want to, and nothing is open: what ships opens instead. */
  function openBundled(): void {
    notices.add("link", "info", "The bundled model was opened instead.");
    setState({
      view: { ...getState().view, ...askedOf(DEFAULT_VIEW), ...belongings(DEFAULT_VIEW) },
    });
    instead = attempt(DEFAULT_VIEW, "page").catch(() => undefined);
  }

  /** A view that names the commits that are open asks for what is open. */
  function isOpen(view: View): boolean {
    if (!opened) return false;
    const { asked, card } = opened;
    const { model, sae } = card.provenance;
    const at = (named: string | null, as: string | null, found: string): string | null =>
      named === found ? as : named;
    return sameAsked(asked, {
      ...askedOf(view),
      modelRevision: at(view.modelRevision, asked.modelRevision, model.revision),
      saeRevision: at(view.saeRevision, asked.saeRevision, sae.revision),
    });
  }

  /** For whoever does not wait: what became of it is on show. */
  const unattended = (before: View): void => void attempt(before, "page").catch(() => undefined);

  return {
    follow(before) {
      if (latest === null && isOpen(getState().view)) return;
      setState({ refused: null });
      unattended(before);
    },
    reopen() {
      const { view, refused } = getState();
      if (refused) {
        setState({ view: { ...moved(view, refused.asked).view, ...refused.asked } });
        writeAddress("push");
      }
      setState({ refused: null });
      unattended(view);
    },
    cancel() {
      latest?.controller.abort();
    },
    async first() {
      try {
        await attempt(DEFAULT_VIEW, "page");
      } catch (error) {
        await instead;
        throw error;
      }
    },
    async forScript(request, from) {
      const before = getState().view;
      const asked = asAsked(checkRequest(request));
      setState({ view: { ...moved(before, asked).view, ...asked }, refused: null });
      const card = await attempt(before, from, request.token);
      writeAddress("push");
      return card;
    },
  };
}
