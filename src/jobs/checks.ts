// What callers pass, looked at before it is used: scripts and pages around this one are not type-checked.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject, show } from "../lib/json.ts";
import { namedRepos } from "../lib/repoAddress.ts";
import {
  BACKEND_NAMES,
  type Mask,
  type OpenRequest,
  PRECISIONS,
  type Text,
} from "../lib/report.ts";
import type { ScanRequest } from "../lib/scan.ts";

export interface MaskChoice {
  readonly mask?: Mask;
}

/** "nonspecial" where none is given. */
export function checkMask({ mask = "nonspecial" }: MaskChoice = {}): Mask {
  if (mask === "all" || mask === "nonspecial") return mask;
  throw new FacetError("Format", `Reading the mask ${show(mask)}: it is "all" or "nonspecial".`);
}

export function checkText(text: Text): Text {
  if (typeof text === "string") return text.toWellFormed();
  if (Array.isArray(text)) return text.map(Number);
  throw new FacetError("Format", "Reading a text: give a string, or an array of token ids.");
}

export function checkRequest(request: OpenRequest): OpenRequest {
  const words = 'give { model, sae } and, where wanted, activation: "tanh" or "erf", precision: ';
  const wrong = (what: string): FacetError =>
    new FacetError(
      "Format",
      `Reading what to open: ${what}; ${words}${PRECISIONS.join(", ")}, endpoint, token, backend: ${BACKEND_NAMES.join(", ")}.`,
    );
  if (!isJsonObject(request)) throw wrong(`found ${show(request)}`);
  const choices: Record<string, readonly string[]> = {
    activation: ["tanh", "erf"],
    precision: PRECISIONS,
    backend: BACKEND_NAMES,
  };
  const { model, sae, activation, precision, endpoint, token, backend } = request;
  const given = { model, sae, activation, precision, endpoint, token, backend };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined && name !== "model" && name !== "sae") continue;
    if (typeof value !== "string" || !(choices[name]?.includes(value) ?? true)) {
      throw wrong(`${name} is ${show(value)}`);
    }
  }
  // A repo may be given by the address of its page.
  const { endpoint: hub, ...repos } = namedRepos({ model, sae, endpoint: endpoint ?? null });
  return { ...request, ...repos, ...(hub !== null && { endpoint: hub }) };
}

export function checkScan(request: ScanRequest): ScanRequest {
  const corpus: unknown = isJsonObject(request) ? request.corpus : undefined;
  const kind = isJsonObject(corpus) ? corpus["kind"] : undefined;
  if (kind !== "bundled" && kind !== "files" && kind !== "dataset") {
    throw new FacetError(
      "Format",
      `Reading what to scan: its corpus is ${show(kind)}; give { corpus: { kind } } with "bundled", "files" or "dataset".`,
    );
  }
  if (request.documents !== undefined) checkDocuments(request.documents);
  return request;
}

export function checkSaeName(name: string): string {
  if (typeof name === "string" && name !== "") return name;
  throw new FacetError(
    "Format",
    `Reading which SAE reads downstream: found ${show(name)}; give its key or "owner/name[@revision][/folder]".`,
  );
}

export function checkDocuments(documents: number): number {
  if (Number.isSafeInteger(documents) && documents > 0) return documents;
  throw new FacetError(
    "Format",
    `Reading documents: found ${String(documents)}; give a whole number from 1.`,
  );
}
