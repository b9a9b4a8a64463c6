// int8 and int4: how rows of a matrix are kept in a quarter or an eighth of f32 (docs/maths.md §1.8). The one place of
// the code that states the scheme; kernels/weight_int8.wgsl and weight_int4.wgsl read what is written here. Knows no
// file and no device.
//
// A row is cut into groups of `group` values (the last may be shorter), each with one f32 scale s, w ≈ q·s:
//   int8: s = max|w| / 127, q in −127…127.
//   int4: q in −8…7. The value furthest from 0 is put on the side that reaches to −8, by the sign of s, so that
//         |s| = max(furthest / 8, furthest on the other side / 7). Nothing is clipped, and on the bundled model's
//         weights the error is a ninth smaller than with q in −7…7: 8.6 % of their root mean square against 9.7 %.
// In both |w − q·s| ≤ |s|/2. A group whose scale would be subnormal, which GPUs may flush, is all zeros.
//
// In memory a group is its scale, then its q packed into words, the first in the lowest bits.

import { defined } from "./defined.ts";
import { FacetError } from "./errors.ts";
import type { Precision } from "./report.ts";

export type QuantFormat = "int8" | "int4";

interface Scheme {
  /** Values that share a scale. */
  readonly group: number;
  readonly bits: number;
  /** The furthest q on either side. */
  readonly low: number;
  readonly high: number;
}

const SCHEMES: Readonly<Record<QuantFormat, Scheme>> = {
  int8: { group: 64, bits: 8, low: 127, high: 127 },
  int4: { group: 32, bits: 4, low: 8, high: 7 },
};

/** The smallest normal f32. */
const SMALLEST_SCALE = 2 ** -126;

export const isQuantFormat = (format: Precision): format is QuantFormat =>
  Object.hasOwn(SCHEMES, format);

/** 32-bit words of a quantised row of `cols` values. */
export function rowWords(format: QuantFormat, cols: number): number {
  const { group, bits } = SCHEMES[format];
  return Math.ceil(cols / group) + Math.ceil((cols * bits) / 32);
}

/**
 * Quantises values[from … from + cols) into words[at …); cols is a multiple of 4. Throws `Format` for NaN, infinities and what could
 * come back as one; `name` is for that error.
 */
export function quantizeRow(
  format: QuantFormat,
  values: Float32Array,
  from: number,
  cols: number,
  words: Uint32Array,
  at: number,
  name: string,
): void {
  // Both ways of packing take four values at a time.
  if (cols % 4 !== 0) {
    throw new FacetError(
      "Unsupported",
      `Quantising ${name} to ${format}: its rows have ${cols} values, and ${format} takes rows of a multiple of 4. Open it in its own precision.`,
    );
  }
  const scheme = SCHEMES[format];
  const scales = new Float32Array(words.buffer, words.byteOffset, words.length);
  const pack = format === "int8" ? packInt8 : packInt4;
  const end = from + cols;
  let word = at;
  for (let start = from; start < end; start += scheme.group) {
    const stop = Math.min(end, start + scheme.group);
    const scale = scaleOf(scheme, values, start, stop);
    // The furthest step must be finite too: the very largest f32 may come back as infinity.
    if (!Number.isFinite(Math.fround(scale * scheme.low))) {
      throw new FacetError(
        "Format",
        `Quantising ${name} to ${format}: it holds values that are not finite, or nearly so. Fetch the file again, or open it in its own precision.`,
      );
    }
    scales[word] = scale;
    pack(values, start, stop, scale === 0 ? 0 : 1 / scale, words, word + 1);
    word += 1 + Math.ceil(((stop - start) * scheme.bits) / 32);
  }
}

/** The values that the words[at …) of a quantised row stand for, into values[from … from + cols). */
export function dequantizeRow(
  format: QuantFormat,
  words: Uint32Array,
  at: number,
  values: Float32Array,
  from: number,
  cols: number,
): void {
  const { group, bits } = SCHEMES[format];
  const scales = new Float32Array(words.buffer, words.byteOffset, words.length);
  const unused = 32 - bits;
  let word = at;
  for (let start = 0; start < cols; start += group) {
    const scale = defined(scales[word++]);
    const count = Math.min(group, cols - start);
    for (let i = 0; i < count; i++) {
      const bit = i * bits;
      const packed = defined(words[word + (bit >>> 5)]);
      // Up to the sign bit, and back with the sign.
      values[from + start + i] = ((packed << (unused - (bit & 31))) >> unused) * scale;
    }
    word += Math.ceil((count * bits) / 32);
  }
}

/** Replaces values, row-major with `cols` columns, by what they are in `format`. */
export function roundToFormat(
  format: QuantFormat,
  values: Float32Array,
  cols: number,
  name: string,
): void {
  const words = new Uint32Array(rowWords(format, cols));
  for (let from = 0; from < values.length; from += cols) {
    quantizeRow(format, values, from, cols, words, 0, name);
    dequantizeRow(format, words, 0, values, from, cols);
  }
}

/** s of a group, as an f32; NaN or infinite where a value is. */
function scaleOf({ low, high }: Scheme, values: Float32Array, start: number, stop: number): number {
  let least = 0;
  let most = 0;
  for (let i = start; i < stop; i++) {
    const value = defined(values[i]);
    // Unlike a comparison, these keep NaN.
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const scale = Math.fround(
    most > -least ? -Math.max(most / low, -least / high) : Math.max(-least / low, most / high),
  );
  return Math.abs(scale) < SMALLEST_SCALE ? 0 : scale;
}

/** Four to a word. */
function packInt8(
  values: Float32Array,
  start: number,
  stop: number,
  inverse: number,
  words: Uint32Array,
  at: number,
): void {
  let word = at;
  for (let i = start; i < stop; i += 4) {
    // Truncating v + 128.5 rounds; flipping the highest bit takes 128 away.
    const a = (defined(values[i]) * inverse + 128.5) | 0;
    const b = (defined(values[i + 1]) * inverse + 128.5) | 0;
    const c = (defined(values[i + 2]) * inverse + 128.5) | 0;
    const d = (defined(values[i + 3]) * inverse + 128.5) | 0;
    words[word++] = (a | (b << 8) | (c << 16) | (d << 24)) ^ 0x80808080;
  }
}

/** Eight to a word, the last one maybe half full. */
function packInt4(
  values: Float32Array,
  start: number,
  stop: number,
  inverse: number,
  words: Uint32Array,
  at: number,
): void {
  let word = at;
  let i = start;
  for (; i + 8 <= stop; i += 8) {
    const eight = fourNibbles(values, i, inverse) | (fourNibbles(values, i + 4, inverse) << 16);
    words[word++] = eight ^ 0x88888888;
  }
  if (i < stop) words[word] = fourNibbles(values, i, inverse) ^ 0x8888;
}

function fourNibbles(values: Float32Array, i: number, inverse: number): number {
  const a = (defined(values[i]) * inverse + 8.5) | 0;
  const b = (defined(values[i + 1]) * inverse + 8.5) | 0;
  const c = (defined(values[i + 2]) * inverse + 8.5) | 0;
  const d = (defined(values[i + 3]) * inverse + 8.5) | 0;
  return a | (b << 4) | (c << 8) | (d << 12);
}
