// Opening what the view asks for: with the reader's consent and token, and back to what was open where it fails.

import { FacetError, toPlainError } from "../lib/errors.ts";
import type { OpenCard } from "../lib/openCard.ts";
import type { OpenRequest } from "../lib/report.ts";
import type { CallOptions, WorkerClient } from "../worker/protocol.ts";
import { type Consent, needsConsent } from "./consent.ts";
import type { Outcome, Slot } from "./loadable.ts";
import { type Memory, PUBLIC_HUB } from "./memory.ts";
import type { Notices } from "./notices.ts";
import { type Asked, askedOf, OPENING, otherRevision, requestOf, viewOf } from "./requests.ts";
import type { State } from "./store.ts";
import { DEFAULT_VIEW } from "./view.ts";

interface Parts {
  readonly client: WorkerClient;
  readonly memory: Memory;
  readonly consent: Consent;
  readonly notices: Notices;
  readonly slot: Slot<OpenCard>;
  readonly getState: () => State;
  readonly setState: (patch: Partial<Pick<State, "view" | "card" | "refused">>) => void;
  readonly writeAddress: (how: "push" | "replace") => void;
  /** Something else is open, and not yet on show: what rests on the one before is out of date. */
  readonly onReplaced: () => void;
  /** It is on show. */
  readonly onOpened: () => void;
  /** What was open is on show again. */
  readonly onKept: () => void;
}

export interface Opening {
  /** Opens what the view of a fresh page asks for, or else what ships with it; rejects where it was the latter. */
  readonly first: () => Promise<void>;
  /** Opens what the view asks for. */
  readonly openView: () => Promise<Outcome<OpenCard>>;
  /** The same for a reader who asks for it; an earlier failure is past. */
  readonly anew: () => void;
  /** Opens what was refused once more, or else what the view asks for. */
  readonly reopen: () => void;
  /**
   * Opens for a script, which is never cancelled by what happens on the page; for a stranger's only once the reader has
   * agreed, who may decline.
   */
  readonly forScript: (asked: OpenRequest, from?: "script" | "stranger") => Promise<OpenCard>;
  /** With the token that the reader entered for the request's hub. */
  readonly withToken: (asked: OpenRequest) => OpenRequest;
}

export function createOpening(parts: Parts): Opening {
  const { client, memory, consent, notices, slot, getState, setState, writeAddress } = parts;
  /** What the view asked for when the open model and SAE were opened. */
  let openedAs: Asked | null = null;

  function withToken(asked: OpenRequest): OpenRequest {
    const token = asked.token ?? memory.token(asked.endpoint ?? PUBLIC_HUB);
    return token === null ? asked : { ...asked, token };
  }

  async function openView(): Promise<Outcome<OpenCard>> {
    const { view } = getState();
    const outcome = await slot.run(async (options) => {
      const asked = withToken(requestOf(view));
      if (!needsConsent(view)) return client.call("open", [asked], options);
      const precision = await consent.ask(view, asked, options);
      if (precision !== view.precision) {
        setState({ view: { ...getState().view, precision } });
        writeAddress("replace");
      }
      return client.call("open", [withToken(requestOf({ ...view, precision }))], options);
    }, parts.onReplaced);
    if (outcome.kind === "done") opened(outcome.data);
    if (outcome.kind === "failed") failed(outcome.error);
    return outcome;
  }

  function opened(card: OpenCard): void {
    const { view } = getState();
    openedAs = askedOf(view);
    notices.clear("open");
    for (const text of card.notices) notices.add("open", "info", text);
    const { model, sae } = card.provenance;
    if (otherRevision(view.modelRevision, model.revision)) warnOfVersion("model");
    if (otherRevision(view.saeRevision, sae.revision)) warnOfVersion("SAE");
    parts.onOpened();
  }

  const warnOfVersion = (what: string): void =>
    notices.add(
      "link",
      "warning",
      `The link was made with another version of the ${what}; its numbers may differ.`,
    );

  /** What was open before stays open, so the view goes back to it. */
  function failed(error: unknown): void {
    const { card, view } = getState();
    if (!wasCancelled(error)) {
      setState({ refused: { asked: askedOf(view), error: toPlainError(error) } });
    }
    if (openedAs === null) return;
    setState({ view: { ...view, ...openedAs }, card: { ...card, stale: false, error: null } });
    writeAddress("replace");
    parts.onKept();
  }

  function anew(): void {
    setState({ refused: null });
    void openView();
  }

  return {
    withToken,
    openView,
    anew,
    reopen() {
      const { view, refused } = getState();
      setState({ view: { ...view, ...refused?.asked } });
      writeAddress("push");
      anew();
    },
    async first() {
      const outcome = await openView();
      if (outcome.kind !== "failed") return;
      const { view } = getState();
      if (OPENING.some((field) => view[field] !== DEFAULT_VIEW[field])) {
        // The link asks for what cannot be opened, or its reader does not want to: open what can be.
        notices.add("link", "info", "The bundled model was opened instead.");
        setState({ view: { ...view, ...askedOf(DEFAULT_VIEW), feature: null } });
        await openView();
      }
      throw outcome.error;
    },
    async forScript(asked, from = "script") {
      const view = viewOf(asked, getState().view);
      let opening: Promise<OpenCard> | undefined;
      const shown = slot.run(async (options: CallOptions) => {
        if (from === "stranger" && needsConsent(view)) {
          const precision = await consent.ask(view, asked, options);
          const agreed = precision === null ? asked : { ...asked, precision };
          opening = client.call("open", [agreed], options);
          return opening;
        }
        const { onProgress } = options;
        opening = client.call("open", [withToken(asked)], onProgress ? { onProgress } : {});
        return opening;
      }, parts.onReplaced);
      setState({ view });
      const outcome = await shown;
      if (outcome.kind === "done") {
        writeAddress("push");
        opened(outcome.data);
        return outcome.data;
      }
      if (outcome.kind === "failed") {
        failed(outcome.error);
        throw outcome.error;
      }
      if (!opening) throw new FacetError("Cancelled", "Stopped before opening began.");
      return opening;
    },
  };
}

const wasCancelled = (error: unknown): boolean =>
  error instanceof FacetError && error.code === "Cancelled";
