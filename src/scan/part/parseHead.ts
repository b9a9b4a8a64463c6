// The JSON of a part's metadata, field by field: types, ranges, and that its arrays fit into a browser's memory.

import { FacetError } from "../../lib/errors.ts";
import { isJsonObject, type JsonObject, parseJsonObject, show } from "../../lib/json.ts";
import {
  type Architecture,
  BACKEND_NAMES,
  type GeluKind,
  type Precision,
  type Provenance,
} from "../../lib/report.ts";
import { SCAN_VERSION, type ScanPlan, STRATA } from "../settings.ts";
import type { DocumentRange, SourceRead } from "../sources.ts";
import type { StateHead } from "../stored.ts";

interface AboutAll {
  readonly corpus: string;
  readonly provenance: Provenance;
  readonly head: StateHead;
  readonly l0: readonly number[];
  readonly tokensAt: readonly number[];
  readonly l0At: readonly number[];
  readonly squaredErrorAt: readonly number[];
  readonly sums: readonly number[];
}

const MAX_COUNT = Number.MAX_SAFE_INTEGER;
/** Of all that is kept of all features. */
const MAX_STATE_BYTES = 1024 ** 3;
const PRECISIONS: readonly Precision[] = ["f32", "bf16", "f16", "int8", "int4"];
const GELUS: readonly GeluKind[] = ["tanh", "erf"];
const ARCHITECTURES: readonly Architecture[] = ["standard", "gated", "jumprelu", "topk"];

export function parseAboutAll(json: string, name: string): AboutAll {
  const root = new Fields(parseJsonObject(new TextEncoder().encode(json), name), name);
  const head = root.object("head");
  return {
    corpus: root.text("corpus"),
    provenance: parseProvenance(root.object("provenance")),
    head: {
      plan: parsePlan(head.object("plan"), name),
      sources: parseSources(head.list("sources"), name),
      tokens: head.whole("tokens", 0, MAX_COUNT),
      contexts: head.whole("contexts", 0, MAX_COUNT),
      finished: head.value("finished") === true,
    },
    l0: root.numbers("l0"),
    tokensAt: root.numbers("tokensAt"),
    l0At: root.numbers("l0At"),
    squaredErrorAt: root.numbers("squaredErrorAt"),
    sums: root.numbers("sums", -Number.MAX_VALUE),
  };
}

function parsePlan(fields: Fields, name: string): ScanPlan {
  const version = fields.whole("version", 0, MAX_COUNT);
  if (version !== SCAN_VERSION) {
    throw new FacetError(
      "Unsupported",
      `Reading the scan ${name}: it is of version ${version}, Facet reads ${SCAN_VERSION}. Scan again.`,
    );
  }
  const subject = fields.object("subject");
  const [model, sae] = [subject.object("model"), subject.object("sae")];
  const settings = fields.object("settings");
  const plan = {
    version,
    subject: {
      model: {
        source: model.text("source"),
        revision: model.text("revision"),
        precision: model.oneOf("precision", PRECISIONS),
        activation: model.oneOf("activation", GELUS),
      },
      sae: {
        source: sae.text("source"),
        revision: sae.text("revision"),
        folder: sae.text("folder"),
        hook: sae.text("hook"),
        dSae: sae.whole("dSae", 1, 1 << 24),
      },
      contextSize: subject.whole("contextSize", 2, 1 << 20),
      ...(subject.value("bos") === 0 && { bos: 0 as const }),
    },
    settings: {
      seed: settings.whole("seed", 0, 2 ** 32 - 1),
      top: settings.whole("top", 0, 255),
      perStratum: settings.whole("perStratum", 0, 255),
      sample: settings.whole("sample", 0, 255),
      window: settings.whole("window", 1, 255),
      sketch: settings.whole("sketch", 0, 65_535),
      sums: settings.whole("sums", 0, 1 << 20),
    },
  };
  const { top, perStratum, sample, window, sketch } = plan.settings;
  const slots = top + STRATA * perStratum + sample;
  const bytes = plan.subject.sae.dSae * (slots * (8 * window + 20) + 4 * sketch + 512);
  if (bytes > MAX_STATE_BYTES) {
    throw new FacetError(
      "Unsupported",
      `Reading the scan ${name}: it would take ${bytes} bytes of memory, more than ${MAX_STATE_BYTES}. Make one that keeps fewer examples.`,
    );
  }
  return plan;
}

