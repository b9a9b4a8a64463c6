// Bytes [start, end) of a file of a commit, in order, as they arrive: asked for with one Range, and again from the byte
// reached whenever the answer breaks off or its signed address has expired. Bytes that the answer does not prove to be
// the ones asked for are never handed on.

import { FacetError } from "../lib/errors.ts";
import type { RepoFile } from "./api.ts";
import { discard, pieces } from "./body.ts";
import { get, type Hub, retryOptions, type Target } from "./request.ts";
import { Backoff, TransientFailure } from "./retry.ts";

/** A file of a repo at a commit. */
export interface HubFile {
  readonly hub: Hub;
  readonly repo: string;
  readonly commit: string;
  readonly file: RepoFile;
}

/** A file this small may come whole from a server that knows no ranges; what is not needed is read and dropped. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;
/** So much more of a file is progress; a link that gives less before every break is given up on after some tries. */
const PROGRESS_BYTES = 64 * 1024;

export const nameOf = ({ repo, file }: HubFile): string => `${repo}/${file.path}`;

export async function* fetchRange(
  source: HubFile,
  start: number,
  end: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const doing = `reading ${nameOf(source)}`;
  const backoff = new Backoff(doing, retryOptions(source.hub, signal));
  let at = start;
  let failedAt = start;
  while (at < end) {
    try {
      for await (const bytes of fetchOnce(source, at, end, doing, signal)) {
        at += bytes.byteLength;
        yield bytes;
      }
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      if (at - failedAt >= PROGRESS_BYTES) backoff.reset();
      failedAt = at;
      await backoff.next(error);
    }
  }
}

/** One request for [start, end); fails where it ends early. */
async function* fetchOnce(
  { hub, repo, commit, file }: HubFile,
  start: number,
  end: number,
  doing: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const url = `${hub.endpoint.url}/${repo}/resolve/${commit}/${path}`;
  const target: Target = { url, repo, revision: commit, path: file.path };
  const response = await get(hub, target, { start, end }, signal);
  const bodyStart = firstByte(response, start, end, file.size);
  if (typeof bodyStart !== "number") {
    await discard(response);
    throw bodyStart;
  }
  const bodyEnd = response.status === 206 ? end : file.size;
  let at = bodyStart;
  for await (const piece of pieces(response, doing, signal, lengthOf(response))) {
    const from = at;
    at += piece.byteLength;
    if (at > bodyEnd) {
      throw new TransientFailure(`the answer goes on after byte ${bodyEnd}, where it should end`);
    }
    if (at > start && from < end) {
      yield piece.subarray(Math.max(0, start - from), Math.min(piece.byteLength, end - from));
    }
    // Of a whole file the rest is not needed, unless this is its end, which must prove to be one.
    if (at >= end && end < bodyEnd) return;
  }
  if (at < bodyEnd) throw new TransientFailure(`the answer ended at byte ${at} of ${bodyEnd}`);
}

/** Which byte of the file the body begins with; an error where the headers do not prove that it holds what was asked for. */
function firstByte(response: Response, start: number, end: number, size: number): number | Error {
  if (response.status === 200) {
    if (size <= MAX_WHOLE_BYTES) return 0;
    return new FacetError(
      "Network",
      `Reading bytes ${start} to ${end} of a file of ${size}: the server sent it whole, which is too much to read for a part. Use a hub that answers Range requests.`,
    );
  }
  const header = response.headers.get("Content-Range");
  if (header === null) {
    return new TransientFailure(
      "the server does not tell which bytes it sent (it must expose Content-Range)",
    );
  }
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header);
  if (match === null) return new TransientFailure("the server's Content-Range is not understood");
  const [, first, last, total] = match;
  if (Number(first) !== start || Number(last) !== end - 1) {
    return new TransientFailure(
      `asked for bytes ${start} to ${end - 1}, the server sent ${first} to ${last}`,
    );
  }
  if (total !== "*" && Number(total) !== size) {
    return new TransientFailure(
      `the hub lists ${size} bytes, the server says that there are ${total}`,
    );
  }
  const length = lengthOf(response);
  if (length !== undefined && length > end - start) {
    return new TransientFailure(`the answer has ${length} bytes, ${end - start} were asked for`);
  }
  return start;
}

/** Bytes the body has; undefined where nothing tells, or where it is compressed on the way. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get("Content-Length");
  const encoded = headers.get("Content-Encoding") !== null;
  return length !== null && /^\d{1,15}$/.test(length) && !encoded ? Number(length) : undefined;
}
