// What is kept of a scan when the worker ends in the middle of a saving: the one before, or the new one, and never less.

import fc from "fast-check";
import { expect, it } from "vitest";
import { type HeldScan, ScanStore } from "../../../src/engine/scanStore.ts";
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

const held = (contexts: Parameters<typeof scanOf>[1], tokens: number): HeldScan => {
  const { subject } = plan;
  return {
    note: {
      id: "one",
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

it("a saving that is cut off anywhere leaves the one before", async () => {
  const corpora = fc.tuple(arbitraryCorpus(FEATURES), arbitraryCorpus(FEATURES));
  await fc.assert(
    fc.asyncProperty(corpora, async ([first, more]) => {
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
