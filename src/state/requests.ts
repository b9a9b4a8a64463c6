// Between the view and what the worker is asked to open.

import type { OpenRequest } from "../lib/report.ts";
import { DEFAULT_VIEW, type View } from "./view.ts";

/** Fields of the view that decide what is open. */
const OPENING = ["model", "sae", "endpoint", "precision", "backend", "activation"] as const;
const REVISIONS = ["modelRevision", "saeRevision"] as const;

/** What a view asks to be open. */
export type Asked = Pick<View, (typeof OPENING)[number] | (typeof REVISIONS)[number]>;

export function askedOf(view: View): Asked {
  const { model, sae, modelRevision, saeRevision } = view;
  const { endpoint, precision, backend, activation } = view;
  return { model, sae, modelRevision, saeRevision, endpoint, precision, backend, activation };
}

export const sameAsked = (a: Asked, b: Asked): boolean =>
  [...OPENING, ...REVISIONS].every((field) => a[field] === b[field]);

/** What ships with the page, on its own choice of a backend. */
export const isDefault = (asked: Asked): boolean => sameAsked(asked, askedOf(DEFAULT_VIEW));

export function requestOf(view: View): OpenRequest {
  const { activation, endpoint, precision, backend } = view;
  return {
    model: at(view.model, view.modelRevision),
    sae: at(view.sae, view.saeRevision),
    activation,
    ...(endpoint !== null && { endpoint }),
    ...(precision !== null && { precision }),
    ...(backend !== null && { backend }),
  };
}

/** A repo or a key of the catalogue at the commit that a link names. */
function at(name: string, revision: string | null): string {
  // A folder's name may hold an @ too.
  const hasRevision = /^[^/]*(\/[^/]*)?@/.test(name);
  if (revision === null || hasRevision || name.startsWith("local/")) return name;
  const [owner, repo, ...folder] = name.split("/");
  return repo === undefined
    ? `${name}@${revision}`
    : [owner, `${repo}@${revision}`, ...folder].join("/");
}

/** The view's fields that a script's request asks for: what it leaves out is as on a plain visit. */
export function asAsked(request: OpenRequest): Asked {
  return {
    model: request.model,
    sae: request.sae,
    activation: request.activation ?? DEFAULT_VIEW.activation,
    precision: request.precision ?? null,
    endpoint: request.endpoint ?? null,
    backend: request.backend ?? null,
    modelRevision: null,
    saeRevision: null,
  };
}

export const otherRevision = (asked: string | null, found: string): boolean =>
  asked !== null && asked !== found;
