// Parquet files of one column, put together page by page, so that a page or the footer can lie.

const BYTE_ARRAY = 6;
const INT32 = 1;
export const PLAIN = 0;
export const DELTA_BINARY_PACKED = 5;
export const RLE_DICTIONARY = 8;

/** Fields by number: `field_1`. What a field may hold of Thrift's compact protocol; 64-bit numbers are bigints. */
type Field = number | bigint | string | readonly Field[] | Struct;
interface Struct {
  readonly [field: `field_${number}`]: Field;
}

/** Thrift's compact protocol, fields in ascending order. */
export function thrift(struct: Struct): Uint8Array {
  let before = 0;
  const fields = Object.entries(struct).map(([key, value]: [string, Field]) => {
    const field = Number(key.slice("field_".length));
    const head = ((field - before) << 4) | typeOf(value);
    before = field;
    return bytes(head, element(value));
  });
  return bytes(...fields, 0);
}

function typeOf(value: Field): number {
  if (typeof value === "number") return 5;
  if (typeof value === "bigint") return 6;
  if (typeof value === "string") return 8;
  return Array.isArray(value) ? 9 : 12;
}

function element(value: Field): Uint8Array {
  if (typeof value === "string") return bytes(varint(BigInt(value.length)), value);
  if (typeof value !== "object") return varint(BigInt(value) * 2n);
  if (!isList(value)) return thrift(value);
  const [first = 0] = value;
  return bytes((value.length << 4) | typeOf(first), ...value.map(element));
}

const isList = (value: readonly Field[] | Struct): value is readonly Field[] =>
  Array.isArray(value);

/** 7 bits a byte, lowest first. */
function varint(value: bigint): Uint8Array {
  const found: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...found, Number(rest)]);
    found.push(Number(rest & 127n) | 128);
  }
}

export const bytes = (...parts: (number | string | Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => {
      if (typeof part === "number") return [part];
      return [...(typeof part === "string" ? new TextEncoder().encode(part) : part)];
    }),
  );

/** Little-endian, of 4 bytes. */
export const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

interface PageOptions {
  readonly rows: number;
  readonly encoding?: number;
  /** What the header says that the page unpacks to. */
  readonly size?: number;
}

export const dataPage = (
  page: Uint8Array,
  { rows, encoding = PLAIN, size = page.length }: PageOptions,
): Uint8Array =>
  bytes(
    thrift({
      field_1: 0,
      field_2: size,
      field_3: page.length,
      // Values, their encoding, and that of where there are none.
      field_5: { field_1: rows, field_2: encoding, field_3: 3, field_4: 3 },
    }),
    page,
  );

export const dictionaryPage = (page: Uint8Array, values: number): Uint8Array =>
  bytes(
    thrift({
      field_1: 2,
      field_2: page.length,
      field_3: page.length,
      field_7: { field_1: values, field_2: PLAIN },
    }),
    page,
  );

interface FileOptions {
  readonly rows: number;
  readonly type?: "BYTE_ARRAY" | "INT32";
  readonly optional?: boolean;
  readonly snappy?: boolean;
  /** Of the chunk, instead of what is true. */
  readonly start?: bigint;
  readonly length?: bigint;
}

/** A file with a column "a" of these pages. */
export function fileOf(pages: Uint8Array, options: FileOptions): Uint8Array {
  const { rows, optional = false, snappy = false } = options;
  const type = options.type === "INT32" ? INT32 : BYTE_ARRAY;
  const count = BigInt(rows);
  const chunk = {
    field_1: type,
    field_2: [PLAIN],
    field_3: ["a"],
    field_4: snappy ? 1 : 0,
    field_5: count,
    field_6: BigInt(pages.length),
    field_7: options.length ?? BigInt(pages.length),
    field_9: options.start ?? 4n,
  };
  const footer: Uint8Array = thrift({
    field_1: 1,
    field_2: [
      { field_4: "root", field_5: 1 },
      { field_1: type, field_3: optional ? 1 : 0, field_4: "a" },
    ],
    field_3: count,
    field_4: [{ field_1: [{ field_2: 4n, field_3: chunk }], field_2: 0n, field_3: count }],
  });
  return withFooter(footer, pages);
}

export const withFooter = (footer: Uint8Array, pages: Uint8Array = new Uint8Array(0)): Uint8Array =>
  bytes("PAR1", pages, footer, u32(footer.length), "PAR1");
