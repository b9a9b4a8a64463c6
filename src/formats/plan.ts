// Which bytes to fetch for a set of tensors, as data; and the fetching of them, in order, as they arrive.
// Knows nothing of what is done with the bytes, and holds no more than the ranges under way.

import { type ByteSource, freePiece } from "../lib/byteSource.ts";
import { describe, FacetError, throwIfCancelled } from "../lib/errors.ts";
import { type JobOptions, paced } from "../lib/progress.ts";
import type { StoredTensor } from "./shards.ts";

/** Part of a tensor, or all of it: bytes start to end of its file. */
interface Piece {
  readonly tensor: StoredTensor;
  readonly start: number;
  readonly end: number;
}

/** One read of one file. Between its pieces there may be bytes nobody asked for. */
export interface ReadRange {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Piece[];
}

export interface PlanLimits {
  /** Neighbours at most this many bytes apart share a read; what lies between is read and dropped. */
  readonly maxGap: number;
  /** No read is longer; a tensor that does not fit goes on in the next. */
  readonly maxBytes: number;
}

/** Reads file by file, in the order in which the tensors' files first appear, each from its start to its end. */
export function planReads(
  tensors: readonly StoredTensor[],
  { maxGap, maxBytes }: PlanLimits,
): ReadRange[] {
  // Where one read ends and the next begins is a multiple of maxBytes, so that a cache meets whole cells of its own.
  const endOf = (range: { start: number }): number =>
    (Math.floor(range.start / maxBytes) + 1) * maxBytes;
  const sources = new Set(tensors.map(({ source }) => source));
  return [...sources].flatMap((source) => {
    const inFile = tensors.filter((tensor) => tensor.source === source);
    const ranges: (ReadRange & { end: number; pieces: Piece[] })[] = [];
    for (const tensor of inFile.toSorted((a, b) => a.info.start - b.info.start)) {
      let start = tensor.info.start;
      while (start < tensor.info.end) {
        let range = ranges.at(-1);
        const gap = range === undefined ? Infinity : start - range.end;
        if (range === undefined || gap < 0 || gap > maxGap || start >= endOf(range)) {
          range = { source, start, end: start, pieces: [] };
          ranges.push(range);
        }
        const end = Math.min(tensor.info.end, endOf(range));
        range.pieces.push({ tensor, start, end });
        range.end = end;
        start = end;
      }
    }
    return ranges;
  });
}

export interface StreamOptions extends JobOptions {
  /** Ranges under way at once; so much of them may wait in memory for their turn. */
  readonly concurrency?: number;
  /** For progress. */
  readonly stage?: string;
}

/**
 * Hands on the bytes of every piece in the order of the plan, thus of every tensor from its first to its last,
 * as they arrive. The bytes are a view that must not be kept or changed.
 */
export async function streamTensors(
  ranges: readonly ReadRange[],
  onPiece: (tensor: StoredTensor, bytes: Uint8Array) => void,
  options: StreamOptions = {},
): Promise<void> {
  const { signal, onProgress, concurrency = 4, stage = "Reading weights" } = options;
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const tell = onProgress && paced(onProgress);
  const total = ranges.reduce((sum, range) => sum + range.end - range.start, 0);
  let done = 0;
  const waiting = [...ranges];
  const reading: { range: ReadRange; chunks: AsyncIterable<Uint8Array> }[] = [];
  try {
    for (;;) {
      throwIfCancelled(signal, stage.toLowerCase());
      for (const range of waiting.splice(0, concurrency - reading.length)) {
        reading.push({ range, chunks: startReading(range, stopped) });
      }
      const next = reading.shift();
      if (next === undefined) return;
      let at = next.range.start;
      for await (const chunk of next.chunks) {
        throwIfCancelled(signal, stage.toLowerCase());
        handOn(next.range, at, chunk, onPiece);
        at += chunk.byteLength;
        done += chunk.byteLength;
        if (next.range.source.givesAway === true) freePiece(chunk);
        tell?.({ stage, done, total, unit: "bytes" });
      }
      if (at !== next.range.end) throw wrongLength(next.range, at);
    }
  } catch (error) {
    throwIfCancelled(signal, stage.toLowerCase());
    throw error;
  } finally {
    stop.abort();
  }
}

/** Gives each piece its share of a chunk that begins at byte `at` of the file. */
function handOn(
  range: ReadRange,
  at: number,
  chunk: Uint8Array,
  onPiece: (tensor: StoredTensor, bytes: Uint8Array) => void,
): void {
  if (at + chunk.byteLength > range.end) throw wrongLength(range, at + chunk.byteLength);
  for (const { tensor, start, end } of range.pieces) {
    const from = Math.max(start, at);
    const to = Math.min(end, at + chunk.byteLength);
    if (from < to) onPiece(tensor, chunk.subarray(from - at, to - at));
  }
}

/** Starts at once; chunks wait in order until they are asked for, and so does a failure. */
function startReading(range: ReadRange, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let state: "reading" | "done" | { failure: unknown } = "reading";
  let wake = (): void => {};
  const pump = async (): Promise<void> => {
    try {
      for await (const chunk of range.source.stream(range.start, range.end, { signal })) {
        chunks.push(chunk);
        wake();
      }
      state = "done";
    } catch (failure) {
      state = { failure };
    }
    wake();
  };
  void pump();
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk;
        if (state === "done") return;
        if (state !== "reading") throw asFacetError(range, state.failure);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const wrongLength = (range: ReadRange, reached: number): FacetError =>
  new FacetError(
    "Network",
    `Reading ${range.source.name}: asked for bytes ${range.start} to ${range.end}, received them up to ${reached}. Try again.`,
  );

const asFacetError = (range: ReadRange, failure: unknown): unknown =>
  failure instanceof FacetError
    ? failure
    : new FacetError(
        "Network",
        `Reading ${range.source.name}, bytes ${range.start} to ${range.end}: ${describe(failure)}. Try again.`,
        failure,
      );
