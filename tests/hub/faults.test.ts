// Every way a hub can go wrong, at the header, in the middle and at the last byte of a file: the reader ends with the
// right bytes or with a clear error, and the next try, once the hub is well again, succeeds.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openHubTree } from "../../src/hub/hubTree.ts";
import { parseRepoRef } from "../../src/hub/repoId.ts";
import type { ByteSource } from "../../src/lib/byteSource.ts";
import type { Fault } from "./faults.ts";
import { startTestHub, type TestHub } from "./server.ts";
import {
  collect,
  failure,
  FILES,
  LARGE,
  noise,
  reader,
  REPO,
  same,
  SMALL,
  tab,
} from "./setting.ts";
import { memoryFile } from "./repos.ts";
import { MemoryStore } from "./memoryStore.ts";

/** A file over the size up to which one may come whole. */
const HUGE = noise(33 * 1024 * 1024, 9);

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({
    repos: { [REPO]: { files: [...FILES, memoryFile("huge.safetensors", HUGE)] } },
  });
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.faults.clear();
  hub.stats.clear();
});

interface Case {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly on: "cdn" | "resolve";
}
const CASES: Case[] = [
  {
    name: "a large file behind a signed address",
    path: "model.safetensors",
    bytes: LARGE,
    on: "cdn",
  },
  { name: "a small file from the endpoint", path: "config.json", bytes: SMALL, on: "resolve" },
];
const POSITIONS: [string, (size: number) => number][] = [
  ["header", () => 3],
  ["middle", (size) => Math.floor(size / 2)],
  ["last byte", (size) => size - 1],
];
const CACHES = [
  ["without a cache", false],
  ["with a cache", true],
] as const;

async function open(path: string, cached: boolean): Promise<ByteSource> {
  const cache = cached ? (await tab(new MemoryStore())).cache : null;
  const tree = await openHubTree(reader(hub), parseRepoRef(REPO), cache);
  const source = await tree.open(path);
  if (source === null) throw new Error(`${path} is missing`);
  return source;
}

/** Faults that another request cures. */
const CURABLE: [string, (at: number) => Partial<Fault>][] = [
  ["a connection that drops", (at) => ({ kind: "drop", at })],
  ["a body cut short", (at) => ({ kind: "truncate", at })],
  ["another part of the file", (at) => ({ kind: "shifted", at })],
  [
    "a false first byte in Content-Range",
    (at) => ({ kind: "contentRange", header: "bytes 0-0/1234", at }),
  ],
  [
    "a Content-Range of nonsense",
    (at) => ({ kind: "contentRange", header: "bytes */*, what?", at }),
  ],
  ["no Content-Range", (at) => ({ kind: "contentRange", header: null, at })],
  ["more bytes than were asked for", (at) => ({ kind: "longer", at })],
  [
    "429 with Retry-After",
    (at) => ({ kind: "status", status: 429, retryAfter: "7", at, times: 3 }),
  ],
  ["a burst of 503", (at) => ({ kind: "status", status: 503, at, times: 5 })],
  ["500", (at) => ({ kind: "status", status: 500, at })],
  ["a closed connection", (at) => ({ kind: "refuse", at, times: 4 })],
];

