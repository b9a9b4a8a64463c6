// Snappy, unpacked with every length checked.
// https://github.com/google/snappy/blob/main/format_description.txt

import { defined } from "../../lib/defined.ts";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";

/** The densest there is: 64 bytes of copy from 3. */
const MAX_RATIO = 22;

/** @param size in bytes, that the page's header tells. */
export function unpackSnappy(packed: Uint8Array, size: number): Uint8Array {
  const cursor = new Cursor(packed);
  if (size > packed.length * MAX_RATIO || cursor.varint() !== size) throw damaged();
  const out = new Uint8Array(size);
  let done = 0;
  while (cursor.left > 0) {
    const tag = cursor.byte();
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const length = 1 + (short < 60 ? short : cursor.number(short - 59));
      const literal = cursor.take(length);
      if (length > size - done) throw damaged();
      out.set(literal, done);
      done += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const back = kind === 1 ? (tag >> 5) * 256 + cursor.byte() : cursor.number(kind === 2 ? 2 : 4);
    if (back === 0 || back > done || length > size - done) throw damaged();
    // What is copied may reach into what it makes.
    for (const end = done + length; done < end; done++) out[done] = defined(out[done - back]);
  }
  if (done !== size) throw damaged();
  return out;
}

const damaged = (): ParquetFault => new ParquetFault("a page cannot be unpacked");
