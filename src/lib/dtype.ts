// Element types of safetensors files: their sizes, and the exact way from their bytes to f32.
// Names as the format spells them (huggingface/safetensors, safetensors/src/tensor.rs); its types smaller
// than a byte (F4, F6) are left out.

import { defined } from "./defined.ts";
import { FacetError } from "./errors.ts";

/** Bytes an element takes. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
  C64: 8,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

export const isDtype = (name: string): name is Dtype => Object.hasOwn(DTYPE_BYTES, name);

/** Types that weights come in, as the backend names them. */
const WEIGHT_FORMATS = { F32: "f32", F16: "f16", BF16: "bf16" } as const;
export type WeightDtype = keyof typeof WEIGHT_FORMATS;
export type WeightFormat = (typeof WEIGHT_FORMATS)[WeightDtype];

/** The other way round. */
export const FORMAT_DTYPES = { f32: "F32", f16: "F16", bf16: "BF16" } as const;

const isWeightDtype = (dtype: Dtype): dtype is WeightDtype => Object.hasOwn(WEIGHT_FORMATS, dtype);

/** Types that `decodeFloats` reads: those that weights come in, and F64, which is rounded to f32 on the way in. */
export const isFloatDtype = (dtype: Dtype): dtype is WeightDtype | "F64" =>
  dtype === "F64" || isWeightDtype(dtype);

/** The format in which values of a type reach a backend. */
export const formatOfDtype = (dtype: WeightDtype | "F64"): WeightFormat =>
  dtype === "F64" ? "f32" : WEIGHT_FORMATS[dtype];

/**
 * Little-endian `bytes` (at any alignment) as f32: exact for F32, F16 and BF16, rounded for F64.
 * F32 that is aligned is viewed, not copied. `name` is for the error of any other type.
 * @param scratch where F16 and BF16 are widened to, from its start, by whoever decodes again and again.
 */
export function decodeFloats(
  bytes: Uint8Array,
  dtype: Dtype,
  name: string,
  scratch?: Float32Array,
): Float32Array {
  if (bytes.byteLength % DTYPE_BYTES[dtype] !== 0) {
    throw new FacetError(
      "Format",
      `Decoding ${name}: ${bytes.byteLength} bytes are no whole number of ${dtype} values.`,
    );
  }
  if (dtype === "F32") return view(bytes, Float32Array);
  if (dtype === "BF16" || dtype === "F16") {
    const halves = view(bytes, Uint16Array);
    const values = scratch?.subarray(0, halves.length) ?? new Float32Array(halves.length);
    const bits = new Uint32Array(values.buffer, values.byteOffset, halves.length);
    if (dtype === "BF16") decodeBf16(halves, bits);
    else decodeF16(halves, bits);
    return values;
  }
  if (dtype === "F64") return Float32Array.from(view(bytes, Float64Array));
  throw new FacetError(
    "Unsupported",
    `Decoding ${name}: ${dtype} values are not read as numbers here.`,
  );
}

/** The bytes of f32 values, viewed. Every platform with WebGPU or WebAssembly is little-endian. */
export function f32Bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

interface Numbers<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** A typed view of bytes; of a copy where they are not aligned for it. */
function view<T>(bytes: Uint8Array, type: Numbers<T>): T {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new type(aligned.buffer, aligned.byteOffset, aligned.byteLength / type.BYTES_PER_ELEMENT);
}

function decodeBf16(halves: Uint16Array, bits: Uint32Array): void {
  for (let i = 0; i < halves.length; i++) bits[i] = defined(halves[i]) << 16;
}

function decodeF16(halves: Uint16Array, bits: Uint32Array): void {
  for (let i = 0; i < halves.length; i++) bits[i] = f16ToF32Bits(defined(halves[i]));
}

/** IEEE 754: binary16 has 5 exponent bits (bias 15) and 10 of fraction, binary32 8 (bias 127) and 23. */
function f16ToF32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13); // infinity, NaN
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal, fraction · 2^-24: its highest set bit becomes binary32's hidden one.
  const highest = 31 - Math.clz32(fraction);
  return sign | ((highest + 103) << 23) | ((fraction << (23 - highest)) & 0x7fffff);
}
