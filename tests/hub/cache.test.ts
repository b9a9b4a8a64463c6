// What is read once is not read again: by this tab, by another, after a reload; and whatever the storage does, the bytes
// are right.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HubTree, openHubTree } from "../../src/hub/hubTree.ts";
import { parseRepoRef } from "../../src/hub/repoId.ts";
import type { ByteSource } from "../../src/lib/byteSource.ts";
import { MemoryStore } from "./memoryStore.ts";
import { startTestHub, type TestHub } from "./server.ts";
import {
  collect,
  failure,
  FILES,
  LARGE,
  type Reader,
  reader,
  REPO,
  same,
  SMALL,
  tab,
  type Tab,
} from "./setting.ts";

const CELL = 4 * 1024 * 1024;
const PAGE = 16 * 1024;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ repos: { [REPO]: { files: FILES } } });
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.faults.clear();
  hub.stats.clear();
});

const openTree = (in_: Tab, ref = REPO): Promise<HubTree> =>
  openHubTree(reader(hub), parseRepoRef(ref), in_.cache);

async function open(in_: Tab, path = "model.safetensors"): Promise<ByteSource> {
  const source = await (await openTree(in_)).open(path);
  if (source === null) throw new Error(`${path} is missing`);
  return source;
}

const wholeLarge = async (source: ByteSource): Promise<boolean> =>
  same(await source.read(0, LARGE.byteLength), LARGE);

it("answers a second opening without asking the network for anything", async () => {
  const store = new MemoryStore();
  const first = await openTree(await tab(store));
  for (const { path, size } of first.files) await (await first.open(path))?.read(0, size);
  hub.stats.clear();
  const second = await openTree(await tab(store));
  expect(second.revision).toBe(hub.commit(REPO));
  expect(second.files).toEqual(first.files);
  const small = await (await second.open("config.json"))?.read(0, SMALL.byteLength);
  expect(same(small ?? new Uint8Array(), SMALL)).toBe(true);
  const large = await (await second.open("model.safetensors"))?.read(0, LARGE.byteLength);
  expect(same(large ?? new Uint8Array(), LARGE)).toBe(true);
  expect(hub.stats.log).toEqual([]);
});

it("asks again for a branch's commit after a day, and does without where there is no connection", async () => {
  const store = new MemoryStore();
  await openTree(await tab(store));
  hub.stats.clear();
  const inHours = (hours: number): Reader => {
    const me = reader(hub);
    return { ...me, timing: { ...me.timing, now: () => Date.now() + hours * 3_600_000 } };
  };
  const { cache } = await tab(store);
  await openHubTree(inHours(25), parseRepoRef(REPO), cache);
  expect(hub.stats.log.map(({ url }) => url)).toEqual([`/api/models/${REPO}/revision/main`]);
  hub.faults.add({ kind: "refuse", on: "api", times: Infinity });
  const tree = await openHubTree(inHours(50), parseRepoRef(REPO), cache);
  expect(tree.revision).toBe(hub.commit(REPO));
});

it("asks again for a branch's commit that a clock in the future has noted", async () => {
  const { cache } = await tab(new MemoryStore());
  const me = reader(hub);
  const inAYear = { ...me.timing, now: () => Date.now() + 365 * 24 * 3_600_000 };
  await openHubTree({ ...me, timing: inAYear }, parseRepoRef(REPO), cache);
  hub.stats.clear();
  await openHubTree(me, parseRepoRef(REPO), cache);
  expect(hub.stats.log.map(({ url }) => url)).toEqual([`/api/models/${REPO}/revision/main`]);
  await openHubTree(me, parseRepoRef(REPO), cache);
  expect(hub.stats.log).toHaveLength(1);
});

it("reads a few bytes without reading much around them", async () => {
  const source = await open(await tab(new MemoryStore()));
  for (const start of [100, 3_000_000, 3_000_100, CELL - 10]) {
    const bytes = await source.read(start, start + 20);
    expect(same(bytes, LARGE.subarray(start, start + 20))).toBe(true);
  }
  // One page each, the last read two; the second and third read share theirs.
  expect(hub.stats.bytes).toBe(4 * PAGE);
});

