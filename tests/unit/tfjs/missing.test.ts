// What a reader is told when tfjs' .wasm files are not where they should be. In a file of its own: tfjs remembers a failed start.

import { expect, test, vi } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";

test("missing .wasm files are a NoBackend error, every time", async () => {
  const said = vi.spyOn(console, "warn").mockImplementation(() => {});
  for (let i = 0; i < 2; i++) {
    await expect(
      createTfjsBackend("tfjs-wasm", { wasmPaths: "/no/such/folder/" }),
    ).rejects.toMatchObject({
      code: "NoBackend",
      message: expect.stringContaining(".wasm file could not be fetched"),
    });
  }
  said.mockRestore();
});
