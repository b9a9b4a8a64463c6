// The engine's manners: order, cancel, bad input, empty and over-long text, and a device that goes away.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { bundledLibrary } from "../../../src/session/library/bundledLibrary.ts";
import type { Backends } from "../../../src/session/chooseBackend.ts";
import { Engine } from "../../../src/session/engine.ts";
import { jobsOf } from "../../support/jobs.ts";
import type { ModelSource, SaeSource } from "../../../src/session/library/library.ts";
import type { FileTree } from "../../../src/lib/byteSource.ts";
import { losable, type Losable } from "../../support/losable.ts";
import { demoBundle, demoManifest, nodeTree } from "../../support/nodeFiles.ts";

const SAE = "blocks.0.hook_resid_post";
const REQUEST = { model: "demo", sae: SAE } as const;
const ALL = { mask: "all" } as const;

function setUp(
  options: { now?: () => number; library?: Partial<ReturnType<typeof bundledLibrary>> } = {},
) {
  const started: Losable[] = [];
  const notices: string[] = [];
  const backends: Backends = {
    options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
    start: async () => {
      const one = await losable();
      started.push(one);
      return one.backend;
    },
  };
  const engine = new Engine({
    library: { ...bundledLibrary(async () => demoBundle()), ...options.library },
    backends,
    onNotice: (text) => notices.push(text),
    ...(options.now && { now: options.now }),
  });
  return { engine, started, notices };
}

describe("queue", () => {
  it("runs calls in order, each on what was open when it was made", async () => {
    const { engine } = setUp();
    const order: string[] = [];
    const note = <T>(what: string, call: Promise<T>): Promise<T> =>
      call.then((value) => {
        order.push(what);
        return value;
      });
    const [, first, , second] = await Promise.all([
      note("open", engine.open(REQUEST)),
      note("analyze", jobsOf(engine).analyze("peace", ALL)),
      note("open other", engine.open({ model: "demo", sae: "blocks.5.hook_resid_post" })),
      note("analyze other", jobsOf(engine).analyze("peace", ALL)),
    ]);
    expect(order).toEqual(["open", "analyze", "open other", "analyze other"]);
    expect(first.sae.folder).toBe(SAE);
    expect(second.sae.folder).toBe("blocks.5.hook_resid_post");
  });

  it("stops a cancelled job and goes on with the next", async () => {
    const { engine } = setUp();
    await engine.open(REQUEST);
    const controller = new AbortController();
    const long = jobsOf(engine).verifyCorpus(ALL, { signal: controller.signal });
    const next = jobsOf(engine).analyze("and so it goes on", ALL);
    setTimeout(() => controller.abort(), 50);
    await expect(long).rejects.toMatchObject({ code: "Cancelled" });
    expect((await next).tokens.length).toBeGreaterThan(3);
  });

  it("frees everything when a job is cancelled, again and again", async () => {
    const { engine, started } = setUp();
    await engine.open(REQUEST);
    await jobsOf(engine).verify("The whale rose.", ALL);
    const before = started[0]?.backend.memory();
    for (let i = 0; i < 5; i++) {
      const controller = new AbortController();
      const job = jobsOf(engine).verify("The whale rose.", ALL, { signal: controller.signal });
      setTimeout(() => controller.abort(), 2 * i);
      await job.catch(() => undefined);
    }
    await jobsOf(engine).verify("The whale rose.", ALL);
    expect(started[0]?.backend.memory()).toBe(before);
  });

  it("rejects before anything is open", async () => {
    await expect(jobsOf(setUp().engine).analyze("x", ALL)).rejects.toMatchObject({
      code: "NoBackend",
    });
  });
});

