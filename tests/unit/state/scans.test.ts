// The store and corpus scans: what is asked for when, what becomes of it, and that a token stays out of the state.

import { describe, expect, it } from "vitest";
import type { ScanRequest } from "../../../src/lib/scan.ts";
import {
  feature,
  featureScan,
  nearest,
  projection,
  scan,
  scanSummary,
  scans,
  vocabularyTokens,
} from "../../../src/state/queries.ts";
import { CARD, cardOf, opened, settle } from "../../support/recordingStore.ts";

const BUNDLED: ScanRequest = { corpus: { kind: "bundled" } };

describe("what a scan says", () => {
  it("of a feature is read once for each that is looked at", async () => {
    const { store, actions, of, look, answer } = await opened("feature=7");
    const { shown } = look(featureScan, () => [store.getState().view.feature]);
    expect(of("featureScan").map(({ args }) => args)).toEqual([[7, null]]);
    await answer("featureScan", { index: 7, count: 3 });
    expect(shown()).toMatchObject({ data: { index: 7, count: 3 }, stale: false });
    actions.setView({ feature: 8 });
    expect(shown()).toMatchObject({ stale: true, running: true });
    await answer("featureScan", null);
    expect(shown()).toMatchObject({ data: null, stale: false, error: null });
    actions.setView({ feature: 7 });
    expect(shown()).toMatchObject({ data: { index: 7, count: 3 }, stale: false });
    expect(of("featureScan")).toHaveLength(2);
  });

  it("of a feature may be prefetched, and is asked for again after a failure", async () => {
    const { actions, of, look, answer, refuse } = await opened();
    const prefetch = (index: number): void => {
      actions.prefetch(feature, index);
      actions.prefetch(featureScan, index);
    };
    prefetch(7);
    prefetch(7);
    await settle();
    expect([of("feature"), of("featureScan")].map(({ length }) => length)).toEqual([1, 1]);
    await answer("featureScan", { index: 7 });
    await answer("feature", { index: 7 });
    const [found, facts] = [look(featureScan, 7), look(feature, 7)];
    expect([found.shown().data, facts.shown().data]).toEqual([{ index: 7 }, { index: 7 }]);
    expect([of("feature"), of("featureScan")].map(({ length }) => length)).toEqual([1, 1]);
    prefetch(9);
    await settle();
    await refuse("featureScan", new Error("lost"));
    look(featureScan, 9);
    expect(of("featureScan")).toHaveLength(3);
  });

  it("is of the scan that the link names, and of each SAE by itself", async () => {
    const { actions, of, look, answer } = await opened("scan=a");
    look(scanSummary);
    look(featureScan, 1);
    await settle();
    expect(of("scanSummary").map(({ args }) => args)).toEqual([["a"]]);
    expect(of("featureScan").map(({ args }) => args)).toEqual([[1, "a"]]);
    actions.setView({ sae: "other" });
    await settle();
    await answer("open", cardOf("other"));
    expect(of("scanSummary").at(-1)?.args).toEqual([null]);
  });
});

