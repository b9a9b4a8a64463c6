// The calls of window.facet for a page that embeds Facet in an iframe, as messages. Only the page around this one is
// answered, and only in the embed view, which says so to its reader. Whatever it sends is looked at before it is used.

import { FacetError, toPlainError, type PlainError } from "./lib/errors.ts";
import { isJsonObject, show } from "./lib/json.ts";
import { type Facet, scripted } from "./scripting.ts";
import type { AppStore } from "./state/actions.ts";

/** Version of the protocol: the `facet` of every message. */
const PROTOCOL = 1;

/** What of window.facet can be called: jobs for embedders (jobs/calls.ts), and what the page itself does. */
export type EmbedMethod = "ready" | "open" | "permalink" | ReturnType<typeof scripted>[number];

const METHODS: readonly string[] = ["ready", "open", "permalink", ...scripted("embed")];

/** No call has more arguments. */
const MOST_ARGUMENTS = 3;

/** From the embedding page. `id` is any number or short string of its choice, and comes back with the answer. */
export interface EmbedCall {
  readonly facet: typeof PROTOCOL;
  readonly id: number | string;
  readonly call: EmbedMethod;
  readonly args?: readonly unknown[];
}

/** To the embedding page: once when calls can be made, then an answer to each call. */
export type EmbedMessage =
  | { readonly facet: typeof PROTOCOL; readonly event: "loaded"; readonly version: string }
  | {
      readonly facet: typeof PROTOCOL;
      readonly id: number | string | null;
      readonly result: unknown;
    }
  | {
      readonly facet: typeof PROTOCOL;
      readonly id: number | string | null;
      readonly error: PlainError;
    };

/** The part of `Window` that is used. */
export interface EmbeddedWindow {
  readonly parent: { postMessage(message: EmbedMessage, targetOrigin: string): void };
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

export function answerEmbedder(
  window: EmbeddedWindow,
  facet: Facet,
  store: Pick<AppStore, "getState">,
): void {
  const { parent } = window;
  window.addEventListener("message", ({ data, source, origin }) => {
    // Messages of other windows, and those of other protocols (extensions, developer tools), are not for this page.
    if (source !== parent || !isJsonObject(data) || !("facet" in data)) return;
    // A page without an origin (a file, a sandboxed frame) can only be answered as "whoever is the parent".
    const to = origin === "null" ? "*" : origin;
    const id = readId(data["id"]);
    answer(facet, store, data).then(
      (result) => parent.postMessage({ facet: PROTOCOL, id, result }, to),
      (error: unknown) =>
        parent.postMessage({ facet: PROTOCOL, id, error: toPlainError(error) }, to),
    );
  });
  // Holds nothing that only some may know.
  parent.postMessage({ facet: PROTOCOL, event: "loaded", version: facet.version }, "*");
}

async function answer(
  facet: Facet,
  store: Pick<AppStore, "getState">,
  data: { readonly [key: string]: unknown },
): Promise<unknown> {
  if (!store.getState().view.embed) {
    throw refusal("this page is not in the embed view", "load it with embed=1 in its fragment");
  }
  if (data["facet"] !== PROTOCOL) {
    throw refusal(`its facet is ${show(data["facet"])}`, `this version speaks ${PROTOCOL}`);
  }
  if (readId(data["id"]) === null) {
    throw refusal(
      `its id is ${show(data["id"])}`,
      "give a number, or a string of 1 to 100 characters",
    );
  }
  const { call, args = [] } = data;
  const known = METHODS.join(", ");
  if (!isMethod(call)) throw refusal(`its call is ${show(call)}`, `it is one of ${known}`);
  if (!Array.isArray(args) || args.length > MOST_ARGUMENTS || args.includes(null)) {
    throw refusal(`its args are ${show(args)}`, `give a list of what window.facet.${call} takes`);
  }
  if (call === "ready") {
    await facet.ready;
    return null;
  }
  // Each call looks at its own arguments: scripts are not type-checked either.
  const calls = facet as unknown as Record<EmbedMethod, (...given: unknown[]) => unknown>;
  return Reflect.apply(calls[call], calls, args);
}

const isMethod = (call: unknown): call is EmbedMethod =>
  typeof call === "string" && METHODS.includes(call);

const readId = (id: unknown): number | string | null =>
  (typeof id === "number" && Number.isFinite(id)) ||
  (typeof id === "string" && id.length > 0 && id.length <= 100)
    ? id
    : null;

const refusal = (found: string, todo: string): FacetError =>
  new FacetError("Format", `Reading a message to the embedded page: ${found}; ${todo}.`);