it("reads any parts, in any order, right", async () => {
  const store = new MemoryStore();
  const source = await open(await tab(store));
  let state = 7;
  const random = (below: number): number =>
    (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % below;
  for (let i = 0; i < 200; i++) {
    const start = random(LARGE.byteLength);
    const end = Math.min(LARGE.byteLength, start + random(i % 4 === 0 ? 3_000_000 : 40_000));
    const bytes =
      i % 2 === 0 ? await source.read(start, end) : await collect(source.stream(start, end));
    if (!same(bytes, LARGE.subarray(start, end)))
      throw new Error(`bytes ${start} to ${end} are wrong`);
  }
  expect(hub.stats.bytes).toBeLessThanOrEqual(LARGE.byteLength);
});

describe("two tabs", () => {
  it("read each byte from the network once between them", async () => {
    const store = new MemoryStore();
    const [one, two] = [await open(await tab(store)), await open(await tab(store))];
    const results = await Promise.all([wholeLarge(one), wholeLarge(two), wholeLarge(two)]);
    expect(results).toEqual([true, true, true]);
    expect(hub.stats.of(`${REPO}/model.safetensors`)).toEqual({
      bytes: LARGE.byteLength,
      requests: 1,
    });
  });

  it("do not wait for a tab that has stopped to look", async () => {
    const store = new MemoryStore();
    const [one, two] = [await open(await tab(store)), await open(await tab(store))];
    const stopped = one.stream(0, LARGE.byteLength)[Symbol.asyncIterator]();
    await stopped.next();
    expect(await wholeLarge(two)).toBe(true);
    await stopped.return?.();
  });

  it("go on when the tab that was reading is closed", async () => {
    const store = new MemoryStore();
    const abort = new AbortController();
    hub.faults.add({ kind: "stall", path: "model.safetensors", on: "cdn", at: 1_000_000 });
    const one = failure(
      (await open(await tab(store))).read(0, LARGE.byteLength, { signal: abort.signal }),
    );
    const two = wholeLarge(await open(await tab(store)));
    setTimeout(() => abort.abort(), 100);
    expect((await one).code).toBe("Cancelled");
    expect(await two).toBe(true);
  });
});

describe("after a reload", () => {
  it.each([0.1, 0.5, 0.9])(
    "resumes at %d with no more read twice than was under way",
    async (share) => {
      const store = new MemoryStore();
      const abort = new AbortController();
      const stop = LARGE.byteLength * share;
      // Else the system's buffers take all of it at once.
      hub.faults.add({ kind: "slow", bytesPerSecond: 40_000_000, on: "cdn" });
      const source = await open(await tab(store));
      const reading = (async () => {
        let at = 0;
        for await (const piece of source.stream(0, LARGE.byteLength, { signal: abort.signal })) {
          at += piece.byteLength;
          if (at >= stop) abort.abort();
        }
      })();
      expect((await failure(reading)).code).toBe("Cancelled");
      expect(await wholeLarge(await open(await tab(store)))).toBe(true);
      expect(
        hub.stats.of(`${REPO}/model.safetensors`).bytes - LARGE.byteLength,
      ).toBeLessThanOrEqual(CELL);
    },
  );

  it("keeps what came before a failure", async () => {
    const store = new MemoryStore();
    const source = await open(await tab(store));
    hub.faults.add({ kind: "drop", path: "model.safetensors", at: 4_900_000, times: Infinity });
    expect((await failure(source.read(0, LARGE.byteLength))).code).toBe("Network");
    hub.faults.clear();
    hub.stats.clear();
    expect(await wholeLarge(source)).toBe(true);
    expect(hub.stats.bytes).toBeLessThanOrEqual(LARGE.byteLength - 4_900_000 + PAGE);
  });
});

describe("damage", () => {
  it.each([0, 0.3, 0.5, 0.999999])(
    "at %d of a stored cell is found, and that page alone is read again",
    async (share) => {
      const store = new MemoryStore();
      await wholeLarge(await open(await tab(store)));
      const [path] = [...store.contents].find(([, { byteLength }]) => byteLength > CELL) ?? [];
      const cell = store.contents.get(path ?? "");
      if (!cell) throw new Error("no full cell");
      const at = Math.floor(share * (cell.byteLength - 1));
      cell[at] = ~(cell[at] ?? 0);
      hub.stats.clear();
      expect(await wholeLarge(await open(await tab(store)))).toBe(true);
      const last = share > 0.9 ? LARGE.byteLength % PAGE : 0;
      expect(hub.stats.bytes).toBe(last || PAGE);
      hub.stats.clear();
      expect(await wholeLarge(await open(await tab(store)))).toBe(true);
      expect(hub.stats.bytes).toBe(0);
    },
  );

  it("of any stored file never gives wrong bytes or listings", async () => {
    const whole = new MemoryStore();
    const first = await openTree(await tab(whole));
    await wholeLarge(await open(await tab(whole)));
    for (const [path, content] of whole.contents) {
      for (const at of [0, 9, Math.floor(content.byteLength / 2), content.byteLength - 1]) {
        const store = new MemoryStore();
        for (const [other, bytes] of whole.contents)
          store.contents.set(other, Uint8Array.from(bytes));
        const damaged = store.contents.get(path);
        if (damaged) damaged[at] = ~(damaged[at] ?? 0);
        const again = await openTree(await tab(store));
        expect(again.revision).toBe(first.revision);
        expect(again.files).toEqual(first.files);
        expect(await wholeLarge(await open(await tab(store)))).toBe(true);
      }
    }
  });

  it("on the way of a file that is streamed whole is found at its end, and nothing of it is kept", async () => {
    const source = await open(await tab(new MemoryStore()));
    hub.faults.add({ kind: "flip", path: "model.safetensors", at: 2_000_000 });
    const error = await failure(collect(source.stream(0, LARGE.byteLength)));
    expect(error.code).toBe("Format");
    hub.stats.clear();
    expect(same(await collect(source.stream(0, LARGE.byteLength)), LARGE)).toBe(true);
    expect(hub.stats.bytes).toBe(LARGE.byteLength);
  });
});

describe("a storage that fails", () => {
  it.each([0, 300_000, 3_000_000])(
    "for want of room after %d bytes: one message, right bytes",
    async (quota) => {
      const store = new MemoryStore();
      store.quota = quota;
      const here = await tab(store);
      const source = await open(here);
      expect(await wholeLarge(source)).toBe(true);
      expect(same(await collect(source.stream(5, 4_500_000)), LARGE.subarray(5, 4_500_000))).toBe(
        true,
      );
      expect(here.troubles.map(({ code }) => code)).toEqual(["QuotaExceeded"]);
      // What was kept before is of use still.
      hub.stats.clear();
      expect(await wholeLarge(await open(await tab(store)))).toBe(true);
      expect(hub.stats.bytes).toBeLessThanOrEqual(
        LARGE.byteLength - Math.max(0, quota - 1_000_000),
      );
    },
  );

  it("keeps again once an entry was deleted", async () => {
    const store = new MemoryStore();
    store.quota = 1_000_000;
    const here = await tab(store);
    await wholeLarge(await open(here));
    store.quota = Infinity;
    for (const { id } of await here.cache.list()) await here.cache.remove(id);
    await wholeLarge(await open(here));
    hub.stats.clear();
    expect(await wholeLarge(await open(here))).toBe(true);
    expect(hub.stats.bytes).toBe(0);
  });

  it("altogether: one message, right bytes", async () => {
    const store = new MemoryStore();
    store.failure = new DOMException("gone", "InvalidStateError");
    const here = await tab(store);
    const source = await open(here);
    expect(await wholeLarge(source)).toBe(true);
    expect(here.troubles).toHaveLength(1);
  });

  it("in the middle: right bytes", async () => {
    const store = new MemoryStore();
    const here = await tab(store);
    const source = await open(here);
    const pieces: Uint8Array[] = [];
    for await (const piece of source.stream(0, LARGE.byteLength)) {
      pieces.push(Uint8Array.from(piece));
      store.failure = new DOMException("gone", "InvalidStateError");
    }
    expect(same(Buffer.concat(pieces), LARGE)).toBe(true);
  });
});

describe("entries", () => {
  it("are listed with whose they are and how much they take, and deleted one by one", async () => {
    const store = new MemoryStore();
    const here = await tab(store);
    await wholeLarge(await open(here));
    const [entry, ...others] = await here.cache.list();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ endpoint: hub.endpoint, repo: REPO, commit: hub.commit(REPO) });
    expect(entry?.bytes).toBeGreaterThan(LARGE.byteLength);
    expect(entry?.bytes).toBeLessThan(LARGE.byteLength * 1.01 + 10_000);
    await here.cache.remove(entry?.id ?? "");
    expect(await here.cache.list()).toEqual([]);
    hub.stats.clear();
    expect(await wholeLarge(await open(here))).toBe(true);
    expect(hub.stats.bytes).toBe(LARGE.byteLength);
  });

  it("of two hubs are kept apart", async () => {
    const other = await startTestHub({ repos: { [REPO]: { files: FILES } } });
    try {
      const store = new MemoryStore();
      const { cache } = await tab(store);
      for (const one of [hub, other]) {
        const tree = await openHubTree(reader(one), parseRepoRef(REPO), cache);
        await (await tree.open("config.json"))?.read(0, SMALL.byteLength);
      }
      expect((await cache.list()).map(({ endpoint }) => endpoint).toSorted()).toEqual(
        [hub.endpoint, other.endpoint].toSorted(),
      );
      expect(other.stats.bytes).toBe(SMALL.byteLength);
    } finally {
      await other.close();
    }
  });
});
