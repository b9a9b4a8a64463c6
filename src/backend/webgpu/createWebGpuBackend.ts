// The WebGPU backend: a device, what runs on it, and the operations on that. No kernel and no buffer is handled here.

import { throwIfCancelled } from "../../lib/errors.ts";
import type { Backend } from "../backend.ts";
import { turn } from "../turn.ts";
import { type DeviceOptions, openDevice } from "./device.ts";
import { GpuRunner } from "./gpuRunner.ts";
import { operationsOn } from "./operations.ts";
import { Pipelines } from "./pipelines.ts";
import { Precompiler } from "./precompiler.ts";
import type { Limits } from "./runner.ts";
import { Tuner } from "./tuner.ts";
import { type Layout, type VariantMemory, Variants } from "./variants.ts";

export interface WebGpuOptions extends DeviceOptions {
  /** Smaller than the device's own; for tests of what is cut. */
  readonly limits?: Partial<Limits>;
  /** What was measured of this device on other visits. */
  readonly memory?: VariantMemory;
  /** The layout of products to take wherever it can be; for tests. */
  readonly layout?: Layout;
}

export interface WebGpuBackend extends Backend {
  /** For a peer that shares the device (tfjs) and for tests. */
  readonly device: GPUDevice;
  /** GPU objects made so far; a repeated run adds none. */
  made(): { buffers: number; bindGroups: number };
}

/** Throws `NoBackend` where there is no adapter. */
export async function createWebGpuBackend(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  const device = await openDevice(options);
  const pipelines = new Pipelines(device.gpu);
  const variants = new Variants({
    software: device.software,
    subgroups: device.gpu.features.has("subgroups"),
    adapter: device.adapter,
    memory: options.memory ?? new Map<string, string>(),
    layout: options.layout,
  });
  const tuner = new Tuner(device, pipelines, variants);
  const runner = new GpuRunner(device, pipelines, variants, options.limits);
  const about = { name: "webgpu", adapter: device.adapter, lost: device.lost } as const;

  return {
    ...about,
    ...operationsOn(runner),
    device: device.gpu,
    made: () => runner.made,

    async precompile(work) {
      await work({
        ...about,
        ...operationsOn(new Precompiler(pipelines, variants, runner.limits)),
        checkpoint: async () => undefined,
        memory: () => 0,
        dispose: () => undefined,
      });
      await pipelines.compiled();
    },
    async tune(signal) {
      while (await tuner.settleNext(signal)) await turn();
    },
    async checkpoint(signal) {
      device.check("Computing on the GPU");
      if (runner.worthSending) {
        await runner.settle("Waiting for the GPU");
        await turn();
      }
      throwIfCancelled(signal, "computing on the GPU");
    },
    memory: () => runner.pool.bytes,
    dispose: () => device.dispose(),
  };
}
