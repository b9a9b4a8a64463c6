// Which scans are kept and told of: none of nothing, none that is damaged, and of two tabs' the one that came further.

import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import type { Engine } from "../../../src/session/engine.ts";
import type { CacheStore } from "../../../src/hub/cache/store.ts";
import type { CorpusFile, ScanRequest } from "../../../src/lib/scan.ts";
import { MemoryStore } from "../../hub/memoryStore.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";
import { scanningEngine } from "../../support/scanPlace.ts";

let started: Promise<Backend> | null = null;
const start = () => (started ??= createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }));

const SAE = "blocks.3.hook_resid_post_fast_lr";
/** Of the scan that ships. */
const SHIPPED = { tokens: 81_276, sources: [{ name: "corpus.jsonl", documents: 160 }] };

async function tab(store: CacheStore): Promise<{ engine: Engine; notices: string[] }> {
  const notices: string[] = [];
  const engine = scanningEngine(start, store, (text) => notices.push(text));
  await engine.open({ model: "demo", sae: SAE });
  return { engine, notices };
}

const scanOf = (path: string, ...parts: string[]): ScanRequest => ({
  corpus: { kind: "files", files: [{ path, file: new Blob(parts) } satisfies CorpusFile] },
});
const ONE = scanOf("one.txt", "In the beginning was the Word.");
const TWO = scanOf("two.txt", "The whale rose beneath the ship, and sank again.");

describe("a scan of nothing is not kept, and hides no other:", () => {
  const store = new MemoryStore();
  let engine: Engine;
  beforeAll(async () => ({ engine } = await tab(store)));
  afterEach(async () => {
    expect(await engine.scans.summary(null)).toMatchObject(SHIPPED);
    expect(await engine.scans.list()).toMatchObject([{ saved: null }]);
    expect(store.contents.size).toBe(0);
  });

  it.each<[string, ScanRequest, RegExp]>([
    ["an empty file", scanOf("a.txt", ""), /a\.txt.*no text/],
    ["an empty list", scanOf("a.json", "[]"), /no text/],
    ["rows without a text", scanOf("a.jsonl", '{"text":null}\n{"text":""}'), /no text/],
    ["a wrong column", scanOf("a.jsonl", '{"body":"b"}'), /"body"/],
    ["JSON that is none", scanOf("a.jsonl", '{"text":"The whale."}\nnot json'), /not JSON/],
    ["a wrong column of CSV", scanOf("a.csv", "id,body\n1,b"), /"body"/],
    ["a file of another kind", scanOf("a.pdf", "%PDF-1.7"), /\.pdf/],
  ])("%s", async (_, request, message) => {
    await expect(engine.scans.run(request)).rejects.toThrow(message);
  });

  it("one that was stopped at once", async () => {
    ({ engine } = await tab(store));
    const stop = new AbortController();
    const scan = engine.scans.run(ONE, {
      signal: stop.signal,
      // The corpus is open, and no batch has come back.
      onProgress: ({ stage }) => {
        if (stage === "Reading weights") stop.abort();
      },
    });
    await expect(scan).rejects.toMatchObject({ code: "Cancelled" });
  });
});

it("the newest is told of, also by a page that was opened anew", async () => {
  const store = new MemoryStore();
  const { engine } = await tab(store);
  const first = await engine.scans.run(ONE);
  const second = await engine.scans.run(TWO);
  const list = await engine.scans.list();
  for (const one of [engine, (await tab(store)).engine]) {
    expect(await one.scans.summary(null)).toMatchObject({ sources: second.sources });
    expect((await one.scans.list()).map(({ corpus }) => corpus)).toEqual([
      "two.txt",
      "one.txt",
      "the bundled corpus",
    ]);
    // Looking at another changes nothing of that.
    expect(await one.scans.summary(list[1]?.id ?? "")).toMatchObject({ sources: first.sources });
  }
});

