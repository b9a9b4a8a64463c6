// What the hub's tests share: a repo with a large file and a small one, a reader's hub over it without waits, and ways
// to look at what came.

import { createHash } from "node:crypto";
import { parseEndpoint, Tokens } from "../../src/hub/endpoint.ts";
import { type HubCache, openHubCache } from "../../src/hub/cache/hubCache.ts";
import type { Hub } from "../../src/hub/request.ts";
import type { Timing, Wait } from "../../src/hub/retry.ts";
import { FacetError } from "../../src/lib/errors.ts";
import type { MemoryStore } from "./memoryStore.ts";
import { memoryFile } from "./repos.ts";
import type { TestHub } from "./server.ts";

/** Bytes that look like nothing in particular, the same for the same seed. */
export function noise(bytes: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = seed >>> 0;
  for (let i = 0; i < words.length; i++) {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, bytes);
}

/** Two cells, the last of them short and not a whole number of pages. */
export const LARGE = noise(5_300_001, 1);
export const SMALL = noise(1234, 2);
export const REPO = "someone/some-model";
export const FILES = [
  memoryFile("model.safetensors", LARGE),
  memoryFile("config.json", SMALL),
  memoryFile("sae/blocks 6/cfg.json", noise(77, 3)),
];

export interface Reader extends Hub {
  readonly tokens: Tokens;
  readonly waits: Wait[];
  readonly timing: Timing;
}

/** A reader whose waits take no time. */
export function reader(hub: TestHub, token?: string): Reader {
  const endpoint = parseEndpoint(hub.endpoint);
  const tokens = new Tokens();
  if (token !== undefined) tokens.set(endpoint, token);
  const waits: Wait[] = [];
  return {
    endpoint,
    tokens,
    waits,
    onWait: (wait) => waits.push(wait),
    timing: {
      now: () => Date.now(),
      random: () => 0,
      sleep: (_ms, signal) =>
        new Promise((resolve, reject) => {
          setTimeout(() => {
            if (signal?.aborted) reject(new FacetError("Cancelled", "Stopped."));
            else resolve();
          });
        }),
    },
  };
}

export interface Tab {
  readonly cache: HubCache;
  readonly troubles: FacetError[];
}

export async function tab(store: MemoryStore): Promise<Tab> {
  const troubles: FacetError[] = [];
  return { cache: await openHubCache(store, (error) => troubles.push(error)), troubles };
}

/** `toEqual` compares typed arrays element by element, at a cost that counts here. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

/** The error that a promise ends in. */
export async function failure(work: Promise<unknown>): Promise<FacetError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FacetError) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}
