// What is kept of a scan: when the worker ends in the middle of a saving, the one before, or the new one; when two tabs
// save, the one that has come further; and what is damaged is said to be, by itself.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HeldScan } from "../../../src/scan/held.ts";
import { ScanStore } from "../../../src/session/scans/scanStore.ts";
import type { CacheFile } from "../../../src/hub/cache/store.ts";
import { MemoryStore } from "../../hub/memoryStore.ts";
import { arbitraryCorpus, content, scanOf, sums, testPlan } from "../../support/scans.ts";

const FEATURES = 4;
const plan = testPlan(FEATURES, {
  top: 2,
  perStratum: 1,
  sample: 2,
  window: 4,
  sketch: 3,
  sums: 1,
});

/** Ends in the middle of the writing with that number, of which a part is on the disk already. */
class DyingStore extends MemoryStore {
  writings = Infinity;

  override withFile<T>(
    path: Parameters<MemoryStore["withFile"]>[0],
    signal: AbortSignal | undefined,
    work: (file: CacheFile) => Promise<T> | T,
  ): Promise<T> {
    return super.withFile(path, signal, (file) =>
      work({
        ...file,
        write: (bytes, at) => {
          if (this.writings-- > 0) return file.write(bytes, at);
          file.write(bytes.subarray(0, bytes.byteLength / 2), at);
          throw new Error("killed");
        },
      }),
    );
  }
}

const held = (contexts: Parameters<typeof scanOf>[1], tokens: number, id = "one"): HeldScan => {
  const { subject } = plan;
  return {
    note: {
      id,
      corpus: "a corpus",
      provenance: {
        facet: "0.0.0",
        model: subject.model,
        sae: { ...subject.sae, dIn: 4, architecture: "standard", prependBos: true },
        backend: { name: "tfjs-wasm", adapter: "wasm" },
      },
      request: null,
      cursor: { source: 0, document: 0, token: tokens },
      share: 0.5,
      saved: tokens,
    },
    state: scanOf(plan, contexts),
  };
};

const tokensOf = (contexts: Parameters<typeof scanOf>[1]): number => scanOf(plan, contexts).tokens;

it("a saving that is cut off anywhere leaves the one before", async () => {
  const corpora = fc.tuple(arbitraryCorpus(FEATURES), arbitraryCorpus(FEATURES));
  await fc.assert(
    fc.asyncProperty(corpora, async (pair) => {
      const [first, more] = pair.toSorted((a, b) => tokensOf(a) - tokensOf(b)) as typeof pair;
      const store = new DyingStore();
      const scans = new ScanStore(store);
      const before = held(first, 1);
      // Both of its files exist.
      await scans.save(held(first, 0));
      await scans.save(before);
      const after = held(more, 2);
      for (let writings = 0; ; writings++) {
        store.writings = writings;
        const saved = await scans.save(after).then(
          () => true,
          () => false,
        );
        const found = await new ScanStore(store).load("one");
        const wanted = saved ? after : before;
        expect(found?.note).toEqual(wanted.note);
        if (!found) return;
        expect(content(found.state)).toEqual(content(wanted.state));
        expect(sums(found.state)).toEqual(sums(wanted.state));
        if (saved) break;
      }
    }),
    { numRuns: 10 },
  );
});

/** A corpus, and the beginning of it. */
const whole =
  fc.sample(arbitraryCorpus(FEATURES), { numRuns: 20, seed: 3 }).find((all) => all.length > 4) ??
  [];
const part = whole.slice(0, 2);
const finished = (scan: HeldScan): HeldScan => {
  scan.state.finished = true;
  return scan;
};

describe("two tabs that scan one corpus", () => {
  it("never replace a scan by less of it", async () => {
    const store = new MemoryStore();
    const [tab, other] = [new ScanStore(store), new ScanStore(store)];
    expect(await tab.save(held(part, 1))).toBe(true);
    expect(await other.save(held(whole, 2))).toBe(true);
    expect(await tab.save(held(part, 3))).toBe(false);
    expect((await tab.load("one"))?.note.saved).toBe(2);
    // It is done, and fewer tokens would be more of it than any number that is not.
    expect(await tab.save(finished(held(part, 4)))).toBe(true);
    expect(await other.save(held(whole, 5))).toBe(false);
    const found = await new ScanStore(store).load("one");
    expect(found?.note.saved).toBe(4);
    expect(found?.state.finished).toBe(true);
    expect(content(found?.state ?? scanOf(plan, []))).toEqual(content(scanOf(plan, part)));
  });

  it("take turns, whenever they save, read, list and delete", async () => {
    const what = fc.constantFrom("save", "save", "finish", "load", "list", "remove");
    const action = fc.record({ what, tokens: fc.integer({ min: 1, max: whole.length }) });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), fc.scheduler(), async (actions, s) => {
        const store = new YieldingStore(s);
        const tabs = [new ScanStore(store), new ScanStore(store)];
        const doing = actions.map(async ({ what: one, tokens }, i) => {
          const tab = tabs[i % 2] ?? new ScanStore(store);
          const scan = held(whole.slice(0, tokens), tokens);
          if (one === "save") await tab.save(scan);
          else if (one === "finish") await tab.save(finished(held(whole, whole.length)));
          else if (one === "remove") await tab.remove("one");
          else if (one === "list") expect(await tab.list()).not.toContainEqual(DAMAGED);
          else {
            const found = await tab.load("one");
            const n = found?.note.saved ?? 0;
            if (found)
              expect(content(found.state)).toEqual(content(held(whole.slice(0, n), n).state));
          }
        });
        await s.waitFor(Promise.all(doing));
        const saved = actions.filter(({ what: one }) => one === "save" || one === "finish");
        if (saved.length === 0 || actions.some(({ what: one }) => one === "remove")) return;
        const isDone = saved.some(({ what: one }) => one === "finish");
        const last = await s.waitFor(new ScanStore(store).load("one"));
        expect(last?.state.finished).toBe(isDone);
        const most = Math.max(...saved.map(({ tokens }) => tokens));
        expect(last?.note.saved).toBe(isDone ? whole.length : most);
      }),
      { numRuns: 60 },
    );
  });
});