function parseSources(list: readonly unknown[], name: string): SourceRead[] {
  return list.map((entry) => {
    const source = new Fields(isJsonObject(entry) ? entry : {}, name);
    const ranges = source.list("ranges").map((range): DocumentRange => {
      const bounds: readonly unknown[] = Array.isArray(range) ? range : [];
      const [first, end] = bounds;
      if (isWhole(first, 0, MAX_COUNT) && isWhole(end, first + 1, MAX_COUNT)) return [first, end];
      throw source.malformed("ranges", range);
    });
    const withoutText =
      source.value("withoutText") === undefined ? 0 : source.whole("withoutText", 0, MAX_COUNT);
    return { name: source.text("name"), ranges, ...(withoutText > 0 && { withoutText }) };
  });
}

function parseProvenance(fields: Fields): Provenance {
  const [model, sae, backend] = [
    fields.object("model"),
    fields.object("sae"),
    fields.object("backend"),
  ];
  return {
    facet: fields.text("facet"),
    model: {
      source: model.text("source"),
      revision: model.text("revision"),
      precision: model.oneOf("precision", PRECISIONS),
      activation: model.oneOf("activation", GELUS),
    },
    sae: {
      source: sae.text("source"),
      revision: sae.text("revision"),
      folder: sae.text("folder"),
      hook: sae.text("hook"),
      dIn: sae.whole("dIn", 1, 1 << 20),
      dSae: sae.whole("dSae", 1, 1 << 24),
      architecture: sae.oneOf("architecture", ARCHITECTURES),
      // Scans made before it was stated began with BOS.
      prependBos: sae.value("prependBos") !== false,
    },
    backend: {
      name: backend.oneOf("name", BACKEND_NAMES),
      ...(backend.value("adapter") !== undefined && { adapter: backend.text("adapter") }),
    },
  };
}

const isWhole = (value: unknown, least: number, most: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

/** An object whose fields are what they should be, or an error names the field. */
class Fields {
  readonly #object: JsonObject;
  readonly #name: string;

  constructor(object: JsonObject, name: string) {
    this.#object = object;
    this.#name = name;
  }

  value(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
  }

  object(key: string): Fields {
    const value = this.value(key);
    if (isJsonObject(value)) return new Fields(value, this.#name);
    throw this.malformed(key, value);
  }

  list(key: string): readonly unknown[] {
    const value = this.value(key);
    if (Array.isArray(value)) return value;
    throw this.malformed(key, value);
  }

  numbers(key: string, least = 0): number[] {
    return this.list(key).map((value) => {
      if (typeof value === "number" && value >= least) return value;
      throw this.malformed(key, value);
    });
  }

  text(key: string): string {
    const value = this.value(key);
    if (typeof value === "string" && value.length <= 1000) return value;
    throw this.malformed(key, value);
  }

  whole(key: string, least: number, most: number): number {
    const value = this.value(key);
    if (isWhole(value, least, most)) return value;
    throw this.malformed(key, value);
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T {
    const value = this.value(key);
    const found = values.find((one) => one === value);
    if (found !== undefined) return found;
    throw this.malformed(key, value);
  }

  malformed(key: string, value: unknown): FacetError {
    return new FacetError(
      "Format",
      `Reading the scan ${this.#name}: ${key} is ${show(value)}, which no scan has. It is damaged; get it again.`,
    );
  }
}
