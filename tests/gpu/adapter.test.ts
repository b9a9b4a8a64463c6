// The GPU suite has an adapter. Without one it fails, here first and with words; it never skips.

import { create } from "webgpu";
import { expect, test } from "vitest";

test("Dawn finds an adapter", async () => {
  const adapter = await create([]).requestAdapter();
  expect(
    adapter,
    "No WebGPU adapter in Node: set VK_ICD_FILENAMES and LD_LIBRARY_PATH, or install chromium.",
  ).not.toBeNull();
});