describe("input", () => {
  it("reports BOS alone for empty text, and nothing for no ids", async () => {
    const { engine } = setUp();
    await engine.open(REQUEST);
    const empty = await jobsOf(engine).analyze("", { mask: "nonspecial" });
    expect(empty.tokens.map(({ token, special }) => [token, special])).toEqual([["<bos>", true]]);
    expect(empty.l0).toEqual({ mean: null, median: null, max: null });
    const checks = await jobsOf(engine).verify("", { mask: "nonspecial" });
    expect(new Set(Object.values(checks.metrics))).toEqual(new Set([null]));
    expect(checks.perToken).toEqual([]);
    expect((await jobsOf(engine).analyze([], ALL)).tokens).toEqual([]);
    expect((await jobsOf(engine).verify([], ALL)).metrics.l0).toBeNull();
    expect(await jobsOf(engine).residual([], 0)).toEqual([]);
  });

  it("takes ids exactly as given and refuses what are none", async () => {
    const { engine } = setUp();
    await engine.open(REQUEST);
    expect((await jobsOf(engine).analyze([1377, 379], ALL)).tokens.map(({ id }) => id)).toEqual([
      1377, 379,
    ]);
    for (const bad of [[4096], [-1], [1.5], [NaN]]) {
      await expect(jobsOf(engine).analyze(bad, ALL)).rejects.toMatchObject({ code: "Format" });
    }
  });

  it("says how much of a text over the context is used", async () => {
    const { engine } = setUp();
    await engine.open(REQUEST);
    const long = await jobsOf(engine).analyze("whale ".repeat(1500), ALL);
    expect(long).toMatchObject({ truncated: true, saeContext: 256 });
    expect(long.tokens).toHaveLength(1024);
    expect(long.totalTokens).toBeGreaterThan(1024);
    const vast = await jobsOf(engine).analyze("whale ".repeat(500_000), ALL);
    expect(vast).toMatchObject({ truncated: true, totalTokens: null });
    expect(vast.tokens).toEqual(long.tokens);
  });

  it("refuses features and layers that are not there", async () => {
    const { engine } = setUp();
    await engine.open(REQUEST);
    for (const bad of [1024, -1, 0.5, NaN]) {
      await expect(jobsOf(engine).feature(bad)).rejects.toMatchObject({ code: "NoSuchFeature" });
    }
    await expect(jobsOf(engine).residual("x", 6)).rejects.toMatchObject({ code: "Mismatch" });
    expect((await jobsOf(engine).residual("x", 5))[0]).toHaveLength(128);
  });
});

