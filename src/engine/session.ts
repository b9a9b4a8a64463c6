// What is open: one model, one SAE on one of its hooks, on one backend.

import type { Backend } from "../backend/backend.ts";
import type { WeightFormat } from "../lib/dtype.ts";
import type { Gemma } from "../model/forward.ts";
import type { Provenance } from "../lib/report.ts";
import type { Sae } from "../sae/sae.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ModelSource, SaeSource } from "./library.ts";
import { VERSION } from "./version.ts";

export interface OpenModel {
  readonly source: ModelSource;
  /** Of the matrices in the model's file. */
  readonly fileFormat: WeightFormat;
  readonly gemma: Gemma;
  /** null where the folder has no tokenizer.json: then only token ids can be run. */
  readonly tokenizer: Tokenizer | null;
}

export interface OpenSae {
  readonly source: SaeSource;
  readonly sae: Sae;
  /** log10 of the firing rate by sparsity.safetensors, [d_sae]. */
  readonly logDensity: Float32Array | null;
}

export interface Session {
  readonly backend: Backend;
  readonly model: OpenModel;
  readonly sae: OpenSae;
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
