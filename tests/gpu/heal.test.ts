// A real device that is lost in the middle of a job: the engine builds another and the job's result is right.

import { expect, it } from "vitest";
import type { WebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../src/session/engine.ts";
import { jobsOf } from "../support/jobs.ts";
import { demoBundle } from "../support/nodeFiles.ts";
import { testGpu } from "./device.ts";

const OPEN = { model: "demo", sae: "blocks.0.hook_resid_post" } as const;

function setUp() {
  const started: WebGpuBackend[] = [];
  const notices: string[] = [];
  const engine = new Engine({
    library: bundledLibrary(async () => demoBundle()),
    backends: {
      options: async () => [{ name: "webgpu", available: true, note: null }],
      start: async () => {
        const backend = await createWebGpuBackend({ gpu: testGpu() });
        started.push(backend);
        return backend;
      },
    },
    onNotice: (text) => notices.push(text),
  });
  return { engine, started, notices };
}

it("goes on after its device was lost in the middle of a job, once", async () => {
  const { engine, started, notices } = setUp();
  await engine.open(OPEN);
  const before = await jobsOf(engine).verify("The whale rose beneath the ship.", { mask: "all" });
  const job = jobsOf(engine).verify("The whale rose beneath the ship.", { mask: "all" });
  started[0]?.device.destroy();
  expect((await job).metrics).toEqual(before.metrics);
  expect(started).toHaveLength(2);
  expect(notices).toHaveLength(1);
  started[1]?.device.destroy();
  await expect(jobsOf(engine).verify("Again.", { mask: "all" })).rejects.toMatchObject({
    code: "DeviceLost",
  });
});

it("a scan goes on with the same numbers after its device was lost", async () => {
  const { engine, started, notices } = setUp();
  await engine.open(OPEN);
  const request = { corpus: { kind: "bundled" as const }, documents: 5 };
  const found = await engine.scans.run(request, {
    onProgress: ({ stage }) => {
      if (stage === "Scanning") started[0]?.device.destroy();
    },
  });
  expect(started).toHaveLength(2);
  expect(notices).toHaveLength(1);
  const [kept] = await engine.scans.list();
  await engine.scans.remove(kept?.id ?? "");
  const wanted = await engine.scans.run(request);
  expect(found.finished).toBe(true);
  for (const field of ["tokens", "count", "sum", "max", "l0"] as const)
    expect(found[field], field).toEqual(wanted[field]);
});
