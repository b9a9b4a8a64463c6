// A folder that the reader picked or dropped: its files are read where they lie and go nowhere.

import { assertRange, type ByteSource, type FileTree } from "../lib/byteSource.ts";
import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import { isLfsPointer, lfsPointer, MAX_POINTER_BYTES } from "../lib/lfsPointer.ts";

/** A file with its path inside the folder. */
export interface LocalFile {
  readonly path: string;
  readonly file: Blob;
}

/** @param name for messages and reports. */
export function localTree(name: string, files: readonly LocalFile[]): FileTree {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  return {
    name,
    revision: "local",
    open: async (path) => {
      const file = byPath.get(path);
      return file ? blobSource(`${name}/${path}`, file) : null;
    },
  };
}

/** One file alone. */
export function blobSource(name: string, blob: Blob): ByteSource {
  const slice = (start: number, end: number): Blob => {
    assertRange(name, start, end, blob.size);
    return blob.slice(start, end);
  };
  const unreadable = (error: unknown): FacetError =>
    new FacetError(
      "EntryNotFound",
      `Reading ${name}: the file cannot be read any more; it may have been moved or changed. Open the folder again.`,
      error,
    );
  const bytesOf = async (part: Blob): Promise<Uint8Array> => {
    try {
      return new Uint8Array(await part.arrayBuffer());
    } catch (error) {
      throw unreadable(error);
    }
  };
  /** Whatever the file should be, its pointer is none. */
  const refusePointer = async (): Promise<void> => {
    if (blob.size <= MAX_POINTER_BYTES && isLfsPointer(await bytesOf(blob))) throw lfsPointer(name);
  };
  return {
    name,
    size: async () => blob.size,
    async read(start, end, options) {
      throwIfCancelled(options?.signal, `reading ${name}`);
      const part = slice(start, end);
      await refusePointer();
      return bytesOf(part);
    },
    async *stream(start, end, options) {
      await refusePointer();
      const reader = slice(start, end).stream().getReader();
      try {
        for (;;) {
          throwIfCancelled(options?.signal, `reading ${name}`);
          const { done, value } = await reader.read().catch((error: unknown) => {
            throw unreadable(error);
          });
          if (done) return;
          yield value;
        }
      } finally {
        await reader.cancel();
      }
    },
  };
}