describe.each(CACHES)("%s", (_, cached) => {
  describe.each(CASES)("$name", ({ path, bytes, on }) => {
    describe.each(POSITIONS)("at the %s", (_position, position) => {
      const at = position(bytes.byteLength);

      it.each(CURABLE)("is read right through %s", async (_fault, fault) => {
        const source = await open(path, cached);
        hub.faults.add({ path, on, ...fault(at) } as Fault);
        expect(same(await source.read(0, bytes.byteLength), bytes)).toBe(true);
        expect(hub.faults.met).toBeGreaterThan(0);
      });

      it.each(CURABLE)("streams right through %s", async (_fault, fault) => {
        const source = await open(path, cached);
        hub.faults.add({ path, on, ...fault(at) } as Fault);
        const [start, end] = [
          Math.max(0, at - 2_000_000),
          Math.min(bytes.byteLength, at + 2_000_000),
        ];
        expect(same(await collect(source.stream(start, end)), bytes.subarray(start, end))).toBe(
          true,
        );
        expect(hub.faults.met).toBeGreaterThan(0);
      });

      it("finds a turned byte, and reads right the next time", async () => {
        const source = await open(path, cached);
        hub.faults.add({ kind: "flip", path, on, at });
        const error = await failure(source.read(0, bytes.byteLength));
        expect(error).toMatchObject({
          code: "Format",
          message: expect.stringContaining("try again"),
        });
        expect(same(await source.read(0, bytes.byteLength), bytes)).toBe(true);
      });

      it("works where the whole file is sent instead of a range", async () => {
        const source = await open(path, cached);
        hub.faults.add({ kind: "whole", path, on, times: Infinity });
        const [start, end] = [Math.max(0, at - 100), Math.min(bytes.byteLength, at + 100)];
        expect(same(await source.read(start, end), bytes.subarray(start, end))).toBe(true);
      });

      it("gives up on what does not end, says so, and reads right the next time", async () => {
        const source = await open(path, cached);
        hub.faults.add({ kind: "drop", path, on, at, times: Infinity });
        const error = await failure(source.read(0, bytes.byteLength));
        expect(error).toMatchObject({
          code: "Network",
          message: expect.stringMatching(/broke off; 6 tries failed.*try again/),
        });
        hub.faults.clear();
        expect(same(await source.read(0, bytes.byteLength), bytes)).toBe(true);
      });
    });
  });

  it("goes on from the byte reached, and asks for no byte twice", async () => {
    const source = await open("model.safetensors", cached);
    hub.faults.add({ kind: "drop", path: "model.safetensors", at: 3_000_000 });
    hub.faults.add({ kind: "drop", path: "model.safetensors", at: 4_000_000 });
    await collect(source.stream(2_000_000, 4_194_304));
    const ranges = hub.stats.log.flatMap(({ server, range }) => (server === "cdn" ? [range] : []));
    expect(ranges.slice(1)).toEqual(["bytes=3000000-4194303", "bytes=4000000-4194303"]);
  });

  it("asks for a new address when the signature has expired", async () => {
    const short = await startTestHub({ repos: { [REPO]: { files: FILES } }, signatureMs: -1 });
    try {
      const cache = cached ? (await tab(new MemoryStore())).cache : null;
      const tree = await openHubTree(reader(short), parseRepoRef(REPO), cache);
      const source = await tree.open("model.safetensors");
      const error = await failure(source?.read(0, 10) ?? Promise.resolve());
      expect(error).toMatchObject({ code: "Network", message: expect.stringContaining("expired") });
      const asked = short.stats.log.filter(({ url }) => url.includes("/resolve/"));
      expect(asked).toHaveLength(6);
    } finally {
      await short.close();
    }
  });

  it.each([401, 403, 410])(
    "asks for a new address after %d in the middle of a file",
    async (status) => {
      const source = await open("model.safetensors", cached);
      hub.faults.add({ kind: "drop", path: "model.safetensors", at: 1_000_000 });
      hub.faults.add({
        kind: "status",
        status,
        path: "model.safetensors",
        on: "cdn",
        at: 1_000_001,
      });
      const bytes = await source.read(500_000, 1_500_000);
      expect(same(bytes, LARGE.subarray(500_000, 1_500_000))).toBe(true);
    },
  );

  it("says clearly that a big file cannot be read from a server without ranges", async () => {
    const source = await open("huge.safetensors", cached);
    hub.faults.add({ kind: "whole", path: "huge.safetensors", times: Infinity });
    const error = await failure(source.read(20_000_000, 20_000_100));
    expect(error).toMatchObject({ code: "Network", message: expect.stringContaining("Range") });
  });

  it("gives up on a server that asks for an hour", async () => {
    const source = await open("config.json", cached);
    hub.faults.add({ kind: "status", status: 429, retryAfter: "3600", path: "config.json" });
    const error = await failure(source.read(0, 10));
    expect(error).toMatchObject({ code: "Network", message: expect.stringMatching(/429.*3600 s/) });
  });

  it("stops at once when it is cancelled, in the middle of a slow body", async () => {
    const source = await open("model.safetensors", cached);
    hub.faults.add({ kind: "slow", bytesPerSecond: 2_000_000, path: "model.safetensors" });
    const abort = new AbortController();
    const reading = (async () => {
      let at = 0;
      for await (const piece of source.stream(0, LARGE.byteLength, { signal: abort.signal })) {
        at += piece.byteLength;
        abort.abort();
      }
      return at;
    })();
    expect((await failure(reading)).code).toBe("Cancelled");
    expect(hub.stats.bytes).toBeLessThan(2_000_000);
  });

  it("stops at once when it is cancelled while nothing comes", async () => {
    const source = await open("model.safetensors", cached);
    hub.faults.add({ kind: "stall", path: "model.safetensors", at: 100 });
    const abort = new AbortController();
    const reading = source.read(0, 1000, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect((await failure(reading)).code).toBe("Cancelled");
  });
});

it("tells of every wait, with what was found", async () => {
  const me = reader(hub);
  const tree = await openHubTree(me, parseRepoRef(REPO), null);
  const source = await tree.open("config.json");
  hub.faults.add({ kind: "status", status: 429, retryAfter: "7", path: "config.json" });
  hub.faults.add({ kind: "status", status: 503, path: "config.json" });
  hub.faults.add({ kind: "truncate", path: "config.json", at: 100 });
  await source?.read(0, SMALL.byteLength);
  expect(
    me.waits.map(({ ms, attempt, reason }) => [ms, attempt, reason.replace(hub.endpoint, "HUB")]),
  ).toEqual([
    [7000, 1, "HUB answered 429 (too many requests)"],
    [1000, 2, "HUB answered 503 (service unavailable)"],
    [2000, 3, "the answer ended at byte 100 of 1234"],
  ]);
});

it("sends one plain Range a request: no HEAD, no suffix, no list", async () => {
  const source = await open("model.safetensors", true);
  await source.read(0, LARGE.byteLength);
  for (const { method, range, url } of hub.stats.log) {
    expect(method).toBe("GET");
    if (url.includes("/resolve/")) expect(range).toMatch(/^bytes=\d+-\d+$/);
    else if (url.includes("/api/")) expect(range).toBeNull();
  }
});
