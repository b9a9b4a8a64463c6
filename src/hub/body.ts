// Reading an answer's body: piece by piece, stopped where it stalls, and with every way it can break off turned into a
// failure that is worth another try.

import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import { withoutQueries } from "./hubErrors.ts";
import { TransientFailure } from "./retry.ts";

/** Without a byte for so long a connection is taken for dead, and another one is tried. */
const STALL_MS = 60_000;

/**
 * The body's pieces as they arrive. Ends where the body ends, or once `length` bytes have come: that there are no more
 * is then for the caller to know. Leaving the loop early closes the connection.
 */
export async function* pieces(
  response: Response,
  doing: string,
  signal: AbortSignal | undefined,
  length = Infinity,
): AsyncGenerator<Uint8Array> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return;
  let ended = false;
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await unlessStalled(reader.read());
      throwIfCancelled(signal, doing);
      if (done) {
        ended = true;
        return;
      }
      at += value.byteLength;
      // Not to wait for the end to be announced: with developer tools open that takes as long as the body itself.
      ended = at === length;
      yield value;
      if (ended) return;
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

async function unlessStalled<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TransientFailure(`nothing came for ${STALL_MS / 1000} s`)),
      STALL_MS,
    );
  });
  try {
    return await Promise.race([reading, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets go of an answer whose body is of no use; where closing it fails there is nothing left to close. */
export async function discard({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => undefined);
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
