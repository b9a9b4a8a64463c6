// Thrift's compact protocol, in which footers and page headers stand. hyparquet reads it, and believes it: a few bytes
// could make it prepare lists of millions, or grow a number for minutes. So what it would read is walked first.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";

/** Fields by number: `field_1`. A list is an array, text is bytes, a number of 64 bits a bigint. */
export type ThriftStruct = Readonly<Record<string, unknown>>;

/** The footer's own structures are nested half as deep. */
const MAX_DEPTH = 16;
/** Fields and elements of lists: those of 16 columns in 30,000 row groups. */
const MAX_PARTS = 1 << 23;

/** The struct at `start`, and where it ends. */
export function readThrift(bytes: Uint8Array, start = 0): { struct: ThriftStruct; end: number } {
  const cursor = new Cursor(bytes, start);
  new Walk(cursor).struct(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, cursor.at);
  const struct: ThriftStruct = deserializeTCompactProtocol({ view, offset: start });
  return { struct, end: cursor.at };
}

/** Goes over a struct as hyparquet does, and throws where it would not fit. */
class Walk {
  readonly #cursor: Cursor;
  #parts = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  struct(depth: number): void {
    if (depth > MAX_DEPTH) throw new ParquetFault("its structures are nested too deep");
    for (let head = this.#cursor.byte(); head !== 0; head = this.#cursor.byte()) {
      // No distance from the field before: the field's number follows.
      if (head >> 4 === 0) this.#cursor.varint();
      this.#count(1);
      const type = head & 15;
      // A field that is true or false has no bytes but its head.
      if (type !== 1 && type !== 2) this.#element(type, depth);
    }
  }

  #element(type: number, depth: number): void {
    const cursor = this.#cursor;
    // Booleans in a list, and bytes.
    if (type >= 1 && type <= 3) cursor.take(1);
    else if (type >= 4 && type <= 6) cursor.varint();
    else if (type === 7) cursor.take(8);
    else if (type === 8) cursor.take(cursor.varint());
    else if (type === 9) this.#list(depth + 1);
    else if (type === 12) this.struct(depth + 1);
    else throw new ParquetFault(`a field is of type ${type}, which Parquet has not`);
  }

  #list(depth: number): void {
    if (depth > MAX_DEPTH) throw new ParquetFault("its structures are nested too deep");
    const head = this.#cursor.byte();
    const length = head >> 4 === 15 ? this.#cursor.varint() : head >> 4;
    this.#count(length);
    for (let i = 0; i < length; i++) this.#element(head & 15, depth);
  }

  #count(parts: number): void {
    this.#parts += parts;
    if (this.#parts > MAX_PARTS) throw new ParquetFault(`it has more than ${MAX_PARTS} fields`);
  }
}
