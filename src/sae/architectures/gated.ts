// f = [x·W_enc + b_gate > 0] · ReLU(x·(W_enc·e^{r_mag}) + b_mag): one product serves both paths.

import type { EncoderAffine, SaeVectors } from "../affine.ts";

export function gated({
  b_gate,
  b_mag,
  r_mag,
}: SaeVectors<"b_gate" | "b_mag" | "r_mag">): EncoderAffine {
  return {
    gateBias: b_gate,
    threshold: new Float32Array(b_gate.length),
    scale: r_mag.map((r) => Math.exp(r)),
    bias: b_mag,
  };
}
