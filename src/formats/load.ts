// Loads a named group of tensors: matrices stream into writers that the caller makes, vectors are widened to f32.
// Values that are not finite are refused on their way. It knows no backend and keeps nothing; on failure every writer is
// told to free what it took.

import { defined } from "../lib/defined.ts";
import { decodeFloats, formatOfDtype, isFloatDtype, type WeightFormat } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import { assertFinite, finiteCheck } from "./finite.ts";
import { narrowed } from "./narrow.ts";
import { planReads, streamTensors } from "./plan.ts";
import type { StoredTensor, TensorSet } from "./shards.ts";

/** A tensor's name in its file, and the shape it must have; with `rows`, only its rows from … to (exclusive). */
export interface Wanted {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows?: { readonly from: number; readonly to: number };
}

export interface MatrixSpec {
  readonly label: string;
  readonly rows: number;
  readonly cols: number;
  readonly format: WeightFormat;
}

/** Takes a matrix's bytes in order, in any pieces. */
export interface MatrixWriter<M> {
  write(bytes: Uint8Array): void;
  finish(): M;
  abort(): void;
}

export interface Loaded<M, MatrixKey extends string, VectorKey extends string> {
  readonly matrices: Record<MatrixKey, M>;
  readonly vectors: Record<VectorKey, Float32Array>;
}

/** Ranges of a few MiB; gaps up to 64 KiB are read over rather than split at. */
const READ_PLAN = { maxGap: 64 * 1024, maxBytes: 8 * 1024 * 1024 };

export async function load<M, MatrixKey extends string, VectorKey extends string>(
  set: TensorSet,
  wanted: { matrices: Record<MatrixKey, Wanted>; vectors: Record<VectorKey, Wanted> },
  makeWriter: (spec: MatrixSpec, key: MatrixKey) => MatrixWriter<M>,
  options: JobOptions,
): Promise<Loaded<M, MatrixKey, VectorKey>> {
  const vectors = new Map<VectorKey, { ref: StoredTensor; bytes: Uint8Array; filled: number }>();
  const writers = new Map<MatrixKey, MatrixWriter<M>>();
  const sinks = new Map<StoredTensor, (bytes: Uint8Array) => void>();
  const checks: { end(): void }[] = [];
  try {
    for (const [key, one] of entries(wanted.vectors)) {
      const ref = await find(set, one, options);
      const vector = { ref, bytes: new Uint8Array(ref.info.end - ref.info.start), filled: 0 };
      vectors.set(key, vector);
      sinks.set(ref, (bytes) => {
        vector.bytes.set(bytes, vector.filled);
        vector.filled += bytes.byteLength;
      });
    }
    for (const [key, one] of entries(wanted.matrices)) {
      const ref = await find(set, one, options);
      const spec = matrixSpec(ref);
      const writer = makeWriter(spec, key);
      writers.set(key, writer);
      const check = finiteCheck(ref, spec.format, one.rows?.from ?? 0);
      checks.push(check);
      const put = (bytes: Uint8Array): void => {
        check.take(bytes);
        writer.write(bytes);
      };
      sinks.set(ref, ref.info.dtype === "F64" ? narrowed(put, ref.info.name) : put);
    }
    const plan = planReads([...sinks.keys()], READ_PLAN);
    await streamTensors(plan, (ref, bytes) => sinks.get(ref)?.(bytes), options);
    for (const check of checks) check.end();
    return {
      matrices: record([...writers].map(([key, writer]) => [key, writer.finish()])),
      vectors: record(
        [...vectors].map(([key, { ref, bytes }]) => {
          const values = decodeFloats(bytes, ref.info.dtype, ref.info.name);
          assertFinite(ref, values);
          return [key, values] as const;
        }),
      ),
    };
  } catch (error) {
    for (const writer of writers.values()) writer.abort();
    throw error;
  }
}

/** Bytes that loading these would read, gaps left out. */
export async function bytesOf(
  set: TensorSet,
  wanted: readonly Wanted[],
  options: JobOptions,
): Promise<number> {
  let bytes = 0;
  for (const one of wanted) {
    const { info } = await find(set, one, options);
    bytes += info.end - info.start;
  }
  return bytes;
}

/** The format that a matrix of a file is loaded in; `Unsupported` where it is none that matrices can be loaded in. */
export async function formatOf(
  set: TensorSet,
  wanted: Wanted,
  options: JobOptions,
): Promise<WeightFormat> {
  return matrixSpec(await find(set, wanted, options)).format;
}

async function find(
  set: TensorSet,
  { name, shape, rows }: Wanted,
  options: JobOptions,
): Promise<StoredTensor> {
  const whole = await set.get(name, shape, options);
  if (rows === undefined) return whole;
  const { info } = whole;
  const rowBytes = (info.end - info.start) / defined(shape[0]);
  return {
    source: whole.source,
    info: {
      ...info,
      shape: [rows.to - rows.from, ...shape.slice(1)],
      start: info.start + rows.from * rowBytes,
      end: info.start + rows.to * rowBytes,
    },
  };
}

function matrixSpec({ info }: StoredTensor): MatrixSpec {
  const [rows, cols] = info.shape;
  if (rows === undefined || cols === undefined || !isFloatDtype(info.dtype)) {
    throw new FacetError(
      "Unsupported",
      `Loading ${info.name}: found ${info.dtype} of shape [${info.shape.join(", ")}]; matrices in F64, F32, BF16 and F16 can be loaded. Convert the file to one of these.`,
    );
  }
  return { label: info.name, rows, cols, format: formatOfDtype(info.dtype) };
}

function entries<K extends string, V>(values: Record<K, V>): [K, V][] {
  return Object.entries(values) as [K, V][];
}

function record<K extends string, V>(pairs: readonly (readonly [K, V])[]): Record<K, V> {
  return Object.fromEntries(pairs) as Record<K, V>;
}