describe("a scan", () => {
  it("is the one on show when it is done, and all numbers are read anew", async () => {
    const { store, actions, of, look, answer, address } = await opened();
    const [summary, list] = [look(scanSummary), look(scans)];
    const running = look(scan, () => [store.getState().scan]);
    await answer("scanSummary", { tokens: 10 });
    await answer("keptScans", []);
    actions.runScan(BUNDLED);
    await settle();
    expect(store.getState().scan).toMatchObject({ request: BUNDLED });
    expect(running.shown()).toMatchObject({ running: true });
    await answer("scan", { id: "s", tokens: 100 });
    expect(store.getState()).toMatchObject({ scan: null, view: { scan: "s" } });
    expect(address.fragment()).toBe("scan=s");
    expect(of("scanSummary").at(-1)?.args).toEqual(["s"]);
    expect(summary.shown()).toMatchObject({ stale: true, running: true, data: { tokens: 10 } });
    await answer("scanSummary", { tokens: 100 });
    await answer("keptScans", [{ id: "s" }]);
    expect(summary.shown()).toMatchObject({ stale: false, data: { tokens: 100 } });
    expect(list.shown()).toMatchObject({ stale: false, data: [{ id: "s" }] });
    expect(of("scan")).toHaveLength(1);
  });

  it("that is stopped keeps what it was asked for, and goes on with the same", async () => {
    const { store, actions, of, last, look } = await opened();
    const running = look(scan, () => [store.getState().scan]);
    look(scans);
    actions.runScan(BUNDLED);
    await settle();
    last("scan").options.onProgress?.({ stage: "Scanning", done: 1, total: 2, unit: "tokens" });
    expect(running.shown().progress).toMatchObject({ done: 1 });
    const listed = of("keptScans").length;
    actions.stopScan();
    await settle();
    expect(last("scan").options.signal?.aborted).toBe(true);
    expect(of("keptScans").length).toBeGreaterThan(listed);
    const { scan: stopped } = store.getState();
    expect(stopped?.request).toEqual(BUNDLED);
    expect(running.shown()).toMatchObject({ running: false, progress: null, error: null });
    if (stopped) actions.runScan(stopped.request);
    await settle();
    expect(of("scan").map(({ args }) => args)).toEqual([[BUNDLED], [BUNDLED]]);
  });

  it("goes on while nobody looks", async () => {
    const { store, actions, last, look } = await opened();
    const { leave } = look(scan, () => [store.getState().scan]);
    actions.runScan(BUNDLED);
    await settle();
    leave();
    actions.setView({ place: "sae" });
    actions.setView({ text: "another" });
    await settle();
    expect(last("scan").options.signal?.aborted).toBe(false);
  });

  it("of an SAE that is no longer open is not put on show", async () => {
    const { store, actions, look, answer, last } = await opened();
    look(scan, () => [store.getState().scan]);
    actions.runScan(BUNDLED);
    await settle();
    const done = last("scan");
    actions.setView({ sae: "other" });
    await settle();
    await answer("open", cardOf("other"));
    done.resolve({ id: "s" });
    await settle();
    expect(store.getState().view.scan).toBeNull();
  });

  it("gives a dataset's hub the reader's token, and the state none", async () => {
    const { store, actions, memory, of } = await opened();
    memory.setToken("https://hub.example", "hf_secret", false);
    const asked: ScanRequest = {
      corpus: { kind: "dataset", dataset: "a/b", endpoint: "https://hub.example" },
    };
    actions.runScan(asked);
    await settle();
    expect(of("scan")[0]?.args).toEqual([{ corpus: { ...asked.corpus, token: "hf_secret" } }]);
    const kept = store.results.client.getQueryCache().getAll();
    expect(JSON.stringify([store.getState(), kept])).not.toContain("hf_secret");
    actions.runScan({ corpus: { kind: "dataset", dataset: "a/b" } });
    await settle();
    expect(of("scan").at(-1)?.args).toEqual([{ corpus: { kind: "dataset", dataset: "a/b" } }]);
  });

  it("that is deleted is on show no more", async () => {
    const { store, actions, of, look, answer } = await opened("scan=a");
    look(featureScan, 1);
    await settle();
    expect(of("featureScan").at(-1)?.args).toEqual([1, "a"]);
    actions.deleteScan("a");
    await answer("deleteScan", null);
    expect(store.getState().view.scan).toBeNull();
    expect(of("featureScan").at(-1)?.args).toEqual([1, null]);
  });

  it("that is brought in or merged is put on show; what fails is told", async () => {
    const { store, actions, answer, refuse } = await opened();
    actions.importScan({ path: "a.parquet", file: new Blob([]) });
    await answer("importScan", "a");
    expect(store.getState().view.scan).toBe("a");
    actions.mergeScans("a", "b");
    await answer("mergeScans", "ab");
    expect(store.getState().view.scan).toBe("ab");
    actions.mergeScans("a", "a");
    await refuse("mergeScans", new Error("They share documents."));
    expect(store.getState().view.scan).toBe("ab");
    expect(store.getState().notices.at(-1)?.text).toContain("They share documents.");
  });
});

describe("all features", () => {
  it("are laid out once their neighbours are known, which are read once", async () => {
    const layout = { x: Float32Array.of(0), y: Float32Array.of(0) };
    const seen: unknown[] = [];
    const { actions, of, look, answer } = await opened("", CARD, async (rows) => {
      seen.push(rows);
      return layout;
    });
    const { shown } = look(projection);
    await settle();
    expect(of("nearest")).toHaveLength(0);
    actions.setView({ mapLayout: "similarity" });
    await settle();
    await answer("nearest", { k: 1 });
    expect(seen).toEqual([{ k: 1 }]);
    expect(shown().data).toBe(layout);
    expect(look(nearest).shown().data).toEqual({ k: 1 });
    expect(of("nearest")).toHaveLength(1);
  });

  it("are looked for by the tokens of what was typed last, whichever answer comes last", async () => {
    const { of, look } = await opened();
    const before = look(vocabularyTokens, "a");
    before.leave();
    const now = look(vocabularyTokens, "ab");
    const [first, second] = of("vocabularyTokens");
    second?.resolve([{ id: 2, token: "ab" }]);
    first?.resolve([{ id: 1, token: "a" }]);
    await settle();
    expect(now.shown()).toMatchObject({ data: [{ id: 2, token: "ab" }], stale: false });
  });
});
