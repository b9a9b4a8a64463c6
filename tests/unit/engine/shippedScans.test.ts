// The scans that ship with the page (`npm run scan`): of what ships beside them, equal to the goldens, small, and shown
// where the reader has none of their own.

import { readFileSync, statSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import type { Engine } from "../../../src/session/engine.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { scanProvenance, scanSummary } from "../../../src/scan/featureScan.ts";
import { readPart } from "../../../src/scan/part/readPart.ts";
import { stateHead } from "../../../src/scan/stored.ts";
import { MemoryStore } from "../../hub/memoryStore.ts";
import { demoDocuments, demoManifest, repository, TFJS_WASM } from "../../support/nodeFiles.ts";
import { scanningEngine } from "../../support/scanPlace.ts";
import { DEMO_SAES, expectScanGolden } from "../../support/scanSuite.ts";

const fileOf = (sae: string): string => repository(`public/demo/scans/${sae}.parquet`);

describe.each(DEMO_SAES)("the scan that ships with %s", (sae) => {
  it("is the golden scan, of the files that ship", async () => {
    const part = await readPart(memorySource(sae, readFileSync(fileOf(sae))));
    const { state, provenance } = part;
    const told = { ...provenance, ...scanProvenance(stateHead(state)) };
    await expectScanGolden({ ...scanSummary(state, told, null), id: sae }, sae);
    const { revisions } = demoManifest();
    expect(state.finished).toBe(true);
    expect(provenance.model.revision).toBe(revisions["model"]);
    expect(provenance.sae.revision).toBe(revisions[`sae/${sae}`]);
  });
});

it("they take under 3 MB together", () => {
  const bytes = DEMO_SAES.reduce((sum, sae) => sum + statSync(fileOf(sae)).size, 0);
  expect(bytes).toBeLessThan(3e6);
});

describe("a visit whose storage does not open", () => {
  const SHIPS = "blocks.3.hook_resid_post_fast_lr";
  const start = () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });

  it("has the scan that ships all the same, and looks again the next time", async () => {
    let broken = true;
    const notices: string[] = [];
    const open = (): Promise<MemoryStore> =>
      broken ? Promise.reject(new Error("It is broken.")) : Promise.resolve(new MemoryStore());
    const visiting = scanningEngine(start, open, (text) => notices.push(text));
    await visiting.open({ model: "demo", sae: SHIPS });
    for (const list of [await visiting.scans.list(), await visiting.scans.list()]) {
      expect(list).toMatchObject([{ saved: null, fits: true }]);
    }
    expect(await visiting.scans.summary(null)).toMatchObject({ tokens: 81_276 });
    expect(notices).toEqual([expect.stringMatching(/^Scans that are kept .* cannot be read/)]);
    broken = false;
    expect(await visiting.scans.list()).toHaveLength(1);
    expect(notices).toHaveLength(1);
  });

  it("says nothing of a browser that has none", async () => {
    const visiting = scanningEngine(start, () => Promise.resolve(null));
    await visiting.open({ model: "demo", sae: SHIPS });
    expect(await visiting.scans.list()).toMatchObject([{ saved: null, fits: true }]);
  });
});

describe("a first visit", () => {
  let engine: Engine;
  beforeAll(async () => {
    const start = () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });
    engine = scanningEngine(start, new MemoryStore());
    await engine.open({ model: "demo", sae: "blocks.3.hook_resid_post_fast_lr" });
  });

  it("has a scan of the corpus, which cannot be deleted", async () => {
    const summary = await engine.scans.summary(null);
    expect(summary).toMatchObject({ tokens: 81_276, finished: true });
    const [shipped] = await engine.scans.list();
    expect(shipped).toMatchObject({ saved: null, fits: true, corpus: "the bundled corpus" });
    await expect(engine.scans.remove(shipped?.id ?? "")).rejects.toMatchObject({
      code: "Unsupported",
    });
  });

  it("has examples of every group, whose text is the corpus'", async () => {
    const feature = await engine.scans.feature(17, null);
    if (!feature) throw new Error("no scan");
    expect(feature.top).toHaveLength(8);
    expect(feature.sample).toHaveLength(5);
    const inGroups = feature.intervals.flatMap(({ passages }) => passages);
    expect(inGroups.length).toBeGreaterThanOrEqual(5);
    const documents = demoDocuments();
    for (const { document, tokens } of [...feature.top, ...inGroups, ...feature.sample]) {
      const pieces = tokens.filter((token) => !token.startsWith("<")).join("");
      const words = pieces.replaceAll("▁", " ").replaceAll("\n", "");
      expect(documents[document]?.replaceAll("\n", "")).toContain(words);
    }
  });

  it("knows the numbers with other settings too, and says whose they are", async () => {
    await engine.open({
      model: "demo",
      sae: "blocks.3.hook_resid_post_fast_lr",
      activation: "erf",
    });
    expect(await engine.scans.feature(17, null)).toMatchObject({ model: { activation: "tanh" } });
  });
});
