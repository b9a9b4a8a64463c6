// f = ReLU(h)·[h > threshold], h = x·W_enc + b_enc.

import type { EncoderAffine, SaeVectors } from "../affine.ts";

export function jumprelu({ b_enc, threshold }: SaeVectors<"b_enc" | "threshold">): EncoderAffine {
  return { gateBias: b_enc, threshold, scale: new Float32Array(b_enc.length).fill(1), bias: b_enc };
}
