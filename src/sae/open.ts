// From an SAE's folder to an Sae on a backend: which tensors, which nonlinearity, which normalisation.

import type { Backend, RowNormalization } from "../backend/backend.ts";
import { load, type Wanted } from "../formats/load.ts";
import type { SaeConfig } from "../formats/saeConfig.ts";
import { saeTensorShapes } from "../formats/saeTensors.ts";
import type { TensorSet } from "../formats/shards.ts";
import { defined } from "../lib/defined.ts";
import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import { type EncoderAffine, packAffine, type SaeVectors } from "./affine.ts";
import { gated } from "./architectures/gated.ts";
import { jumprelu } from "./architectures/jumprelu.ts";
import { standard } from "./architectures/standard.ts";
import { topk } from "./architectures/topk.ts";
import { inverseNorm, withRowNorms } from "./decoderNorms.ts";
import { Sae } from "./sae.ts";

/**
 * @param normScalingFactor s of expected_average_only_in, from a table; without it the SAE runs unscaled.
 */
export async function openSae(
  backend: Backend,
  config: SaeConfig,
  tensors: TensorSet,
  normScalingFactor: number | null,
  options: JobOptions,
): Promise<Sae> {
  const { dIn, dSae } = config;
  const shapes = new Map(saeTensorShapes(config));
  if (tensors.has("scaling_factor")) shapes.set("scaling_factor", [dSae]);
  const vectorNames = [...shapes.keys()].filter((name) => name !== "W_enc" && name !== "W_dec");

  let norms: Float64Array = new Float64Array(dSae);
  const { matrices, vectors } = await load(
    tensors,
    {
      matrices: {
        W_enc: { name: "W_enc", shape: [dIn, dSae] },
        W_dec: { name: "W_dec", shape: [dSae, dIn] },
      },
      vectors: Object.fromEntries(
        vectorNames.map((name): [string, Wanted] => [
          name,
          { name, shape: shapes.get(name) ?? [] },
        ]),
      ),
    },
    (spec, key) => {
      const writer = backend.weight(spec);
      return key === "W_enc" ? writer : withRowNorms(writer, spec, (rows) => (norms = rows));
    },
    options,
  );

  const vector = (name: string): Float32Array => {
    const values = vectors[name];
    if (!values) throw new FacetError("Format", `Opening an SAE: its file has no ${name}.`);
    return values;
  };
  try {
    const normalization = normalizationOf(config, normScalingFactor);
    // The decoder that is used is W_dec/s where an s is folded, and so are the norms that activations carry.
    const s = normalization.kind === "scale" ? normalization.factor : 1;
    const decoderNorms = norms.map((norm) => norm / s);
    const scaling = featureScaling(config, vectors["scaling_factor"] ?? null, decoderNorms);
    const affine = packAffine(affineOf(config, vector, decoderNorms));
    if (scaling) assertWithinF32("factor before W_dec", scaling, dSae);
    assertWithinF32("pre-activation's scale or bias", affine, dSae);
    return new Sae({
      backend,
      config,
      encoder: { W_enc: matrices.W_enc, affine: backend.tensor(affine, 4, dSae), k: config.k },
      decoder: {
        W_dec: matrices.W_dec,
        b_dec: backend.tensor(vector("b_dec"), 1, dIn),
        featureScale: scaling && backend.tensor(scaling, 1, dSae),
      },
      normalization,
      rowNorms: norms,
    });
  } catch (error) {
    matrices.W_enc.dispose();
    matrices.W_dec.dispose();
    throw error;
  }
}

function affineOf(
  config: SaeConfig,
  vector: (name: string) => Float32Array,
  norms: Float64Array,
): EncoderAffine {
  const pick = <N extends string>(...names: N[]): SaeVectors<N> =>
    Object.fromEntries(names.map((name) => [name, vector(name)])) as SaeVectors<N>;
  switch (config.architecture) {
    case "standard":
      return standard(pick("b_enc"));
    case "jumprelu":
      return jumprelu(pick("b_enc", "threshold"));
    case "gated":
      return gated(pick("b_gate", "b_mag", "r_mag"));
    case "topk":
      return topk(pick("b_enc"), config.rescaleActsByDecoderNorm ? norms : null);
  }
}

/** The file's values are finite; e^{r_mag}, and what a decoder norm multiplies or divides, may not be. */
function assertWithinF32(what: string, values: Float32Array, dSae: number): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index === -1) return;
  throw new FacetError(
    "Unsupported",
    `Opening an SAE: the ${what} of feature ${index % dSae} is beyond what 32-bit floats hold. Its weights are too large, or a decoder row too small, to run here.`,
  );
}

function normalizationOf(config: SaeConfig, factor: number | null): RowNormalization {
  if (config.normalizeActivations !== "expected_average_only_in") {
    return { kind: config.normalizeActivations };
  }
  return factor === null ? { kind: "none" } : { kind: "scale", factor };
}

/**
 * What multiplies f before W_dec, [d_sae]; null where that is 1 everywhere. Old files hold a scaling_factor that
 * counts only where it is not all ones, and then only with finetuning_scaling_factor (docs/maths.md §3.3).
 */
function featureScaling(
  config: SaeConfig,
  scaling: Float32Array | null,
  norms: Float64Array,
): Float32Array | null {
  const scaled = scaling?.some((value) => value !== 1) ?? false;
  if (scaled && !config.finetuningScalingFactor) {
    throw new FacetError(
      "Unsupported",
      "Opening an SAE: its scaling_factor is not all ones, but cfg.json does not set finetuning_scaling_factor. Set it to true if the factors belong to this SAE.",
    );
  }
  const rescale = config.rescaleActsByDecoderNorm;
  if (!scaled && !rescale) return null;
  return Float32Array.from(norms, (norm, i) => {
    const factor = scaled && scaling ? defined(scaling[i]) : 1;
    // A row of zeros writes nothing, whatever multiplies it.
    return rescale ? factor * (inverseNorm(norm) ?? 0) : factor;
  });
}