describe("features", () => {
  it("come with lenses in both conventions, neighbours and a density", async () => {
    const { engine } = setUp();
    await engine.open({ model: "demo", sae: "blocks.3.hook_resid_post_fast_lr" });
    const report = await jobsOf(engine).feature(21);
    expect(report.label).toMatchObject({ text: '"tell" and "told"', confidence: 0.96 });
    for (const lens of [report.logitLens?.withNorm, report.logitLens?.withoutNorm]) {
      if (!lens) throw new Error("The feature has a direction.");
      expect(lens.top).toHaveLength(10);
      expect(lens.bottom).toHaveLength(10);
      expect(lens.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(4096);
      expect(lens.top[0]?.value).toBe(lens.histogram.edges.at(-1));
    }
    expect(report.neighbours).toHaveLength(10);
    expect(report.neighbours.map(({ index }) => index)).not.toContain(21);
    const cosines = report.neighbours.map(({ cosine }) => cosine);
    expect(cosines).toEqual(cosines.toSorted((a, b) => b - a));
    expect(cosines.every((cosine) => cosine > -1 && cosine < 1)).toBe(true);
    expect(report.density?.value).toBeGreaterThan(0);
  });
});

describe("planning", () => {
  it("counts what opening would read, and loads no weight", async () => {
    const { engine, started } = setUp();
    const plan = await engine.plan(REQUEST);
    const sizes = Object.fromEntries(demoManifest().files.map(({ path, size }) => [path, size]));
    const weights = sizes["model/model.safetensors"] ?? 0;
    const tokenizer = sizes["model/tokenizer.json"] ?? 0;
    const block = 2 * (2 * 128 * 128 + 2 * 32 * 128 + 3 * 512 * 128 + 2 * 128);
    const sae = 4 * (2 * 128 * 1024 + 128 + 1024);
    expect(plan).toMatchObject({ bytes: tokenizer + block + sae, fileFormat: "BF16" });
    const header = weights - (6 * block + 2 * 4096 * 128 + 2 * 128);
    expect(plan.lossBytes).toBe(weights - header - block - 2 * 128);
    expect(started).toHaveLength(0);
    await expect(engine.plan({ model: "demo", sae: "none" })).rejects.toMatchObject({
      code: "RepoNotFound",
    });
  });
});

describe("opening", () => {
  it("keeps what was open when the next one cannot be opened", async () => {
    const { engine, started } = setUp();
    await engine.open(REQUEST);
    const held = started[0]?.backend.memory();
    await expect(engine.open({ model: "demo", sae: "none" })).rejects.toMatchObject({
      code: "RepoNotFound",
    });
    await expect(engine.open({ ...REQUEST, precision: "f16" })).rejects.toMatchObject({
      code: "Unsupported",
    });
    expect(started[0]?.backend.memory()).toBe(held);
    expect((await jobsOf(engine).analyze("still here", ALL)).sae.folder).toBe(SAE);
  });

  it("loads the model once for two SAEs and one activation after the other", async () => {
    const read: string[] = [];
    const recording = (tree: FileTree): FileTree => ({
      ...tree,
      open: async (path, options) => {
        read.push(path);
        return tree.open(path, options);
      },
    });
    const library = bundledLibrary(async () => demoBundle());
    const { engine, started } = setUp({
      library: {
        model: async (request, options): Promise<ModelSource> => {
          const source = await library.model(request, options);
          return { ...source, tree: recording(source.tree) };
        },
      },
    });
    await engine.open(REQUEST);
    const erf = await engine.open({ ...REQUEST, activation: "erf" });
    await engine.open({ model: "demo", sae: "blocks.5.hook_resid_post" });
    expect(read.filter((path) => path === "model.safetensors")).toHaveLength(1);
    expect(started).toHaveLength(1);
    expect(erf.provenance.model.activation).toBe("erf");
  });

  it("refuses an SAE of another width or another model's block", async () => {
    const wrong = async (kind: string): Promise<SaeSource> => ({
      source: "test",
      folder: kind,
      tree: nodeTree(`tests/fixtures/goldens/sae/${kind}`),
      files: [],
      published: [],
      normScalingFactor: null,
      labels: null,
      facts: null,
    });
    const { engine } = setUp({ library: { sae: () => wrong("gated") } });
    await expect(engine.open(REQUEST)).rejects.toMatchObject({ code: "Mismatch" });
  });

  it("rejects a backend that is not there", async () => {
    const { engine } = setUp();
    await engine.open(REQUEST);
    const missing = new Engine({
      library: bundledLibrary(async () => demoBundle()),
      backends: { options: async () => [], start: () => Promise.reject(new Error("none")) },
      onNotice: () => undefined,
    });
    await expect(missing.open(REQUEST)).rejects.toMatchObject({ code: "NoBackend" });
  });
});

it("keeps nothing of a job that is done, however long the device lives", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { engine } = setUp();
  await engine.open(REQUEST);
  const done = new WeakRef(await jobsOf(engine).analyze("peace", ALL));
  // The queue holds the last one.
  await jobsOf(engine).analyze("war", ALL);
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  expect(done.deref()).toBeUndefined();
});

describe("a lost device", () => {
  it("is rebuilt, the job is run again, and the reader is told", async () => {
    const { engine, started, notices } = setUp();
    await engine.open(REQUEST);
    const before = await jobsOf(engine).analyze("peace", ALL);
    const job = jobsOf(engine).verifyCorpus({ documents: 2, mask: "all" });
    setTimeout(() => started[0]?.lose(), 20);
    expect((await job).documents).toBe(2);
    expect(started).toHaveLength(2);
    expect(notices).toHaveLength(1);
    expect((await jobsOf(engine).analyze("peace", ALL)).tokens).toEqual(before.tokens);
  });

  it("ends in a clear error when it is lost again within a minute, and heals later", async () => {
    let now = 0;
    const { engine, started, notices } = setUp({ now: () => now });
    await engine.open(REQUEST);
    started[0]?.lose();
    await jobsOf(engine).analyze("peace", ALL);
    now = 59_999;
    started[1]?.lose();
    await expect(jobsOf(engine).analyze("peace", ALL)).rejects.toMatchObject({
      code: "DeviceLost",
    });
    await expect(jobsOf(engine).analyze("peace", ALL)).rejects.toMatchObject({
      code: "DeviceLost",
    });
    await engine.open(REQUEST);
    expect((await jobsOf(engine).analyze("peace", ALL)).tokens.length).toBeGreaterThan(1);
    now = 200_000;
    started[2]?.lose();
    expect((await jobsOf(engine).analyze("peace", ALL)).tokens.length).toBeGreaterThan(1);
    expect(notices).toHaveLength(2);
  });
});
