// One contender of the operations' benchmark: it prepares an operation, runs it a number of times on new inputs, checks
// what came out, and says how long one run took. The driver says what is run and when, and hears of plain data only.

import type { Precision } from "../../../src/lib/report.ts";
import { ours } from "./backendContender.ts";
import type { Contender, ContenderName, Prepared } from "./contender.ts";
import { assertRight } from "./expected.ts";
import { assertStackRight } from "./expectedStack.ts";
import { gpuClock, type GpuClock, watchDevices } from "./gpuTime.ts";
import { type Metered, metered } from "./meter.ts";
import type { Operation } from "./operations.ts";
import { onnx } from "./ort.ts";
import { tfjs } from "./tfjs.ts";

export interface OperationTime {
  /** Of one run, by this thread's clock: recorded, sent and done. */
  readonly ms: number;
  /** Of one run's compute passes, by the device's clock; null where it has none. */
  readonly gpuMs: number | null;
}

export interface OperationBench {
  /** What runs it. */
  open(name: ContenderName): Promise<string>;
  /** Weights to the device; false where the contender has no such operation. */
  prepare(operation: Operation, format: Precision): Promise<boolean>;
  /** Throws where the result is wrong. Inputs are made of the seed. */
  time(seed: number, repeats: number): Promise<OperationTime>;
  /** What one run and the reading of its result ask of JavaScript. */
  meter(seed: number): Promise<Metered>;
  release(): void;
}

const MAKERS: Record<ContenderName, (gpu: GPU) => Promise<Contender>> = { ours, tfjs, ort: onnx };

export function operationBench(gpu: GPU): OperationBench {
  let contender: Contender | null = null;
  let clock: GpuClock | null = null;
  const device = watchDevices(gpu);
  let open: { operation: Operation; format: Precision; prepared: Prepared } | null = null;
  const release = (): void => {
    open?.prepared.dispose();
    open = null;
  };
  return {
    async open(name) {
      contender = await MAKERS[name](gpu);
      return contender.adapter;
    },
    async prepare(operation, format) {
      if (contender === null) throw new Error("No contender is open.");
      release();
      const prepared = await contender.prepare(operation, format);
      if (prepared === null) return false;
      open = { operation, format, prepared };
      // ONNX Runtime makes a new device when the last session on it is gone.
      if (clock?.device !== device()) clock = gpuClock(device());
      return true;
    },
    async time(seed, repeats) {
      if (open === null || clock === null) throw new Error("No operation is prepared.");
      const { operation, format, prepared } = open;
      prepared.input(seed);
      await prepared.done();
      await clock.passed();
      const start = performance.now();
      for (let i = 0; i < repeats; i++) await prepared.run();
      await prepared.done();
      const ms = performance.now() - start;
      const gpuMs = await clock.passed();
      const output = await prepared.output();
      if (operation.kind === "stack") assertStackRight(operation, format, seed, output);
      else assertRight(operation, format, seed, output);
      return { ms: ms / repeats, gpuMs: gpuMs === null ? null : gpuMs / repeats };
    },
    async meter(seed) {
      if (open === null || contender === null) throw new Error("No operation is prepared.");
      const { prepared } = open;
      prepared.input(seed);
      await prepared.done();
      const once = async (): Promise<void> => {
        await prepared.run();
        await prepared.output();
      };
      return metered(contender.backend, once, { warmUp: 0, runs: 1 });
    },
    release,
  };
}
