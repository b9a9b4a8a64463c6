// Thrift's compact protocol, in which footers and page headers stand. Every length is checked against the bytes there are,
// and depth and number of fields are bounded, before anything is made.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

import type { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";

/** Fields by number. Text is bytes; whole numbers beyond 2^53 are rounded. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;
export type ThriftValue = boolean | number | Uint8Array | ThriftStruct | readonly ThriftValue[];

/** The footer's own structures are nested half as deep. */
const MAX_DEPTH = 16;
/** Fields and elements of lists: those of 16 columns in 30,000 row groups. */
const MAX_PARTS = 1 << 23;

/** The struct at the cursor, which is moved to its end. */
export const readThrift = (cursor: Cursor): ThriftStruct => new Parser(cursor).struct(0);

class Parser {
  readonly #cursor: Cursor;
  #parts = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new ParquetFault("its structures are nested too deep");
    const fields = new Map<number, ThriftValue>();
    let field = 0;
    for (let head = this.#cursor.byte(); head !== 0; head = this.#cursor.byte()) {
      // The distance from the field before; 0: the field's own number follows.
      const distance = head >> 4;
      field = distance === 0 ? this.#cursor.zigzag() : field + distance;
      this.#count(1);
      const type = head & 15;
      // A field that is true or false has no bytes but its head.
      fields.set(field, type === 1 || type === 2 ? type === 1 : this.#element(type, depth));
    }
    return fields;
  }

  #element(type: number, depth: number): ThriftValue {
    const cursor = this.#cursor;
    // Booleans in a list, then bytes.
    if (type === 1 || type === 2) return cursor.byte() === 1;
    if (type === 3) return cursor.byte();
    if (type >= 4 && type <= 6) return cursor.zigzag();
    if (type === 7) return cursor.float64();
    if (type === 8) return cursor.take(cursor.varint());
    if (type === 9) return this.#list(depth + 1);
    if (type === 12) return this.struct(depth + 1);
    throw new ParquetFault(`a field is of type ${type}, which Parquet has not`);
  }

  #list(depth: number): ThriftValue[] {
    if (depth > MAX_DEPTH) throw new ParquetFault("its structures are nested too deep");
    const head = this.#cursor.byte();
    const length = head >> 4 === 15 ? this.#cursor.varint() : head >> 4;
    this.#count(length);
    const values: ThriftValue[] = [];
    for (let i = 0; i < length; i++) values.push(this.#element(head & 15, depth));
    return values;
  }

  #count(parts: number): void {
    this.#parts += parts;
    if (this.#parts > MAX_PARTS) throw new ParquetFault(`it has more than ${MAX_PARTS} fields`);
  }
}