const DAMAGED = expect.objectContaining({ damaged: expect.any(String) });

/** Where a browser would wait, another tab may go on. */
class YieldingStore extends MemoryStore {
  readonly #scheduler: fc.Scheduler;

  constructor(scheduler: fc.Scheduler) {
    super();
    this.#scheduler = scheduler;
  }

  override async withFile<T>(...args: Parameters<MemoryStore["withFile"]>): Promise<T> {
    await this.#scheduler.schedule(Promise.resolve());
    return (await super.withFile(...args)) as T;
  }

  override async files(folder: string): ReturnType<MemoryStore["files"]> {
    await this.#scheduler.schedule(Promise.resolve());
    return super.files(folder);
  }
}

describe("what is damaged", () => {
  async function kept(): Promise<{ store: MemoryStore; scans: ScanStore }> {
    const store = new MemoryStore();
    const scans = new ScanStore(store);
    await scans.save(finished(held(whole, 1)));
    await scans.save(finished(held(part, 2, "two")));
    return { store, scans };
  }

  it("is noticed at every byte, and keeps nobody from the others", async () => {
    const { store, scans } = await kept();
    const [path, file] = [...store.contents].find(([name]) => name.startsWith("one/")) ?? [];
    if (path === undefined || file === undefined) throw new Error("It was not kept.");
    const wanted = content(scanOf(plan, whole));
    const places = fc.oneof(fc.nat(file.length - 1), fc.nat(40), fc.constant(file.length - 1));
    await fc.assert(
      fc.asyncProperty(
        places,
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, by, cut) => {
          const damaged = file.slice(0, cut ? at : file.length);
          if (!cut) damaged[at] = (damaged[at] ?? 0) ^ by;
          store.contents.set(path, damaged);
          const list = await scans.list();
          expect(list).toHaveLength(damaged.length === 0 ? 1 : 2);
          expect(list).toContainEqual(
            expect.objectContaining({ note: expect.objectContaining({ id: "two" }) }),
          );
          const found = await scans.load("one").catch((error: unknown) => error);
          if (damaged.length === 0) expect(found).toBeNull();
          else expect(found).toMatchObject({ code: "Format" });
          expect((await scans.load("two"))?.state.tokens).toBe(tokensOf(part));
        },
      ),
      { numRuns: 300 },
    );
    store.contents.set(path, file);
    const found = await scans.load("one");
    expect(content(found?.state ?? scanOf(plan, []))).toEqual(wanted);
  });

  it("is listed as that, and can be deleted", async () => {
    const { store, scans } = await kept();
    const path = [...store.contents.keys()].find((name) => name.startsWith("one/")) ?? "";
    (store.contents.get(path) ?? new Uint8Array(0))[25] = 0;
    const bytes = store.contents.get(path)?.length;
    const list = await scans.list();
    expect(list).toContainEqual({ id: "one", corpus: null, bytes, damaged: "it cannot be read" });
    await scans.remove("one");
    expect(await scans.list()).toHaveLength(1);
  });

  it("in one of two files leaves the other", async () => {
    const store = new MemoryStore();
    const scans = new ScanStore(store);
    await scans.save(held(part, 1));
    await scans.save(held(whole, 2));
    const last = store.contents.get("one/b");
    if (!last) throw new Error("There is one file.");
    last[last.length - 1] = (last.at(-1) ?? 0) ^ 1;
    expect((await scans.load("one"))?.note.saved).toBe(1);
    // It goes on from there, and is kept again.
    expect(await scans.save(held(part, 3))).toBe(true);
    expect((await scans.load("one"))?.note.saved).toBe(3);
  });
});
