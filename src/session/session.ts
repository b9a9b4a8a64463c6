// What is open: one model, one SAE on one of its hooks, on one backend.

import type { Backend } from "../backend/backend.ts";
import type { WeightFormat } from "../lib/dtype.ts";
import type { Gemma } from "../model/forward.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { OpenRequest, Provenance } from "../lib/report.ts";
import type { SaeRun } from "../lib/saeRun.ts";
import type { Sae } from "../sae/sae.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ModelSource, SaeSource } from "./library/library.ts";
import { VERSION } from "./version.ts";

export interface OpenModel {
  readonly source: ModelSource;
  /** Of the matrices in the model's file. */
  readonly fileFormat: WeightFormat;
  readonly gemma: Gemma;
  /** null where the folder has no tokenizer.json: then only token ids can be run. */
  readonly tokenizer: Tokenizer | null;
  /** For the reader: what its files say that is not as it should be. */
  readonly notices: readonly string[];
}

export interface OpenSae {
  readonly source: SaeSource;
  readonly sae: Sae;
  /** log10 of the firing rate by sparsity.safetensors, [d_sae]. */
  readonly logDensity: Float32Array | null;
  /** For the reader, as the model's. */
  readonly notices: readonly string[];
}

export interface Session {
  readonly backend: Backend;
  readonly model: OpenModel;
  readonly sae: OpenSae;
}

/** What a job is given: what is open, as it was asked for, and a way to open another SAE beside it. */
export interface Opened {
  readonly session: Session;
  readonly request: OpenRequest;
  readonly beside: (request: OpenRequest, options: JobOptions) => Promise<BesideSession>;
}

/** A second session beside the open one. */
export interface BesideSession {
  readonly session: Session;
  /** Device bytes that it takes beside the first. */
  readonly bytes: number;
}

/** What a call names where it is of this session alone: two of the same compute the same. */
export const identity = (session: Session): string => JSON.stringify(provenance(session));

/** What provenance does not say of how the SAE is run. */
export function saeRun({ sae }: Session): SaeRun {
  const { config } = sae.sae;
  const named = config.raw["architecture"];
  const scaled = config.normalizeActivations === "expected_average_only_in";
  return {
    namedArchitecture: typeof named === "string" ? named : null,
    normalization: config.normalizeActivations,
    normScalingFactor: scaled ? sae.source.normScalingFactor : null,
    rescaleActsByDecoderNorm: config.rescaleActsByDecoderNorm,
    scalesFeatures: config.finetuningScalingFactor,
    prependBos: config.prependBos,
  };
}

/** Texts and contexts begin with BOS: where the SAE's prepend_bos says so and the tokenizer has one to put there. */
export function beginsWithBos({ model, sae }: Pick<Session, "model" | "sae">): boolean {
  return sae.sae.config.prependBos && (model.tokenizer?.bosId ?? null) !== null;
}

export function provenance(session: Session): Provenance {
  const { backend, model, sae } = session;
  const { config } = sae.sae;
  return {
    facet: VERSION,
    model: {
      source: model.source.source,
      revision: model.source.tree.revision,
      precision: model.gemma.weights.format,
      activation: model.gemma.activation,
    },
    sae: {
      source: sae.source.source,
      revision: sae.source.tree.revision,
      folder: sae.source.folder,
      hook: config.hook,
      dIn: config.dIn,
      dSae: config.dSae,
      architecture: config.architecture,
      prependBos: beginsWithBos(session),
    },
    backend: { name: backend.name, adapter: backend.adapter },
  };
}
