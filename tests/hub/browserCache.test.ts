// A browser's storage that does not open, in all the ways it has: hubs are read without a cache, the reader is told once,
// and the next who asks tries again.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { browserCache } from "../../src/hub/cache/browserCache.ts";
import { openOpfsStore } from "../../src/hub/cache/opfsStore.ts";
import type { CacheStore } from "../../src/hub/cache/store.ts";
import { openHubTree } from "../../src/hub/hubTree.ts";
import { parseRepoRef } from "../../src/hub/repoId.ts";
import type { FacetError } from "../../src/lib/errors.ts";
import { MemoryStore } from "./memoryStore.ts";
import { startTestHub, type TestHub } from "./server.ts";
import { FILES, LARGE, reader, REPO, same } from "./setting.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ repos: { [REPO]: { files: FILES } } });
});
afterAll(() => hub.close());

/** A tab whose storage does what `open` does; reads the large file through whatever there is. */
function tabWith(open: () => Promise<CacheStore | null>): {
  troubles: FacetError[];
  read: () => Promise<boolean>;
} {
  const troubles: FacetError[] = [];
  const cache = browserCache((error) => troubles.push(error), open);
  return {
    troubles,
    async read() {
      const tree = await openHubTree(reader(hub), parseRepoRef(REPO), await cache());
      const source = await tree.open("model.safetensors");
      return same((await source?.read(0, LARGE.byteLength)) ?? new Uint8Array(), LARGE);
    },
  };
}

const failing = (name: string): Promise<never> =>
  Promise.reject(new DOMException("It does not open.", name));

describe.each<[string, () => Promise<null>, string]>([
  ["offers none", () => Promise.resolve(null), "Network"],
  ["fails", () => failing("UnknownError"), "Network"],
  ["has no room left", () => failing("QuotaExceededError"), "QuotaExceeded"],
])("a browser that %s", (_, open, code) => {
  it("opens a hub's repo all the same, and says so once", async () => {
    const { troubles, read } = tabWith(open);
    expect([await read(), await read()]).toEqual([true, true]);
    expect(troubles).toMatchObject([{ code }]);
    expect(troubles[0]?.message).toMatch(/^Opening the browser's storage.*is not kept/);
  });
});

it("a storage that does not open once is tried again, and then keeps what is read", async () => {
  const store = new MemoryStore();
  let times = 0;
  const open = (): Promise<CacheStore> =>
    times++ === 0 ? failing("UnknownError") : Promise.resolve(store);
  const { troubles, read } = tabWith(open);
  expect([await read(), await read()]).toEqual([true, true]);
  hub.stats.clear();
  expect(await read()).toBe(true);
  expect(hub.stats.log).toEqual([]);
  expect(troubles).toHaveLength(1);
});

describe("the origin-private file system", () => {
  const PLACE = { name: "facet-hub", layout: 2 };
  const folder = (names: readonly string[], removed: (name: string) => Promise<void>) => ({
    getDirectoryHandle: async () => ({ removeEntry: async () => undefined }),
    removeEntry: removed,
    async *[Symbol.asyncIterator]() {
      for (const name of names) yield [name, {}];
    },
  });
  beforeEach(() => {
    vi.stubGlobal(
      "FileSystemFileHandle",
      class {
        createSyncAccessHandle(): void {}
      },
    );
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const having = (storage: unknown): void => {
    vi.stubGlobal("navigator", { storage, locks: {} });
  };

  it.each([
    ["no storage", undefined],
    ["no file system", {}],
    ["site data blocked", { getDirectory: () => failing("SecurityError") }],
    ["access refused", { getDirectory: () => failing("NotAllowedError") }],
  ])("with %s is none", async (_, storage) => {
    having(storage);
    expect(await openOpfsStore(PLACE)).toBeNull();
  });

  describe("with a lock that another tab does not give back", () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });
    const PATH = { folder: "a", name: "b" };
    const MINUTE = 60_000;

    /** Locks that others hold: those asked for wait until the signal, as the browser has it. */
    async function locked(): Promise<{ store: CacheStore; held: { others: boolean } }> {
      const held = { others: true };
      const request = (_: string, { signal }: LockOptions, work: () => unknown): Promise<unknown> =>
        held.others
          ? new Promise((_resolve, reject) => {
              signal?.addEventListener("abort", () => reject(signal.reason as Error));
            })
          : Promise.resolve(work());
      const root = folder([], () => Promise.resolve());
      vi.stubGlobal("navigator", {
        storage: { getDirectory: async () => root },
        locks: { request },
      });
      const store = await openOpfsStore(PLACE);
      if (store === null) throw new Error("There is no store.");
      return { store, held };
    }

    const after = async (ms: number, work: Promise<unknown>): Promise<unknown> => {
      const ended = work.then(
        () => "done",
        (error: unknown) => (error instanceof Error ? error.name : error),
      );
      await vi.advanceTimersByTimeAsync(ms);
      return Promise.race([ended, Promise.resolve("waiting")]);
    };

    it("gives up after a while, and the sooner the next time", async () => {
      const { store } = await locked();
      const use = (): Promise<unknown> => store.withFile(PATH, undefined, () => null);
      expect(await after(MINUTE / 4, use())).toBe("waiting");
      expect(await after(MINUTE / 2, use())).toBe("TimeoutError");
      expect(await after(MINUTE / 30, use())).toBe("TimeoutError");
      expect(await after(MINUTE / 30, store.removeFolder("a"))).toBe("TimeoutError");
      expect(vi.getTimerCount()).toBe(0);
    });

    it("stops to wait for the reader who cancels", async () => {
      const { store } = await locked();
      const stop = new AbortController();
      const waiting = store.withFile(PATH, stop.signal, () => null);
      stop.abort();
      expect(await after(0, waiting)).toBe("AbortError");
      expect(vi.getTimerCount()).toBe(0);
    });

    it("is patient again once it got one", async () => {
      const { store, held } = await locked();
      expect(await after(MINUTE, store.removeFolder("a"))).toBe("TimeoutError");
      held.others = false;
      expect(await after(0, store.removeFolder("a"))).toBe("done");
      held.others = true;
      expect(await after(MINUTE / 4, store.removeFolder("a"))).toBe("waiting");
    });
  });

  it("that fails says so, for another try", async () => {
    having({ getDirectory: () => failing("UnknownError") });
    await expect(openOpfsStore(PLACE)).rejects.toThrow("It does not open.");
  });

  it("opens where what an older version left cannot be deleted yet", async () => {
    const asked: string[] = [];
    const root = folder(["facet-hub-1", "facet-hub-2", "facet-scans-1"], (name) => {
      asked.push(name);
      return failing("NoModificationAllowedError");
    });
    having({ getDirectory: async () => root });
    expect(await openOpfsStore(PLACE)).not.toBeNull();
    expect(asked).toEqual(["facet-hub-1"]);
  });
});
