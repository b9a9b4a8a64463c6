// Reading an answer's body: piece by piece, stopped where it stalls, and with every way it can break off turned into a
// failure that is worth another try.

import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import { withoutQueries } from "./hubErrors.ts";
import { TransientFailure } from "./retry.ts";

/** Without a byte for so long a connection is taken for dead, and another one is tried. */
export const STALL_MS = 60_000;

/** The body's pieces as they arrive. Ends where the body ends; leaving it early closes the connection. */
export async function* pieces(
  response: Response,
  doing: string,
  signal: AbortSignal | undefined,
  stallMs = STALL_MS,
): AsyncGenerator<Uint8Array> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return;
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await unlessStalled(reader.read(), stallMs);
      throwIfCancelled(signal, doing);
      ended = done;
      if (done) return;
      yield value;
    }
  } catch (error) {
    throwIfCancelled(signal, doing);
    if (error instanceof TransientFailure || error instanceof FacetError) throw error;
    throw new TransientFailure("the connection broke off", { cause: withoutQueries(error) });
  } finally {
    // Closing a connection that has failed already fails again, with nothing new to tell.
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

async function unlessStalled<T>(reading: Promise<T>, stallMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TransientFailure(`nothing came for ${stallMs / 1000} s`)),
      stallMs,
    );
  });
  try {
    return await Promise.race([reading, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

/** The whole body, of at most `limit` bytes; `Network` where it is longer. */
export async function readBody(
  response: Response,
  limit: number,
  doing: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces(response, doing, signal)) {
    length += piece.byteLength;
    if (length > limit) {
      throw new FacetError(
        "Network",
        `While ${doing}: the answer is longer than the ${limit} bytes that make sense. Check the hub's address.`,
      );
    }
    parts.push(piece);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
