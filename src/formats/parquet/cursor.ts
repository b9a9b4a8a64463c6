// A place in bytes that nobody vouches for: each step forward is checked.

import { ParquetFault } from "./fault.ts";

/** A varint of 64 bits. */
const MAX_VARINT_BYTES = 10;

export class Cursor {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** Bytes from here to the end. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next so many bytes: a view. */
  take(bytes: number): Uint8Array {
    if (!(bytes >= 0 && bytes <= this.left)) throw new ParquetFault("it ends too early");
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new ParquetFault("it ends too early");
    return byte;
  }

  /** Unsigned, little-endian. */
  number(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += this.byte() * 2 ** (8 * i);
    return value;
  }

  /** Little-endian. */
  float64(): number {
    const { buffer, byteOffset } = this.take(8);
    return new DataView(buffer, byteOffset, 8).getFloat64(0, true);
  }

  /** Signed, as a varint: 0, −1, 1, −2 … */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Unsigned, 7 bits a byte, lowest first; beyond 2^53 it is rounded. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return value;
    }
    throw new ParquetFault("one of its numbers has no end");
  }
}
