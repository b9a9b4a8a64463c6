// int8 and int4 on WebGPU, whose kernels read them as they are kept: the engine's numbers, agreement with the portable
// backend, and the memory that is promised before loading.
import { jobsOf } from "../support/jobs.ts";

import { describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../src/backend/tfjs/createTfjsBackend.ts";
import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { expectMetrics, expectTokens } from "../support/agree.ts";
import { engineOn } from "../support/engineSuite.ts";
import { TFJS_WASM } from "../support/nodeFiles.ts";
import { describePrecisions } from "../support/precisionSuite.ts";
import { testGpu } from "./device.ts";

const start = () => createWebGpuBackend({ gpu: testGpu() });

// Texts agree with the portable backend, below; what the portable one makes of the documents is in its own tests.
describePrecisions("webgpu", start, { corpus: process.env["FACET_FULL"] !== undefined });

describe("webgpu in int8 and int4", () => {
  it.each(["int8", "int4"] as const)(
    "%s gives the portable backend's numbers",
    async (precision) => {
      const request = { model: "demo", sae: "blocks.5.hook_resid_post", precision } as const;
      const text = "ROMEO:\nO, speak again, bright angel!";
      const [webgpu, portable] = [
        engineOn("webgpu", start),
        engineOn("tfjs-wasm", () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM })),
      ];
      await Promise.all([webgpu.open(request), portable.open(request)]);
      const wanted = await jobsOf(portable).analyze(text, { mask: "all" });
      const found = await jobsOf(webgpu).analyze(text, { mask: "all" });
      expectTokens(found.tokens, wanted.tokens, false, precision);
      const metrics = (await jobsOf(portable).verify(text, { mask: "all" })).metrics;
      expectMetrics(
        (await jobsOf(webgpu).verify(text, { mask: "all" })).metrics,
        metrics,
        precision,
      );
    },
  );

  it("takes the memory that the plan says", async () => {
    const request = { model: "demo", sae: "blocks.3.hook_resid_post_topk" } as const;
    const plan = await engineOn("webgpu", start).plan(request);
    expect(plan.memory.map(({ precision }) => precision)).toEqual(["bf16", "f32", "int8", "int4"]);
    for (const { precision, bytes } of plan.memory) {
      const backend = await start();
      await engineOn("webgpu", async () => backend).open({ ...request, precision });
      // Beyond the weights: the SAE's epilogue, [4, d_sae], and size classes of small buffers.
      expect(backend.memory()).toBeGreaterThanOrEqual(bytes);
      expect(backend.memory()).toBeLessThanOrEqual(bytes * 1.02 + 4 * 4 * plan.sae.dSae);
      backend.dispose();
    }
  });
});
