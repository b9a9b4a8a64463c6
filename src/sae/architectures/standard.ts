// f = ReLU(h), h = x·W_enc + b_enc.

import type { EncoderAffine, SaeVectors } from "../affine.ts";

export function standard({ b_enc }: SaeVectors<"b_enc">): EncoderAffine {
  const n = b_enc.length;
  return {
    gateBias: b_enc,
    threshold: new Float32Array(n),
    scale: new Float32Array(n).fill(1),
    bias: b_enc,
  };
}
