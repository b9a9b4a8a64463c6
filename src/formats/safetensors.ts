// The header of a safetensors file, checked before anything is allocated for what it announces.
// Reads no tensor data. As strict as the format's own library (huggingface/safetensors,
// safetensors/src/tensor.rs), and stricter where a name stands twice.

import type { ByteSource, ReadOptions } from "../lib/byteSource.ts";
import { DTYPE_BYTES, isDtype, type Dtype } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import { isJsonObject, parseJsonObject, show } from "../lib/json.ts";
import { isLfsPointer, lfsPointer } from "../lib/lfsPointer.ts";

export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The format's own limit on a header. */
export const MAX_HEADER_BYTES = 100_000_000;
/** A little-endian u64: the header's length. */
const LENGTH_BYTES = 8;
/** Asked for first: the whole header of nearly every file, in one request (gemma-2b's longest is under 20 KB). */
const FIRST_READ_BYTES = 64 * 1024;
/** { name: { shape: [ … ] } }, and one to spare. */
const MAX_DEPTH = 4;

export async function readSafetensorsHeader(
  source: ByteSource,
  options?: ReadOptions,
): Promise<SafetensorsHeader> {
  const size = await source.size(options);
  if (size < LENGTH_BYTES) {
    throw malformed(source.name, `${size} bytes are too few to hold a header`);
  }
  const first = await source.read(0, Math.min(size, FIRST_READ_BYTES), options);
  if (isLfsPointer(first)) throw lfsPointer(source.name);
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES || Number(length) > size - LENGTH_BYTES) {
    throw malformed(
      source.name,
      `it announces a header of ${length} bytes; the file has ${size} and a header at most ${MAX_HEADER_BYTES}`,
    );
  }
  const dataStart = LENGTH_BYTES + Number(length);
  const header =
    dataStart <= first.byteLength
      ? first.subarray(LENGTH_BYTES, dataStart)
      : await source.read(LENGTH_BYTES, dataStart, options);
  return parseHeader(header, source.name, dataStart, size);
}

function parseHeader(
  bytes: Uint8Array,
  name: string,
  dataStart: number,
  size: number,
): SafetensorsHeader {
  const json = parseJsonObject(bytes, `the header of ${name}`, {
    maxDepth: MAX_DEPTH,
    uniqueKeys: true,
  });
  const tensors = new Map<string, TensorInfo>();
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [key, value] of Object.entries(json)) {
    if (key === "__metadata__") metadata = parseMetadata(value, name);
    else tensors.set(key, parseTensor(key, value, name, dataStart));
  }
  checkLayout([...tensors.values()], name, dataStart, size);
  return { tensors, metadata };
}

function parseMetadata(value: unknown, file: string): ReadonlyMap<string, string> {
  if (!isJsonObject(value))
    throw malformed(file, `its __metadata__ is ${show(value)}, not an object`);
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw malformed(file, `__metadata__ must map names to texts, ${show(key)} is ${show(text)}`);
    }
    metadata.set(key, text);
  }
  return metadata;
}

function parseTensor(name: string, value: unknown, file: string, dataStart: number): TensorInfo {
  const tensor = show(name);
  if (!isJsonObject(value))
    throw malformed(file, `its entry ${tensor} is ${show(value)}, not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") {
    throw malformed(file, `the dtype of ${tensor} is ${show(dtype)}, not a name`);
  }
  if (!isDtype(dtype)) {
    throw new FacetError(
      "Unsupported",
      `Reading ${file}: the dtype of ${tensor} is ${show(dtype)}, which is not one of those read here ` +
        `(${Object.keys(DTYPE_BYTES).join(", ")}).`,
    );
  }
  if (!isNaturals(shape))
    throw malformed(file, `the shape of ${tensor} is not a list of whole numbers from 0`);
  if (!isNaturals(offsets) || offsets.length !== 2) {
    throw malformed(file, `the data_offsets of ${tensor} are not two whole numbers from 0`);
  }
  const [start, end] = offsets as [number, number];
  const bytes = byteLength(shape, dtype);
  if (end < start || bytes === null || end - start !== bytes) {
    throw malformed(
      file,
      `${tensor} is ${dtype} of shape [${show(shape.join(", ")).slice(1, -1)}], ` +
        `which its data_offsets [${start}, ${end}] do not hold`,
    );
  }
  return { name, dtype, shape, start: dataStart + start, end: dataStart + end };
}

/** Tensors lie end to end from the first byte of data to the last of the file: no overlap, no hole, no rest. */
function checkLayout(tensors: TensorInfo[], file: string, dataStart: number, size: number): void {
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  let reached = dataStart;
  for (const { name, start, end } of tensors) {
    if (end > size) {
      throw malformed(file, `${show(name)} ends at byte ${end} of a file of ${size} bytes`);
    }
    if (start !== reached) {
      const how = start < reached ? "overlaps the tensor before it" : "leaves a hole before it";
      throw malformed(
        file,
        `${show(name)} begins at byte ${start} instead of ${reached}: it ${how}`,
      );
    }
    reached = end;
  }
  if (reached !== size) {
    throw malformed(file, `its tensors end at byte ${reached}, but the file has ${size} bytes`);
  }
}

/** null where the count of bytes is beyond what a number holds exactly. */
function byteLength(shape: readonly number[], dtype: Dtype): number | null {
  if (shape.includes(0)) return 0;
  let bytes: number = DTYPE_BYTES[dtype];
  for (const dimension of shape) {
    bytes *= dimension;
    if (!Number.isSafeInteger(bytes)) return null;
  }
  return bytes;
}

const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

const malformed = (file: string, found: string): FacetError =>
  new FacetError(
    "Format",
    `Reading ${file}: ${found}. It is no whole safetensors file; fetch it again or save it anew.`,
  );
