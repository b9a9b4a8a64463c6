// Weights as a file has them, as f32: tfjs has no 16-bit floats. Exact in every format.

import type { WeightSpec } from "../backend.ts";

export const BYTES_PER_VALUE = { f32: 4, bf16: 2, f16: 2 } as const satisfies Record<
  WeightSpec["format"],
  number
>;

/** `bytes` begins its own buffer and is used up: for f32 the result shares it. */
export function widen(bytes: Uint8Array<ArrayBuffer>, format: WeightSpec["format"]): Float32Array {
  if (format === "f32") return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  if (format === "bf16") {
    for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] ?? 0) << 16;
    return values;
  }
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] ?? 0;
    const magnitude = half & 0x7fff;
    bits[i] = ((half & 0x8000) << 16) | (magnitude << 13);
    // The exponent's bias grows by 112; multiplying raises subnormals too. Infinity and NaN have theirs all ones.
    if (magnitude >= 0x7c00) bits[i] = (bits[i] ?? 0) | 0x7f800000;
    else values[i] = (values[i] ?? 0) * 2 ** 112;
  }
  return values;
}
