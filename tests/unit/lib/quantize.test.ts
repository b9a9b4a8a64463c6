// The int8 and int4 scheme: every value within half a step, nothing clipped, the layout that the kernels read.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dequantizeRow,
  type QuantFormat,
  quantizeRow,
  roundToFormat,
  rowWords,
} from "../../../src/lib/quantize.ts";

const FORMATS = ["int8", "int4"] as const;
const GROUP = { int8: 64, int4: 32 };
/** Values further out may come back as infinity, and are refused then. */
const LARGEST = Math.fround(2.9e38);
const STEPS = { int8: 127, int4: 7 };

function quantize(format: QuantFormat, values: ArrayLike<number>): Uint32Array {
  const words = new Uint32Array(rowWords(format, values.length));
  quantizeRow(format, Float32Array.from(values), 0, values.length, words, 0, "w");
  return words;
}

/** What the words stand for. */
function back(format: QuantFormat, words: Uint32Array, cols: number): Float32Array {
  const values = new Float32Array(cols);
  dequantizeRow(format, words, 0, values, 0, cols);
  return values;
}

const float32 = (words: Uint32Array, at: number): number =>
  new Float32Array(words.buffer)[at] ?? NaN;

const rows = fc
  .tuple(
    fc.array(fc.float({ noNaN: true, min: -LARGEST, max: LARGEST }), {
      minLength: 4,
      maxLength: 200,
    }),
    fc.constantFrom(1, 1e-3, 1e-30),
  )
  .map(([values, scale]) =>
    Float32Array.from(values.slice(0, values.length & ~3), (value) => value * scale),
  );

describe.each(FORMATS)("%s", (format) => {
  it("puts every value within half a step, of at most the furthest value's share", () => {
    fc.assert(
      fc.property(rows, (values) => {
        const words = quantize(format, values);
        const found = back(format, words, values.length);
        const perGroup = rowWords(format, GROUP[format]);
        for (let first = 0, g = 0; first < values.length; first += GROUP[format], g++) {
          const group = values.subarray(first, first + GROUP[format]);
          const step = Math.abs(float32(words, g * perGroup));
          const furthest = group.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          expect(step).toBeLessThanOrEqual((furthest / STEPS[format]) * (1 + 1e-6));
          // Steps too small for a GPU are 0, and so are the values.
          const allowed = step === 0 ? 127 * 2 ** -126 : (step / 2) * (1 + 1e-6);
          group.forEach((value, i) =>
            // q·s is rounded to f32 once.
            expect(Math.abs(value - (found[first + i] ?? NaN))).toBeLessThanOrEqual(
              allowed + Math.abs(value) * 2 ** -24,
            ),
          );
        }
      }),
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(rows, (values) => {
        const once = values.slice();
        roundToFormat(format, once, values.length, "w");
        const twice = once.slice();
        roundToFormat(format, twice, values.length, "w");
        twice.forEach((value, i) =>
          expect(Math.abs(value - (once[i] ?? NaN))).toBeLessThanOrEqual(Math.abs(value) * 1e-6),
        );
      }),
    );
  });

  it("keeps each row apart from its neighbours", () => {
    const values = Float32Array.from({ length: 3 * 36 }, (_, i) => Math.sin(i) * 10 ** (i % 5));
    const alone = [0, 36, 72].flatMap((from) => {
      const row = values.slice(from, from + 36);
      roundToFormat(format, row, 36, "w");
      return [...row];
    });
    roundToFormat(format, values, 36, "w");
    expect([...values]).toEqual(alone);
  });

  it("makes zeros of zeros", () => {
    expect([...quantize(format, new Float32Array(68))]).toEqual(
      Array(rowWords(format, 68)).fill(0),
    );
  });

  it.each([NaN, Infinity, -Infinity])("refuses %s, naming the tensor", (bad) => {
    expect(() => quantize(format, [1, 2, bad, 4])).toThrow(
      expect.objectContaining({
        code: "Format",
        message: expect.stringContaining("Quantising w") as string,
      }),
    );
  });
});

describe("layout", () => {
  it("int8: a group is its scale and four values to a word, the first in the lowest byte", () => {
    const values = Float32Array.from({ length: 68 }, (_, i) => (i === 0 ? -127 : i < 64 ? i : 0));
    values.set([-254, 2, 0, 254], 64);
    const words = quantize("int8", values);
    expect(words).toHaveLength(1 + 16 + 1 + 1);
    expect(float32(words, 0)).toBe(1);
    expect([...new Int8Array(words.buffer, 4, 64)]).toEqual([...values.subarray(0, 64)]);
    expect(float32(words, 17)).toBe(2);
    expect([...new Int8Array(words.buffer, 72, 4)]).toEqual([-127, 1, 0, 127]);
  });

  it("int4: a group is its scale and eight values to a word, the last one maybe half", () => {
    const words = quantize("int4", [-8, 7, 1, 2, 3, 4, 5, 6, -1, -2, 0, 7]);
    expect(words).toHaveLength(3);
    expect(float32(words, 0)).toBe(1);
    expect(words[1]?.toString(16)).toBe("65432178");
    expect(words[2]?.toString(16)).toBe("70ef");
  });

  it("int4: the further side reaches 8 steps, whichever it is", () => {
    for (const sign of [1, -1]) {
      const values = Float32Array.of(8 * sign, -7 * sign, 3 * sign, 0);
      const found = back("int4", quantize("int4", values), 4);
      // Adding 0 makes 0 of −0.
      expect(found.map((value) => value + 0)).toEqual(values.map((value) => value + 0));
    }
  });

  it("takes 8.5 and 5 bits a value", () => {
    expect(rowWords("int8", 2048) * 32).toBe(2048 * 8.5);
    expect(rowWords("int4", 2048) * 32).toBe(2048 * 5);
    expect(rowWords("int4", 4)).toBe(2);
    expect(rowWords("int8", 68)).toBe(19);
  });
});
