// bfloat16: the upper half of a float32, 8 bits of precision. Enough for a colour and for two digits.

import { defined } from "../lib/defined.ts";

const value = new Float32Array(1);
const bits = new Uint32Array(value.buffer);

/** The upper half, rounded to nearest, ties to even; for finite numbers. */
export function bfloat16Bits(number: number): number {
  value[0] = number;
  const all = defined(bits[0]);
  return (all + 0x7fff + ((all >>> 16) & 1)) >>> 16;
}

export function fromBfloat16Bits(half: number): number {
  bits[0] = half << 16;
  return defined(value[0]);
}

export const roundToBfloat16 = (number: number): number => fromBfloat16Bits(bfloat16Bits(number));
