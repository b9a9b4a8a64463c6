// Small numbers as Parquet writes them: runs of one number many times, and groups of eight packed to the bit. A run may
// claim to go on for billions; here it ends with the values there are.
// https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE

import { defined } from "../../lib/defined.ts";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";

/**
 * @param width bits of a number, up to 32.
 * @param most that a number may be.
 */
export function readRuns(
  bytes: Uint8Array,
  width: number,
  count: number,
  most: number,
): Uint32Array {
  if (width > 32) throw new ParquetFault(`numbers of ${width} bits are claimed`);
  const numbers = new Uint32Array(count);
  const cursor = new Cursor(bytes);
  let largest = 0;
  // Nothing but zeros takes no bytes.
  for (let done = width === 0 ? count : 0; done < count;) {
    const header = cursor.varint();
    const repeated = header % 2 === 0;
    const claimed = Math.floor(header / 2) * (repeated ? 1 : 8);
    const end = Math.min(count, done + claimed);
    if (repeated) {
      const value = cursor.number(Math.ceil(width / 8));
      numbers.fill(value, done, end);
      if (end > done) largest = Math.max(largest, value);
    } else {
      // The last group is padded, and some writers leave the padding out.
      const packed = cursor.take(Math.min(cursor.left, (claimed * width) / 8));
      largest = Math.max(largest, unpackBits(packed, width, numbers.subarray(done, end)));
    }
    done = end;
  }
  if (largest > most) throw new ParquetFault(`it refers to value ${largest}; the last is ${most}`);
  return numbers;
}

/** Numbers of `width` bits, lowest first, of which 32 are kept. The largest of the numbers. */
export function unpackBits(packed: Uint8Array, width: number, into: Uint32Array): number {
  if (packed.length * 8 < into.length * width) throw new ParquetFault("it ends too early");
  let largest = 0;
  let at = 0;
  let used = 0;
  for (let i = 0; i < into.length; i++) {
    let value = 0;
    for (let got = 0; got < width;) {
      const taken = Math.min(8 - used, width - got);
      if (got < 32) value += ((defined(packed[at]) >> used) & ((1 << taken) - 1)) * 2 ** got;
      got += taken;
      used += taken;
      if (used === 8) [at, used] = [at + 1, 0];
    }
    into[i] = value;
    largest = Math.max(largest, value);
  }
  return largest;
}
