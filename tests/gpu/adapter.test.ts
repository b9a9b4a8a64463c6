// The GPU suite has an adapter. Without one it fails, here first and with words; it never skips.

import { expect, test } from "vitest";
import { requireAdapter } from "./device.ts";

test("Dawn finds an adapter", async () => {
  const adapter = await requireAdapter();
  expect(adapter.info.vendor).not.toBe("");
});
