// Scans of the bundled corpus on WebAssembly: against the goldens, in parts, stopped and taken up again.

import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { ScanStore } from "../../../src/session/scans/scanStore.ts";
import type { Progress } from "../../../src/lib/progress.ts";
import type { CorpusFile, ScanRequest } from "../../../src/lib/scan.ts";
import { merge, type ScanState } from "../../../src/scan/state.ts";
import { MemoryStore } from "../../hub/memoryStore.ts";
import { demoDocuments, TFJS_WASM } from "../../support/nodeFiles.ts";
import { scanningEngine } from "../../support/scanPlace.ts";
import { expectScanGolden, scanDemo } from "../../support/scanSuite.ts";
import { content, sums } from "../../support/scans.ts";
import { jobsOf } from "../../support/jobs.ts";

/** One backend for all engines of this file: opening a model on it takes longer than these scans. */
let started: Promise<Backend> | null = null;
const start = () => (started ??= createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }));

const SAE = "blocks.3.hook_resid_post_fast_lr";
const FIRST: ScanRequest = { corpus: { kind: "bundled" }, documents: 12 };

it("the whole corpus gives the golden scan", { timeout: 600_000 }, async () => {
  const summary = await scanDemo("tfjs-wasm", start, SAE);
  await expectScanGolden(summary, SAE);
  expect(summary.finished).toBe(true);
  expect(summary.sources).toEqual([{ name: "corpus.jsonl", documents: 160 }]);
  expect(summary.contexts).toBe(390);
});

/** The state that a scan of `request` leaves in the store. */
async function stateOf(request: ScanRequest, store = new MemoryStore()): Promise<ScanState> {
  const engine = scanningEngine(start, store);
  await engine.open({ model: "demo", sae: SAE });
  await engine.scans.run(request);
  const [kept] = await engine.scans.list();
  const held = await new ScanStore(store).load(kept?.id ?? "");
  if (!held) throw new Error("The scan was not kept.");
  return held.state;
}

