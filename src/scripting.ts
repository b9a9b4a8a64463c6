// window.facet: the calls of the scripting interface, over the store and the worker. Reports are plain JSON.

import type { Edit } from "./lib/edits.ts";
import { FacetError } from "./lib/errors.ts";
import { isJsonObject, show } from "./lib/json.ts";
import { namedRepos } from "./lib/repoAddress.ts";
import type {
  Attribution,
  Generation,
  GenerationOptions,
  Intervention,
} from "./lib/interventions.ts";
import {
  type Analysis,
  BACKEND_NAMES,
  type Catalog,
  type FeatureReport,
  type Mask,
  type OpenRequest,
  PRECISIONS,
  type Provenance,
  type Text,
  type Verification,
} from "./lib/report.ts";
import type { FeatureScan, KeptScan, ScanRequest, ScanSummary } from "./lib/scan.ts";
import type { CreatedStore } from "./state/createStore.ts";
import type { CallOptions, WorkerClient } from "./worker/protocol.ts";

export interface Facet {
  readonly version: string;
  /** The view's model and SAE are open, or failed to open (then it rejects). */
  readonly ready: Promise<void>;
  catalog(): Promise<Catalog>;
  /** Opens a model and an SAE and moves the page's view to them. */
  open(request: OpenRequest): Promise<Provenance>;
  analyze(text: Text, options?: { mask?: Mask }): Promise<Analysis>;
  verify(text: Text, options?: { mask?: Mask }): Promise<Verification>;
  /** Over the first `documents` of the open corpus, or all of it. */
  verifyCorpus(options?: { documents?: number; mask?: Mask }): Promise<Verification>;
  feature(index: number): Promise<FeatureReport>;
  /**
   * What edits of features change in the model's predictions, beside the same edits along `controls` random directions
   * (20 where none is given; seeded). Next tokens are those of `position`, the last one where none is given. With
   * `downstream`, an SAE of the same model on the edited hook or behind it (named as in `open`), the report also has the
   * features that it gains and loses on each token.
   */
  intervene(text: Text, edits: readonly Edit[], options?: InterveneOptions): Promise<Intervention>;
  /**
   * The text continued, without edits and (where there are any) with them, from the same random numbers. Greedy unless
   * a temperature is given; 64 tokens and seed 1 where none are.
   */
  generate(text: Text, options?: Partial<GenerationOptions>): Promise<Generation>;
  /**
   * Which features of a position (the last where none is given) matter for a next token (`target`, an id; else the
   * text's own): what ablating each one changes, and what each writes into the token's logit directly.
   */
  attribute(text: Text, options?: { position?: number; target?: number }): Promise<Attribution>;
  /** resid_post of a layer, one row [d_model] a token. */
  residual(text: Text, layer: number): Promise<Float32Array[]>;
  /** Scans a corpus. Stopped by the signal, it keeps what there is, and the same request goes on from there. */
  scan(request?: ScanRequest, options?: CallOptions): Promise<ScanSummary>;
  /** The scans that are kept. What follows is told of the scan of that id, else of the one that fits what is open. */
  scans(): Promise<KeptScan[]>;
  scanSummary(id?: string): Promise<ScanSummary | null>;
  featureScan(index: number, id?: string): Promise<FeatureScan | null>;
  deleteScan(id: string): Promise<void>;
  permalink(): string;
}

export interface InterveneOptions {
  mask?: Mask;
  controls?: number;
  seed?: number;
  position?: number;
  downstream?: string;
}

const DEFAULT_MASK: Mask = "nonspecial";

/** @param from a stranger is whoever embeds the page: what it opens is a question to the reader first. */
export function createFacet(
  version: string,
  store: CreatedStore,
  client: WorkerClient,
  from: "script" | "stranger" = "script",
): Facet {
  return {
    version,
    ready: store.ready,
    catalog: () => client.call("catalog", []),
    open: async (request) => (await store.open(checkRequest(request), from)).provenance,
    analyze: async (text, { mask = DEFAULT_MASK } = {}) =>
      client.call("analyze", [checkText(text), { mask: checkMask(mask) }]),
    verify: async (text, { mask = DEFAULT_MASK } = {}) =>
      client.call("verify", [checkText(text), { mask: checkMask(mask) }]),
    verifyCorpus: async ({ documents, mask = DEFAULT_MASK } = {}) =>
      client.call("verifyCorpus", [
        documents === undefined
          ? { mask: checkMask(mask) }
          : { mask: checkMask(mask), documents: checkCount(documents) },
      ]),
    feature: (index) => client.call("feature", [index]),
    intervene: async (text, edits, options = {}) => {
      const { mask = DEFAULT_MASK, controls = 20, seed = 1, position = null } = options;
      const downstream = options.downstream === undefined ? null : checkSae(options.downstream);
      if (downstream !== null && from === "stranger") await store.agreeToReader(downstream);
      const how = { mask: checkMask(mask), controls, seed, position, downstream };
      return client.call("intervene", [checkText(text), edits, how]);
    },
    generate: async (text, options = {}) => {
      const { edits = [], maxTokens = 64, temperature = 0, topP = 1, seed = 1 } = options;
      const how = { edits, maxTokens, temperature, topP, seed };
      return client.call("generate", [checkText(text), how]);
    },
    attribute: async (text, { position = null, target = null } = {}) =>
      client.call("attribute", [checkText(text), { position, target }]),
    residual: async (text, layer) => client.call("residual", [checkText(text), layer]),
    scan: async (request = { corpus: { kind: "bundled" } }, options = {}) =>
      client.call("scan", [checkScan(request)], options),
    scans: () => client.call("scans", []),
    scanSummary: (id) => client.call("scanSummary", [id ?? null]),
    featureScan: (index, id) => client.call("featureScan", [index, id ?? null]),
    deleteScan: async (id) => void (await client.call("deleteScan", [id])),
    permalink: () => store.actions.permalink(),
  };
}

// Scripts are not type-checked: what they pass is looked at before it travels.

function checkRequest(request: OpenRequest): OpenRequest {
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

function checkScan(request: ScanRequest): ScanRequest {
  const corpus: unknown = isJsonObject(request) ? request.corpus : undefined;
  const kind = isJsonObject(corpus) ? corpus["kind"] : undefined;
  if (kind !== "bundled" && kind !== "files" && kind !== "dataset") {
    throw new FacetError(
      "Format",
      `Reading what to scan: its corpus is ${show(kind)}; give { corpus: { kind } } with "bundled", "files" or "dataset".`,
    );
  }
  if (request.documents !== undefined) checkCount(request.documents);
  return request;
}

function checkText(text: Text): Text {
  if (typeof text === "string") return text.toWellFormed();
  if (Array.isArray(text)) return text.map(Number);
  throw new FacetError("Format", "Reading a text: give a string, or an array of token ids.");
}

function checkMask(mask: Mask): Mask {
  if (mask === "all" || mask === "nonspecial") return mask;
  throw new FacetError(
    "Format",
    `Reading the mask ${JSON.stringify(mask)}: it is "all" or "nonspecial".`,
  );
}

function checkSae(name: string): string {
  if (typeof name === "string" && name !== "") return name;
  throw new FacetError(
    "Format",
    `Reading which SAE reads downstream: found ${show(name)}; give its key or "owner/name[@revision][/folder]".`,
  );
}

function checkCount(documents: number): number {
  if (Number.isSafeInteger(documents) && documents > 0) return documents;
  throw new FacetError(
    "Format",
    `Reading documents: found ${String(documents)}; give a whole number from 1.`,
  );
}
