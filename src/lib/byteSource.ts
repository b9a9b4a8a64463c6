// Where bytes come from: a file on a hub, in a cache, on disk or in memory.
// Behaviour (caching, coalescing, retrying) is added by wrapping one ByteSource in another.

import { FacetError, throwIfCancelled } from "./errors.ts";

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

export interface ByteSource {
  /** For messages: a path or address without secrets. */
  readonly name: string;
  /** Length in bytes. */
  size(options?: ReadOptions): Promise<number>;
  /** Exactly the bytes [start, end); anything less is an error (`Network` or `Format`). */
  read(start: number, end: number, options?: ReadOptions): Promise<Uint8Array>;
  /** The bytes [start, end) in order, in pieces as they arrive; together exactly end - start bytes. */
  stream(start: number, end: number, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** True where the pieces of `stream` are nobody else's: whoever is done with one may free it. */
  readonly givesAway?: boolean;
}

/**
 * Frees the memory of a piece at once. Gigabytes pass through, and what waits for the garbage collector would stand at
 * several times what is in use. A piece that shares its buffer is left to the collector.
 */
export function freePiece(piece: Uint8Array): void {
  const { buffer } = piece;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.byteLength) {
    // Not in Node 20 and older browsers.
    (buffer as { transfer?: (bytes: number) => ArrayBuffer }).transfer?.(0);
  }
}

/** Throws `Format` where [start, end) is not inside a source of `size` bytes. */
export function assertRange(name: string, start: number, end: number, size: number): void {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (!whole || start < 0 || end < start || end > size) {
    throw new FacetError(
      "Format",
      `Reading ${name}: bytes ${start} to ${end} lie outside its ${size} bytes. The file may be cut short; fetch it again.`,
    );
  }
}

/** A ByteSource over bytes in memory; reads are views, never copies. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  const read = async (start: number, end: number, options?: ReadOptions): Promise<Uint8Array> => {
    throwIfCancelled(options?.signal, `reading ${name}`);
    assertRange(name, start, end, bytes.byteLength);
    return bytes.subarray(start, end);
  };
  return {
    name,
    size: async () => bytes.byteLength,
    read,
    async *stream(start, end, options) {
      yield await read(start, end, options);
    },
  };
}

/** A folder of files, as a model or an SAE has them. */
export interface FileTree {
  /** For messages and reports: `demo/model`, `google/gemma-2b`. */
  readonly name: string;
  /** Commit, or hash of the content; stands in reports. */
  readonly revision: string;
  /** The file's source, or null where the folder has no such file. */
  open(path: string, options?: ReadOptions): Promise<ByteSource | null>;
}

/** The whole file as bytes; `EntryNotFound` where it is missing, `Format` where it is over `limit` bytes. */
export async function readFile(
  tree: FileTree,
  path: string,
  limit: number,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const source = await tree.open(path, options);
  if (source === null) {
    throw new FacetError(
      "EntryNotFound",
      `Opening ${tree.name}: it has no ${path}. Check the name, the revision and the folder.`,
    );
  }
  const size = await source.size(options);
  if (size > limit) {
    throw new FacetError(
      "Format",
      `Reading ${source.name}: ${size} bytes is more than the ${limit} such a file may have.`,
    );
  }
  return source.read(0, size, options);
}
