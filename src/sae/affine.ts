// An encoder's nonlinearity as four numbers a feature, the shape that every architecture takes on a backend:
// with a = x·W_enc, feature i is on where a + gateBias > threshold, and its value is ReLU(a·scale + bias)
// (docs/maths.md §3.2).

/** All [d_sae]. */
export interface EncoderAffine {
  readonly gateBias: Float32Array;
  readonly threshold: Float32Array;
  readonly scale: Float32Array;
  readonly bias: Float32Array;
}

/** An SAE file's vectors by name, each [d_sae]. */
export type SaeVectors<Name extends string> = Readonly<Record<Name, Float32Array>>;

/** [4, d_sae] as `Encoder.affine` wants it. */
export function packAffine(affine: EncoderAffine): Float32Array {
  const n = affine.gateBias.length;
  const packed = new Float32Array(4 * n);
  [affine.gateBias, affine.threshold, affine.scale, affine.bias].forEach((row, i) =>
    packed.set(row, i * n),
  );
  return packed;
}
