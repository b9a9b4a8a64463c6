// The one GPU of the suites that run in Node: Dawn (npm `webgpu`) on the adapter that the environment names.
// No adapter is a failure with what to do about it, never a skip.

import { create, globals } from "webgpu";

// Dawn's instance must outlive every object made of it.
let instance: GPU | null = null;

export function testGpu(): GPU {
  if (instance === null) {
    Object.assign(globalThis, globals);
    instance = create([]);
  }
  return instance;
}

/** Throws where there is no adapter. */
export async function requireAdapter(): Promise<GPUAdapter> {
  const adapter = await testGpu().requestAdapter();
  if (adapter === null) {
    throw new Error(
      "No WebGPU adapter for the tests in Node. VK_ICD_FILENAMES must name a Vulkan driver (Chromium's " +
        "vk_swiftshader_icd.json serves) and LD_LIBRARY_PATH the folder of its libvulkan.so.1, before Node starts. " +
        `Found VK_ICD_FILENAMES=${process.env["VK_ICD_FILENAMES"] ?? "(not set)"}.`,
    );
  }
  return adapter;
}
