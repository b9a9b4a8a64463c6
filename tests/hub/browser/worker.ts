// What the browser tests of the Hub's client run in a worker: the client, the cache and the origin-private file system as
// the app has them, without the app around them.

import { createSHA256 } from "hash-wasm";
import { browserCache } from "../../../src/hub/cache/browserCache.ts";
import { openHubCache, type CacheEntry } from "../../../src/hub/cache/hubCache.ts";
import { HUB_PLACE, openOpfsStore } from "../../../src/hub/cache/opfsStore.ts";
import { parseEndpoint, Tokens } from "../../../src/hub/endpoint.ts";
import { openHubTree } from "../../../src/hub/hubTree.ts";
import { parseRepoRef } from "../../../src/hub/repoId.ts";
import { realTiming, type Timing } from "../../../src/hub/retry.ts";
import { toPlainError, type PlainError } from "../../../src/lib/errors.ts";

export interface ReadRequest {
  readonly endpoint: string;
  readonly ref: string;
  readonly path: string;
  readonly token?: string;
  /** So many streams at once, each an equal share of the file. */
  readonly streams?: number;
}

export interface ReadResult {
  readonly sha256: string;
  readonly ms: number;
  /** Codes of what the storage failed with. */
  readonly troubles: string[];
}

/** Waits between tries, but shorter ones than a reader has. */
const HURRIED: Timing = { ...realTiming, sleep: (ms, signal) => realTiming.sleep(ms / 50, signal) };

const methods = {
  /** The hash of the whole file, read through the cache. */
  async read(request: ReadRequest): Promise<ReadResult> {
    const start = performance.now();
    const troubles: string[] = [];
    const cache = await browserCache(({ code }) => troubles.push(code))();
    const tokens = new Tokens();
    const endpoint = parseEndpoint(request.endpoint);
    if (request.token !== undefined) tokens.set(endpoint, request.token);
    const tree = await openHubTree(
      { endpoint, tokens, timing: HURRIED },
      parseRepoRef(request.ref),
      cache,
    );
    const source = await tree.open(request.path);
    if (source === null) throw new Error(`${request.path} is missing`);
    const size = await source.size();
    const streams = request.streams ?? 1;
    const shares = await Promise.all(
      Array.from({ length: streams }, async (_, i) => {
        const hash = await createSHA256();
        const [from, to] = [i, i + 1].map((n) => Math.floor((size * n) / streams));
        for await (const bytes of source.stream(from ?? 0, to ?? 0)) {
          if (streams === 1) hash.update(bytes);
          progress += bytes.byteLength;
        }
        return hash.digest("hex");
      }),
    );
    return { sha256: shares[0] ?? "", ms: performance.now() - start, troubles };
  },

  /** Bytes that reads have given since the worker began. */
  progress: () => Promise.resolve(progress),

  async list(): Promise<CacheEntry[]> {
    const store = await openOpfsStore(HUB_PLACE);
    return store === null ? [] : (await openHubCache(store, () => undefined)).list();
  },

  async remove(id: string): Promise<void> {
    const store = await openOpfsStore(HUB_PLACE);
    if (store) await (await openHubCache(store, () => undefined)).remove(id);
  },

  /** Turns a byte in the middle of the largest stored file; its name. */
  async damage(): Promise<string> {
    const store = await openOpfsStore(HUB_PLACE);
    if (store === null) return "";
    let largest = { folder: "", name: "", bytes: -1 };
    for (const folder of await store.folders()) {
      for (const file of await store.files(folder))
        if (file.bytes > largest.bytes) largest = { folder, ...file };
    }
    await store.withFile(largest, undefined, (file) => {
      const at = Math.floor(largest.bytes / 2);
      const byte = new Uint8Array(1);
      file.read(byte, at);
      file.write(Uint8Array.of(~(byte[0] ?? 0)), at);
    });
    return largest.name;
  },

  /** The time that fetch takes for the same bytes, to nowhere. */
  async fetchAway(url: string): Promise<number> {
    const start = performance.now();
    const response = await fetch(url, { cache: "no-store" });
    const reader = response.body?.getReader();
    for (let ended = false; !ended;) ended = (await reader?.read())?.done ?? true;
    return performance.now() - start;
  },
};

let progress = 0;

export type HubMethods = typeof methods;
export type Reply = { id: number; value: unknown } | { id: number; error: PlainError };

addEventListener(
  "message",
  ({ data }: MessageEvent<{ id: number; method: keyof HubMethods; arg: never }>) => {
    const { id, method, arg } = data;
    methods[method](arg).then(
      (value) => postMessage({ id, value } satisfies Reply),
      (error: unknown) => postMessage({ id, error: toPlainError(error) } satisfies Reply),
    );
  },
);