describe("a kept scan that is damaged", () => {
  const scanned = new MemoryStore();
  let id = "";
  beforeAll(async () => {
    const { engine } = await tab(scanned);
    await engine.scans.run(ONE);
    await engine.scans.run(TWO);
    id = (await engine.scans.list())[0]?.id ?? "";
  });

  /** ONE and TWO, and the file of TWO, to be damaged. */
  function kept(): { store: MemoryStore; file: Uint8Array } {
    const store = new MemoryStore();
    for (const [path, bytes] of scanned.contents) store.contents.set(path, bytes.slice());
    const [, file] = [...store.contents].find(([path]) => path.startsWith(id)) ?? [];
    if (!file) throw new Error("It was not kept.");
    return { store, file };
  }

  it("in its head is listed, left out and deleted", async () => {
    const { store, file } = kept();
    file[40] = 0;
    const { engine } = await tab(store);
    expect(await engine.scans.summary(null)).toMatchObject({ sources: [{ name: "one.txt" }] });
    const list = await engine.scans.list();
    expect(list).toHaveLength(3);
    expect(list[2]).toMatchObject({ id, corpus: null, bytes: file.length });
    await expect(engine.scans.summary(id)).rejects.toMatchObject({ code: "Format" });
    await expect(engine.scans.export(id)).rejects.toMatchObject({ code: "Format" });
    await engine.scans.remove(id);
    expect(await engine.scans.list()).toHaveLength(2);
  });

  it("in its numbers is told, listed, left out, and made anew", async () => {
    const { store, file } = kept();
    file[file.length - 1000] = (file.at(-1000) ?? 0) ^ 1;
    const { engine, notices } = await tab(store);
    expect(await engine.scans.summary(null)).toMatchObject({ sources: [{ name: "one.txt" }] });
    expect(notices).toEqual([expect.stringMatching(/two\.txt.*damaged/)]);
    expect((await engine.scans.list())[2]).toMatchObject({ id, corpus: "two.txt" });
    await expect(engine.scans.feature(1, id)).rejects.toMatchObject({ code: "Format" });
    const again = await engine.scans.run(TWO);
    expect(again).toMatchObject({ finished: true, sources: [{ name: "two.txt" }] });
    expect(notices).toHaveLength(2);
    expect(await engine.scans.list()).toMatchObject([{ id }, {}, { saved: null }]);
  });
});

it("a finished scan is not replaced by what another tab was stopped at", async () => {
  const request: ScanRequest = { corpus: { kind: "bundled" }, documents: 5 };
  const store = new MemoryStore();
  /** The other tab's savings wait for it. */
  let gate: Promise<unknown> = Promise.resolve();
  const gated: CacheStore = {
    withFile: (path, signal, use) => store.withFile(path, signal, use),
    inTurn: async (name, work) => {
      await gate;
      return store.inTurn(name, work);
    },
    folders: () => store.folders(),
    files: (folder) => store.files(folder),
    removeFolder: (folder) => store.removeFolder(folder),
    removeFile: (path) => store.removeFile(path),
  };
  const [one, other] = [await tab(store), await tab(gated)];
  const stop = new AbortController();
  const runs: Promise<unknown>[] = [];
  const stopped = other.engine.scans.run(request, {
    signal: stop.signal,
    // Part of it is in its memory: now the first tab scans it all, and then this one is stopped and saves.
    onProgress: ({ stage }) => {
      if (stage !== "Scanning" || runs.length > 0) return;
      runs.push(one.engine.scans.run(request));
      gate = Promise.all(runs).then(() => stop.abort());
    },
  });
  await expect(stopped).rejects.toMatchObject({ code: "Cancelled" });
  const [whole] = await Promise.all(runs);
  for (const { engine } of [one, other, await tab(store)]) {
    expect(await engine.scans.summary(null)).toEqual(whole);
    expect((await engine.scans.list())[0]).toMatchObject({ finished: true, request });
  }
});
