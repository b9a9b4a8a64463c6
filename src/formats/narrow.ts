// F64 values on their way to a backend, which computes in f32: rounded to it, in whatever pieces their bytes come.

import { decodeFloats, DTYPE_BYTES, f32Bytes } from "../lib/dtype.ts";

type Sink = (bytes: Uint8Array) => void;

/** Takes the bytes of F64 values in order and hands on those of the same values in f32. `name` is for errors. */
export function narrowed(put: Sink, name: string): Sink {
  let carry = new Uint8Array(0); // a value cut in two by the end of a piece
  return (bytes) => {
    let joined = bytes;
    if (carry.byteLength > 0) {
      joined = new Uint8Array(carry.byteLength + bytes.byteLength);
      joined.set(carry);
      joined.set(bytes, carry.byteLength);
    }
    const whole = joined.byteLength - (joined.byteLength % DTYPE_BYTES.F64);
    carry = joined.slice(whole);
    if (whole > 0) put(f32Bytes(decodeFloats(joined.subarray(0, whole), "F64", name)));
  };
}
