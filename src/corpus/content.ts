// What a corpus file holds, streamed from its beginning: as it is stored, or unpacked where it is gzip. No more of what is
// unpacked stands in memory than a small piece of the file can give.

import type { ByteSource, ReadOptions } from "../lib/byteSource.ts";
import { FacetError, throwIfCancelled } from "../lib/errors.ts";

export interface Piece {
  readonly bytes: Uint8Array;
  /** Bytes of the file that lie behind it; for a progress bar. */
  readonly end: number;
}

export interface Content {
  readonly name: string;
  /** Of the file, as it is stored. */
  readonly bytes: number;
  pieces(options?: ReadOptions): AsyncIterable<Piece>;
}

/** Given to be unpacked at a time: a browser unpacks all of what it is given, up to 1032 times as much, before it waits. */
const PACKED_BYTES = 8 * 1024;

/** @param bytes of the whole source. */
export function storedContent(source: ByteSource, bytes: number): Content {
  return {
    name: source.name,
    bytes,
    async *pieces(options) {
      let end = 0;
      for await (const piece of source.stream(0, bytes, options)) {
        end += piece.byteLength;
        yield { bytes: piece, end };
      }
    },
  };
}

export function unpackedContent(packed: Content): Content {
  const { name } = packed;
  return {
    ...packed,
    async *pieces(options) {
      const { readable, writable } = new DecompressionStream("gzip");
      const reader = readable.getReader();
      const feeding = { end: 0, error: null };
      // It ends by itself: where unpacking fails or is given up, the next piece cannot be written.
      void feed(packed, writable, feeding, options);
      try {
        for (;;) {
          throwIfCancelled(options?.signal, `reading ${name}`);
          const { done, value } = await reader.read().catch((error: unknown) => {
            throw feeding.error ?? damaged(name, error);
          });
          if (done) return;
          yield { bytes: value, end: feeding.end };
        }
      } finally {
        // What is wrong with it was thrown above.
        await reader.cancel().catch(() => undefined);
      }
    },
  };
}

interface Feeding {
  /** Bytes that were given. */
  end: number;
  /** Why there are no more: the file's own, not what unpacking says of it. */
  error: FacetError | null;
}

async function feed(
  packed: Content,
  writable: WritableStream<BufferSource>,
  feeding: Feeding,
  options?: ReadOptions,
): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const { bytes } of packed.pieces(options)) {
      for (let at = 0; at < bytes.length; at += PACKED_BYTES) {
        const slice = bytes.slice(at, at + PACKED_BYTES);
        feeding.end += slice.length;
        await writer.write(slice);
      }
    }
    await writer.close();
  } catch (error) {
    if (error instanceof FacetError) feeding.error = error;
    // Whoever reads is told; a stream that has failed already cannot be aborted.
    await writer.abort(error).catch(() => undefined);
  }
}

const damaged = (name: string, cause: unknown): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: it cannot be unpacked as gzip. It may be damaged, cut short, or several packed files in one; unpack it and choose what comes out.`,
    cause,
  );
