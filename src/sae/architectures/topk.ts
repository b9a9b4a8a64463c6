// f = ReLU of the k largest h, h = x·W_enc + b_enc; with rescale_acts_by_decoder_norm h is h·‖W_dec,i‖ first,
// and decode divides it out again.

import { defined } from "../../lib/defined.ts";
import type { EncoderAffine, SaeVectors } from "../affine.ts";

const LOWEST_F32 = -3.4028234663852886e38;

/** norms [d_sae]: ‖W_dec,i‖ where the activations carry it, else null. */
export function topk({ b_enc }: SaeVectors<"b_enc">, norms: Float64Array | null): EncoderAffine {
  const n = b_enc.length;
  const scale = norms ? Float32Array.from(norms) : new Float32Array(n).fill(1);
  return {
    // ReLU alone decides among the k that stay: a gate that is always open. Infinities are not portable in WGSL.
    gateBias: new Float32Array(n),
    threshold: new Float32Array(n).fill(LOWEST_F32),
    scale,
    bias: b_enc.map((b, i) => b * defined(scale[i])),
  };
}