describe("a scan", () => {
  it("of two halves, merged, equals the scan of the whole", async () => {
    const documents = demoDocuments().slice(0, 6);
    const jsonl = (name: string, texts: readonly string[]): CorpusFile => ({
      path: name,
      file: new Blob([texts.map((text) => JSON.stringify({ text })).join("\n")]),
    });
    const files = [jsonl("a.jsonl", documents.slice(0, 2)), jsonl("b.jsonl", documents.slice(2))];
    const scan = (chosen: CorpusFile[]): Promise<ScanState> =>
      stateOf({ corpus: { kind: "files", files: chosen } });
    const [first, second] = [await scan(files.slice(0, 1)), await scan(files.slice(1))];
    const whole = await scan(files);
    for (const merged of [merge(first, second), merge(second, first)]) {
      expect(content(merged)).toEqual(content(whole));
      const wanted = sums(whole);
      sums(merged).forEach((sum, i) =>
        expect(Math.abs(sum - (wanted[i] ?? NaN))).toBeLessThanOrEqual(1e-12 * Math.abs(sum)),
      );
    }
  });

  it(
    "killed at three moments and taken up again equals one that was not",
    { timeout: 300_000 },
    async () => {
      const wanted = await stateOf(FIRST);
      const store = new MemoryStore();
      const keptTokens = async (): Promise<number> => {
        const [kept] = await new ScanStore(store).list();
        return kept && "head" in kept ? kept.head.tokens : 0;
      };
      for (const steps of [1, 2, 3]) {
        // The worker ends without a word: what was saved stands, an answer never comes.
        const dead = scanningEngine(start, store);
        await dead.open({ model: "demo", sae: SAE });
        const kill = new AbortController();
        const frozen = new MemoryStore();
        const before = await keptTokens();
        let seen = 0;
        const onProgress = ({ stage, done }: Progress): void => {
          if (stage !== "Scanning") return;
          // Each goes on from what the one before left.
          expect(done).toBeGreaterThan(before);
          if (++seen < steps || kill.signal.aborted) return;
          for (const [path, bytes] of store.contents) frozen.contents.set(path, bytes.slice());
          kill.abort();
        };
        const killed = dead.scans.run(FIRST, { signal: kill.signal, onProgress });
        await expect(killed).rejects.toMatchObject({ code: "Cancelled" });
        store.contents.clear();
        for (const [path, bytes] of frozen.contents) store.contents.set(path, bytes);
        // What the last step found was not saved yet.
        expect((await keptTokens()) > before).toBe(steps > 1);
      }
      const found = await stateOf(FIRST, store);
      expect(content(found)).toEqual(content(wanted));
      expect(sums(found)).toEqual(sums(wanted));
    },
  );

  it("stopped keeps what there is, lets others work meanwhile, and is listed and deleted", async () => {
    const engine = scanningEngine(start, new MemoryStore());
    await engine.open({ model: "demo", sae: SAE });
    const shipped = await engine.scans.list();
    expect(shipped).toMatchObject([{ saved: null }]);
    const stop = new AbortController();
    const order: string[] = [];
    const scan = engine.scans.run(FIRST, {
      signal: stop.signal,
      onProgress: ({ stage, unit, total, done }) => {
        if (stage === "Reading weights") return;
        order.push("progress");
        expect({ stage, unit }).toEqual({ stage: "Scanning", unit: "tokens" });
        expect(total).toBeGreaterThanOrEqual(done);
        if (order.filter((what) => what === "progress").length === 3) stop.abort();
      },
    });
    const analysis = jobsOf(engine)
      .analyze("A ship.", { mask: "all" })
      .then(() => order.push("analysis"));
    await expect(scan).rejects.toMatchObject({ code: "Cancelled" });
    await analysis;
    expect(order.indexOf("analysis")).toBeLessThan(order.length - 1);
    const [kept] = await engine.scans.list();
    expect(kept).toMatchObject({ finished: false, fits: true, running: false, request: FIRST });
    expect(kept?.bytes).toBeGreaterThan(0);
    const partial = await engine.scans.summary(null);
    expect(kept).toMatchObject({ tokens: partial?.tokens });
    const rest = await engine.scans.run(FIRST);
    expect(rest.finished).toBe(true);
    expect(rest.tokens).toBeGreaterThan(partial?.tokens ?? 0);
    await engine.scans.remove(kept?.id ?? "");
    expect(await engine.scans.list()).toEqual(shipped);
  });

  it("tells of each feature what it saw, with the tokens' pieces", async () => {
    const engine = scanningEngine(start, new MemoryStore());
    await engine.open({ model: "demo", sae: SAE });
    const summary = await engine.scans.run({ ...FIRST, documents: 3, metrics: true });
    const index = summary.count.indexOf(Math.max(...summary.count));
    const feature = await engine.scans.feature(index, null);
    expect(feature).toMatchObject({
      schema: "facet.featurescan/1",
      index,
      count: summary.count[index],
      tokens: summary.tokens,
      model: { source: "demo", activation: "tanh" },
      backend: { name: "tfjs-wasm" },
    });
    const [strongest] = feature?.top ?? [];
    expect(strongest?.value).toBe(summary.max[index]);
    expect(strongest?.activations[strongest.peak]).toBe(strongest?.value);
    // The same text, run by itself, fires as strongly: the example stands where it says.
    const documents = demoDocuments();
    const text = documents[strongest?.document ?? -1] ?? "";
    const { tokens } = await jobsOf(engine).analyze(text, { mask: "all" });
    const token = tokens[(strongest?.position ?? 0) + 1];
    if ((strongest?.position ?? 999) < 255) {
      expect(token?.token).toBe(strongest?.tokens[strongest.peak]);
      const found = token?.features.find((one) => one.index === index)?.folded;
      expect(found).toBeCloseTo(strongest?.value ?? NaN, 3);
    }
    const silent = summary.count.indexOf(0);
    expect(await engine.scans.feature(silent, null)).toMatchObject({
      rateBound: 3 / summary.tokens,
    });
    await expect(engine.scans.feature(99_999, null)).rejects.toMatchObject({
      code: "NoSuchFeature",
    });
    expect(await engine.scans.coActivation(index, [index, silent], null)).toEqual([1, 0]);
    const verified = await jobsOf(engine).verifyCorpus({ documents: 3, mask: "nonspecial" });
    const { explainedVarianceLegacy, ...metrics } = verified.metrics;
    expect(explainedVarianceLegacy).not.toBeNull();
    for (const [name, value] of Object.entries(metrics))
      expect(summary.metrics?.[name as keyof typeof metrics], name).toBeCloseTo(value ?? NaN, 6);
  });
});
