// The WebGPU backend on Dawn: everything that every backend must do, and what is WebGPU's own.

import { afterAll, beforeAll, expect } from "vitest";
import {
  type WebGpuBackend,
  createWebGpuBackend,
} from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { describeBackend } from "../reference/conformance.ts";
import { requireAdapter, testGpu } from "./device.ts";

/** What devices reported by themselves; anything here fails the suite. */
const deviceErrors: string[] = [];
const onDeviceError = (message: string): void => {
  deviceErrors.push(message);
};

beforeAll(async () => {
  await requireAdapter();
});
afterAll(() => {
  expect(deviceErrors).toEqual([]);
});

const make = (maxBindingBytes?: number): Promise<WebGpuBackend> =>
  createWebGpuBackend({
    gpu: testGpu(),
    onDeviceError,
    ...(maxBindingBytes === undefined ? {} : { maxBindingBytes }),
  });

describeBackend("webgpu", () => make());
