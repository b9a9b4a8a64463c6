// Sends a file, or the part of it that a Range asks for, with whatever fault the request met.

import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import type { HostedFile } from "./repos.ts";
import type { FileCount } from "./stats.ts";

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One `bytes=a-b` or `bytes=a-` as [start, end); null where the whole file is asked for, "unsatisfiable" beyond its end. */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | null | "unsatisfiable" {
  if (header === undefined) return null;
  const match = /^bytes=(\d+)-(\d*)$/.exec(header);
  // Suffixes and lists of ranges are legal, and need a preflight or come back as multipart: Facet must not use them.
  if (match === null)
    throw new Error(
      `The test hub was sent Range: ${header}, which a browser client must not send.`,
    );
  const start = Number(match[1]);
  const end = match[2] === "" ? size : Math.min(size, Number(match[2]) + 1);
  return start >= size || end <= start ? "unsatisfiable" : { start, end };
}

export async function sendFile(
  response: ServerResponse,
  file: HostedFile,
  range: ByteRange | null,
  fault: Fault | null,
  count: FileCount,
): Promise<void> {
  const kind = fault?.kind;
  const asked = kind === "whole" ? null : range;
  const shift = kind === "shifted" && asked ? (asked.start > 0 ? -1 : 1) : 0;
  const start = (asked?.start ?? 0) + shift;
  const end = Math.min(file.size, (asked?.end ?? file.size) + shift);
  const cut = (kind === "truncate" ? fault?.at : null) ?? end;
  const longer = kind === "longer" ? Buffer.from("more than was asked for") : null;

  response.statusCode = asked ? 206 : 200;
  response.setHeader("Content-Type", "application/octet-stream");
  response.setHeader("Accept-Ranges", "bytes");
  if (asked) response.setHeader("Content-Range", `bytes ${start}-${end - 1}/${file.size}`);
  if (fault?.kind === "contentRange") {
    if (fault.header === null) response.removeHeader("Content-Range");
    else response.setHeader("Content-Range", fault.header);
  }
  // Without Content-Length the end of a chunked body looks like the end of the file.
  if (cut === end && !longer) response.setHeader("Content-Length", end - start);

  count.requests++;
  const stop = (kind === "drop" || kind === "stall" ? fault?.at : null) ?? cut;
  const flip = (kind === "flip" ? fault?.at : null) ?? null;
  const speed = fault?.kind === "slow" ? fault.bytesPerSecond : null;
  response.flushHeaders();
  let at = start;
  if (stop > start) {
    for await (const read of file.stream(start, stop)) {
      for (const piece of split(flipped(read, at, flip), speed)) {
        if (response.destroyed) return;
        response.write(piece);
        count.bytes += piece.byteLength;
        at += piece.byteLength;
        if (speed !== null) await sleep((piece.byteLength / speed) * 1000);
        if (response.writableNeedDrain) await drained(response);
      }
    }
  }
  if (kind === "drop") {
    // What was sent arrives before the connection goes.
    await sleep(20);
    response.destroy();
  } else if (kind !== "stall") {
    if (longer) response.write(longer);
    response.end();
  }
}

function flipped(bytes: Uint8Array, at: number, flip: number | null): Uint8Array {
  if (flip === null || flip < at || flip >= at + bytes.byteLength) return bytes;
  const copy = Uint8Array.from(bytes);
  copy[flip - at] = ~(copy[flip - at] ?? 0);
  return copy;
}

/** Small enough that what is counted is not far ahead of what has left; on a slow link, about 20 pieces a second. */
function* split(bytes: Uint8Array, bytesPerSecond: number | null): Generator<Uint8Array> {
  const step = bytesPerSecond === null ? 64 * 1024 : Math.ceil(bytesPerSecond / 20);
  for (let at = 0; at < bytes.byteLength; at += step) yield bytes.subarray(at, at + step);
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
