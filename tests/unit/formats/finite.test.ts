// The check of weights on their way to a device: each format, in pieces that end anywhere, at the edges of what is checked
// at a time, and the largest values that are still finite.

import { describe, expect, it } from "vitest";
import { assertFinite, finiteCheck } from "../../../src/formats/finite.ts";
import type { StoredTensor } from "../../../src/formats/shards.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { DTYPE_BYTES, FORMAT_DTYPES, type WeightFormat } from "../../../src/lib/dtype.ts";

/** Bits of the largest finite value, of infinity and of NaN; all with either sign. */
const BITS: Readonly<Record<WeightFormat, { finite: number; not: readonly number[] }>> = {
  f32: { finite: 0x7f7fffff, not: [0x7f800000, 0x7f800001, 0x7fc00000] },
  bf16: { finite: 0x7f7f, not: [0x7f80, 0x7f81, 0x7fc0] },
  f16: { finite: 0x7bff, not: [0x7c00, 0x7c01, 0x7e00] },
};
const COLS = 100;

function tensor(format: WeightFormat, values: number): { stored: StoredTensor; bytes: Uint8Array } {
  const dtype = FORMAT_DTYPES[format];
  const bytes = new Uint8Array(values * DTYPE_BYTES[dtype]);
  const shape = [values / COLS, COLS];
  const info = { name: "W", dtype, shape, start: 0, end: bytes.length };
  return { stored: { info, source: memorySource("m.safetensors", bytes) }, bytes };
}

function put(format: WeightFormat, bytes: Uint8Array, index: number, bits: number): void {
  const view = new DataView(bytes.buffer);
  if (format === "f32") view.setUint32(4 * index, bits, true);
  else view.setUint16(2 * index, bits, true);
}

function check(format: WeightFormat, stored: StoredTensor, bytes: Uint8Array, piece: number): void {
  const passing = finiteCheck(stored, format, 7);
  for (let at = 0; at < bytes.length; at += piece) passing.take(bytes.subarray(at, at + piece));
  passing.end();
}

describe.each(["f32", "bf16", "f16"] as const)("%s", (format) => {
  const sign = format === "f32" ? 0x80000000 : 0x8000;
  const count = 300 * COLS;

  it("lets every finite value pass", () => {
    const { stored, bytes } = tensor(format, count);
    for (let i = 0; i < count; i++)
      put(format, bytes, i, BITS[format].finite + (i % 2 === 0 ? sign : 0));
    for (const piece of [bytes.length, 1001]) check(format, stored, bytes, piece);
  });

  // The first and last value, and both sides of 32 KiB in either size of value.
  it.each([0, 1, 8191, 8192, 16383, 16384, count - 1])("finds what is not, at %i", (index) => {
    for (const bits of BITS[format].not.flatMap((one) => [one, one + sign])) {
      const { stored, bytes } = tensor(format, count);
      put(format, bytes, index, bits);
      const at = `W of m.safetensors: its value at [${7 + Math.floor(index / COLS)}, ${index % COLS}] is`;
      for (const piece of [bytes.length, 1001])
        expect(() => check(format, stored, bytes, piece)).toThrow(at);
    }
  });

  it("takes a tensor of no bytes, and one of an odd number of values", () => {
    for (const values of [0, 1, 3]) {
      const { stored, bytes } = tensor(format, values);
      check(format, stored, bytes, 1);
    }
  });
});

it("a vector's values are looked at as they are in f32", () => {
  const { stored } = tensor("f32", COLS);
  const vector = { ...stored, info: { ...stored.info, shape: [2] } };
  assertFinite(vector, Float32Array.of(3.4e38, -1));
  for (const value of [1e39, NaN]) {
    expect(() => assertFinite(vector, Float32Array.of(0, value))).toThrow("at [1] is");
  }
});
