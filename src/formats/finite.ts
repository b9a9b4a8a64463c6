// Whether every value of a tensor is a finite number, found while its bytes pass by on their way to a device. One NaN or
// infinity among the weights makes figures that look like any other (a comparison with NaN is false, so the feature is
// "off"), and shaders may take it that there is none: so it is refused here, by name.

import { defined } from "../lib/defined.ts";
import { decodeFloats, DTYPE_BYTES, FORMAT_DTYPES, type WeightFormat } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import type { StoredTensor } from "./shards.ts";

/** Bytes checked at a time: they stay in the processor's nearest cache. */
const BATCH_BYTES = 32 * 1024;

interface Exponents {
  /** The bits of the exponents in a 32-bit word: of one value, or of two. */
  readonly mask: number;
  /** The lowest bit of each: added to an exponent of ones alone, which infinities and NaN have, it carries out. */
  readonly one: number;
  /** Where that carry ends up. */
  readonly carry: number;
}

/** IEEE 754 and bfloat16: 8 exponent bits (f32, bf16) or 5 (f16) behind the sign. */
const EXPONENTS: Readonly<Record<WeightFormat, Exponents>> = {
  f32: { mask: 0x7f800000, one: 0x00800000, carry: 0x80000000 },
  bf16: { mask: 0x7f807f80, one: 0x00800080, carry: 0x80008000 },
  f16: { mask: 0x7c007c00, one: 0x04000400, carry: 0x80008000 },
};

/**
 * Takes a matrix's bytes in order, in any pieces, and throws `Format` once a value among them is not finite; `end` after
 * the last. Bytes are copied together first: a piece may end within a value, or lie at any alignment. Measured: 1 s for
 * 12 GB.
 * @param firstRow of what is loaded, in the whole matrix.
 */
export function finiteCheck(
  tensor: StoredTensor,
  format: WeightFormat,
  firstRow: number,
): { take(bytes: Uint8Array): void; end(): void } {
  const { start, end } = tensor.info;
  const words = new Int32Array(Math.ceil(Math.min(BATCH_BYTES, end - start) / 4));
  const batch = new Uint8Array(words.buffer);
  let filled = 0;
  let reached = 0; // values in batches that were checked

  const check = (): void => {
    const whole = batch.subarray(0, filled);
    if (anyNotFinite(words, EXPONENTS[format])) {
      const values = decodeFloats(whole, FORMAT_DTYPES[format], tensor.info.name);
      throw notFinite(tensor, reached + values.findIndex(isNotFinite), firstRow);
    }
    reached += filled / DTYPE_BYTES[FORMAT_DTYPES[format]];
    filled = 0;
  };

  return {
    take(bytes) {
      for (let from = 0; from < bytes.length;) {
        const piece = bytes.subarray(from, from + batch.length - filled);
        batch.set(piece, filled);
        filled += piece.length;
        from += piece.length;
        if (filled === batch.length) check();
      }
    },
    end() {
      batch.fill(0, filled);
      check();
    },
  };
}

function anyNotFinite(words: Int32Array, { mask, one, carry }: Exponents): boolean {
  let carries = 0;
  // Not for … of: with it this takes five times as long.
  for (let i = 0; i < words.length; i++) carries |= (defined(words[i]) & mask) + one;
  return (carries & carry) !== 0;
}

const isNotFinite = (value: number): boolean => !Number.isFinite(value);

/** Throws `Format` where one of a tensor's values, decoded whole, is not finite in f32. */
export function assertFinite(tensor: StoredTensor, values: Float32Array): void {
  const index = values.findIndex(isNotFinite);
  if (index !== -1) throw notFinite(tensor, index, 0);
}

function notFinite({ info, source }: StoredTensor, index: number, firstRow: number): FacetError {
  const [cols = 1] = info.shape.slice(1);
  const at =
    info.shape.length === 2 ? [firstRow + Math.floor(index / cols), index % cols] : [index];
  return new FacetError(
    "Format",
    `Loading ${info.name} of ${source.name}: its value at [${at.join(", ")}] is infinite or not a number (NaN), and nothing computed from it would mean anything. Fetch the file again; if it stays so, training went wrong, and an earlier checkpoint may be sound.`,
  );
}
