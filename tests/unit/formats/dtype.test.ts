// Every f16 and every bf16 there is, against an independent reading of their bits; f32 at any alignment.

import { describe, expect, test } from "vitest";
import { DTYPE_BYTES, decodeFloats, f32Bytes, isDtype } from "../../../src/lib/dtype.ts";
import { facetError } from "./facetError.ts";

const allHalves = Uint16Array.from({ length: 65536 }, (_, i) => i);
const bytes = new Uint8Array(allHalves.buffer);

/** The bytes at an odd address. */
function misaligned(source: Uint8Array): Uint8Array {
  const room = new Uint8Array(source.byteLength + 1);
  room.set(source, 1);
  return room.subarray(1);
}

/** IEEE 754-2008 §3.4, written out: sign, exponent, fraction. */
function valueOf(half: number, exponentBits: number, fractionBits: number): number {
  const sign = half >> 15 === 0 ? 1 : -1;
  const exponent = (half >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (half & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  return (
    sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
  );
}

describe("decodeFloats", () => {
  test.each([
    ["F16", 5, 10],
    ["BF16", 8, 7],
  ] as const)("reads every %s exactly", (dtype, exponentBits, fractionBits) => {
    const decoded = decodeFloats(bytes, dtype, "W");
    const wrong = [...allHalves].filter(
      (half) => !Object.is(decoded[half], valueOf(half, exponentBits, fractionBits)),
    );
    expect(wrong).toEqual([]);
    expect(decodeFloats(misaligned(bytes), dtype, "W")).toEqual(decoded);
  });

  test("reads F32 bit for bit, aligned or not, and views what is aligned", () => {
    const values = Float32Array.of(0, -0, 1.5, 1e-45, 3.4e38, -Infinity);
    expect(decodeFloats(f32Bytes(values), "F32", "W").buffer).toBe(values.buffer);
    expect(decodeFloats(misaligned(f32Bytes(values)), "F32", "W")).toEqual(values);
  });

  test("rounds F64", () => {
    const values = new Uint8Array(Float64Array.of(0.1, 1e300).buffer);
    expect(decodeFloats(values, "F64", "W")).toEqual(Float32Array.of(0.1, Infinity));
    expect(decodeFloats(misaligned(values), "F64", "W")).toEqual(Float32Array.of(0.1, Infinity));
  });

  test("refuses half an element, and integers", () => {
    expect(() => decodeFloats(new Uint8Array(6), "F32", "W")).toThrow(
      facetError("Format", /W: 6 bytes/),
    );
    expect(() => decodeFloats(new Uint8Array(8), "I64", "W")).toThrow(
      facetError("Unsupported", /W: I64/),
    );
  });
});

test("isDtype knows the format's names and no others", () => {
  expect(Object.keys(DTYPE_BYTES).every(isDtype)).toBe(true);
  expect(["f32", "F4", "", "toString", "__proto__"].some(isDtype)).toBe(false);
});
