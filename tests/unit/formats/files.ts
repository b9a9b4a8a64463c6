// Files for tests: safetensors made from parts that may lie, folders in memory or from the fixtures,
// and sources that write down what is asked of them.

import { readFile } from "node:fs/promises";
import { memorySource, type ByteSource, type FileTree } from "../../../src/lib/byteSource.ts";

const root = new URL("../../../", import.meta.url);

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const jsonBytes = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));

export const readFixture = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(path, root)));

/** A safetensors file: `header` as it is to stand in the file, and `data` zero bytes behind it. */
export function safetensors(header: unknown, data: number, announced?: bigint): Uint8Array {
  const json = typeof header === "string" ? bytesOf(header) : jsonBytes(header);
  const file = new Uint8Array(8 + json.byteLength + data);
  new DataView(file.buffer).setBigUint64(0, announced ?? BigInt(json.byteLength), true);
  file.set(json, 8);
  return file;
}

/** Tensors end to end, with the data to match. */
export function safetensorsOf(
  shapes: Record<string, readonly number[]>,
  dtype = "F32",
  bytes = 4,
): Uint8Array {
  let end = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const start = end;
    end += shape.reduce((product, dimension) => product * dimension, bytes);
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  return safetensors(header, end);
}

export function memoryTree(files: Record<string, Uint8Array>, name = "folder"): FileTree {
  return {
    name,
    revision: "test",
    open: async (path) => {
      const bytes = Object.hasOwn(files, path) ? files[path] : undefined;
      return bytes === undefined ? null : memorySource(`${name}/${path}`, bytes);
    },
  };
}

/** A folder below the repository's root. */
export function fixtureTree(folder: string): FileTree {
  return {
    name: folder,
    revision: "test",
    open: async (path) => {
      try {
        return memorySource(`${folder}/${path}`, await readFixture(`${folder}/${path}`));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw error;
      }
    },
  };
}

/** The source, and the ranges that were asked of it, in order. */
export function recording(inner: ByteSource): { source: ByteSource; asked: [number, number][] } {
  const asked: [number, number][] = [];
  const source: ByteSource = {
    name: inner.name,
    size: (options) => inner.size(options),
    read: (start, end, options) => {
      asked.push([start, end]);
      return inner.read(start, end, options);
    },
    stream: (start, end, options) => {
      asked.push([start, end]);
      return inner.stream(start, end, options);
    },
  };
  return { source, asked };
}

/** Claims `size` bytes and has those of `bytes` only, zeroes after them; as a hostile server might. */
export function boastfulSource(bytes: Uint8Array, size: number): ByteSource {
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const out = new Uint8Array(end - start);
    out.set(bytes.subarray(start, end));
    return out;
  };
  return {
    name: "boastful.safetensors",
    size: async () => size,
    read,
    async *stream(start, end) {
      yield await read(start, end);
    },
  };
}
