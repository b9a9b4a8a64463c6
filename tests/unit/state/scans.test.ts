// The store and corpus scans: what is asked for when, what becomes of it, and that a token stays out of the state.

import { expect, it } from "vitest";
import type { ScanRequest } from "../../../src/lib/scan.ts";
import type { Project } from "../../../src/state/exploring.ts";
import type { MethodName } from "../../../src/worker/protocol.ts";
import { opened, settle } from "../../support/recordingStore.ts";

const BUNDLED: ScanRequest = { corpus: { kind: "bundled" } };

async function scanning(project?: Project) {
  const { last, ...rest } = await opened("", project);
  const answer = async (method: MethodName, value: unknown): Promise<void> => {
    last(method).resolve(value);
    await settle();
  };
  return { ...rest, answer };
}

it("reads what the scan says of a feature, once for each that is asked for", async () => {
  const { store, of, answer } = await scanning();
  store.actions.loadFeatureScan(7);
  expect(of("featureScan").map(({ args }) => args)).toEqual([[7, null]]);
  await answer("featureScan", { index: 7, count: 3 });
  expect(store.getState().featureScan.data).toEqual({ index: 7, found: { index: 7, count: 3 } });
  store.actions.loadFeatureScan(8);
  await answer("featureScan", null);
  expect(store.getState().featureScan.data).toEqual({ index: 8, found: null });
});

it("uses what was asked for ahead, and asks again after a failure", async () => {
  const { store, of, answer } = await scanning();
  store.actions.prepareFeature(7);
  store.actions.prepareFeature(7);
  expect(of("featureScan")).toHaveLength(1);
  expect(of("feature")).toHaveLength(1);
  await answer("featureScan", { index: 7 });
  await answer("feature", { index: 7 });
  store.actions.loadFeatureScan(7);
  store.actions.loadFeature(7);
  await settle();
  expect(of("featureScan")).toHaveLength(1);
  expect(of("feature")).toHaveLength(1);
  expect(store.getState().featureScan.data?.found).toEqual({ index: 7 });
  expect(store.getState().feature.data).toEqual({ index: 7 });

  store.actions.prepareFeature(9);
  of("featureScan").at(-1)?.reject(new Error("lost"));
  await settle();
  store.actions.loadFeatureScan(9);
  expect(of("featureScan")).toHaveLength(3);
});

it("runs a scan, and reads its numbers anew when it is done", async () => {
  const { store, of, answer } = await scanning();
  store.actions.loadScanSummary();
  await answer("scanSummary", { tokens: 10 });
  store.actions.runScan(BUNDLED);
  expect(store.getState().scanAsked).toEqual(BUNDLED);
  expect(store.getState().scanRun.running).toBe(true);
  await answer("scan", { tokens: 100 });
  await answer("scans", [{ id: "a" }]);
  const state = store.getState();
  expect(state).toMatchObject({ scanAsked: null, scans: [{ id: "a" }] });
  expect(state.scanSummary).toMatchObject({ stale: true, data: { found: { tokens: 10 } } });
  expect(of("scan")).toHaveLength(1);
});

it("keeps what a paused scan was asked for, and goes on with the same", async () => {
  const { store, of, answer } = await scanning();
  store.actions.runScan(BUNDLED);
  store.actions.stopScan();
  await settle();
  await answer("scans", []);
  const { scanAsked, scanRun } = store.getState();
  expect(scanAsked).toEqual(BUNDLED);
  expect(scanRun).toMatchObject({ running: false, error: null });
  if (scanAsked) store.actions.runScan(scanAsked);
  expect(of("scan").map(({ args }) => args)).toEqual([[BUNDLED], [BUNDLED]]);
});

it("gives a dataset's hub the reader's token, and the state none", async () => {
  const { store, memory, of } = await scanning();
  memory.setToken("https://hub.example", "hf_secret", false);
  const asked: ScanRequest = {
    corpus: { kind: "dataset", dataset: "a/b", endpoint: "https://hub.example" },
  };
  store.actions.runScan(asked);
  expect(of("scan")[0]?.args).toEqual([{ corpus: { ...asked.corpus, token: "hf_secret" } }]);
  expect(JSON.stringify(store.getState())).not.toContain("hf_secret");
  store.actions.runScan({ corpus: { kind: "dataset", dataset: "a/b" } });
  expect(of("scan").at(-1)?.args).toEqual([{ corpus: { kind: "dataset", dataset: "a/b" } }]);
});

it("forgets the scan on show when it is deleted", async () => {
  const { store, of, answer } = await scanning();
  store.actions.showScan("a");
  store.actions.loadFeatureScan(1);
  expect(of("featureScan").at(-1)?.args).toEqual([1, "a"]);
  store.actions.deleteScan("a");
  await answer("deleteScan", null);
  await answer("scans", []);
  expect(store.getState().shownScan).toBeNull();
});

it("lays features out once their neighbours are known, and reads those once", async () => {
  const layout = { x: Float32Array.of(0), y: Float32Array.of(0) };
  const seen: unknown[] = [];
  const { store, of, answer } = await scanning(async (rows) => {
    seen.push(rows);
    return layout;
  });
  store.actions.loadProjection();
  await answer("nearest", { k: 1 });
  expect(seen).toEqual([{ k: 1 }]);
  expect(store.getState().projection.data).toBe(layout);
  store.actions.loadNearest();
  expect(of("nearest")).toHaveLength(1);
});

it("shows the tokens of what was typed last, whichever answer comes last", async () => {
  const { store, of } = await scanning();
  store.actions.lookUpTokens("a");
  store.actions.lookUpTokens("ab");
  const [first, second] = of("vocabularyTokens");
  second?.resolve([{ id: 2, token: "ab" }]);
  first?.resolve([{ id: 1, token: "a" }]);
  await settle();
  expect(store.getState().tokenChoices).toEqual([{ id: 2, token: "ab" }]);
});
