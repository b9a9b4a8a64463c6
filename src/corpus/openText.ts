// What kind of corpus a file is, by its first bytes and the end of its name together. What is none is refused by name: a
// packed or binary file taken for text would give numbers that look like any other's.

import type { ByteSource, ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import { type Content, storedContent, unpackedContent } from "./content.ts";
import { csvSource } from "./csv.ts";
import { jsonArraySource } from "./jsonArray.ts";
import { jsonlSource } from "./jsonl.ts";
import { plainTextSource } from "./plainText.ts";
import type { TextSource } from "./textSource.ts";

type Kind = "text" | "jsonl" | "json" | "csv" | "parquet";

/** By the end of a name, of which ".gz" was cut off. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["txt", "text"],
  ["text", "text"],
  ["md", "text"],
  ["markdown", "text"],
  ["jsonl", "jsonl"],
  ["ndjson", "jsonl"],
  ["json", "json"],
  ["csv", "csv"],
  ["parquet", "parquet"],
]);
const READ =
  "Facet reads text (.txt, .md), JSONL (.jsonl, .ndjson), JSON, CSV and Parquet, and .gz of all but Parquet";

const HEAD_BYTES = 1024;
const GZIP = [0x1f, 0x8b];
const PARQUET = [0x50, 0x41, 0x52, 0x31]; // "PAR1"
/** First bytes of what might be taken for text. */
const OTHERS: readonly (readonly [first: readonly number[], what: string])[] = [
  [GZIP, "packed with gzip twice"],
  [PARQUET, "Parquet packed with gzip"],
  [[0x50, 0x4b, 3, 4], "a ZIP archive"],
  [[0x28, 0xb5, 0x2f, 0xfd], "packed with Zstandard"],
  [[0x42, 0x5a, 0x68], "packed with bzip2"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "packed with xz"],
  [[0x37, 0x7a, 0xbc, 0xaf], "a 7-Zip archive"],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], "a PDF"],
  [[0xff, 0xfe], "text in UTF-16"],
  [[0xfe, 0xff], "text in UTF-16"],
];

/** @param column that holds the text, in all kinds but plain text. */
export async function openText(
  source: ByteSource,
  column: string,
  options: ReadOptions = {},
): Promise<TextSource> {
  const { name } = source;
  const bytes = await source.size(options);
  const kind = kindOf(name);
  const head = await source.read(0, Math.min(HEAD_BYTES, bytes), options);
  const packed = begins(head, GZIP);
  if (packed && kind === "parquet") throw refused(name, "Parquet packed with gzip");
  if (kind === "parquet" || begins(head, PARQUET)) {
    const { parquetSource } = await import("./parquet.ts");
    return parquetSource(source, bytes, column);
  }
  const stored = storedContent(source, bytes);
  // A browser may have unpacked what it downloaded, and left the name.
  const content = packed ? unpackedContent(stored) : stored;
  const first = packed ? await headOf(content, options) : head;
  assertText(name, first);
  if (kind === "csv") return csvSource(content, column);
  if (kind === "jsonl") return jsonlSource(content, column);
  if (kind === "json") return jsonSource(content, first, column);
  return plainTextSource(content);
}

function kindOf(name: string): Kind {
  const ending = /\.([^./\\]*)$/.exec(name.replace(/\.gz$/i, ""))?.[1] ?? "";
  const kind = KINDS.get(ending.toLowerCase());
  if (kind) return kind;
  throw new FacetError(
    "Unsupported",
    `Reading ${name}: ${ending === "" ? "its name has no ending" : `${show(`.${ending}`)} is no ending that is known here`}. ${READ}. Rename it where it is one of these.`,
  );
}

/** One list of objects, or an object a line under this name. */
function jsonSource(content: Content, head: Uint8Array, column: string): TextSource {
  const [first = ""] = new TextDecoder().decode(head).trimStart();
  if (first === "[") return jsonArraySource(content, column);
  if (first === "{" || first === "") return jsonlSource(content, column);
  throw new FacetError(
    "Format",
    `Reading ${content.name}: JSON that begins with ${show(first)} is no list of objects and no object a line.`,
  );
}

function assertText(name: string, head: Uint8Array): void {
  const other = OTHERS.find(([first]) => begins(head, first))?.[1];
  if (other !== undefined) throw refused(name, other);
  if (head.includes(0)) throw refused(name, "binary, no text");
}

const refused = (name: string, what: string): FacetError =>
  new FacetError(
    "Unsupported",
    `Reading ${name}: it is ${what}, whatever its name says. ${READ}, in UTF-8. Unpack it or save it as one of these.`,
  );

async function headOf(content: Content, options: ReadOptions): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  for await (const { bytes } of content.pieces(options)) {
    const taken = bytes.subarray(0, HEAD_BYTES - length);
    head.set(taken, length);
    length += taken.length;
    if (length === HEAD_BYTES) break;
  }
  return head.subarray(0, length);
}

const begins = (head: Uint8Array, first: readonly number[]): boolean =>
  first.every((byte, i) => head[i] === byte);
