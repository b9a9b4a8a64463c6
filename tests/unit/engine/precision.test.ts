// int8 and int4 on the portable backend, and what a file's format allows.

import { describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { choosePrecision } from "../../../src/session/precision.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";
import { describePrecisions } from "../../support/precisionSuite.ts";

describePrecisions("tfjs-wasm", () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }), {
  corpus: true,
});

describe("choice of precision", () => {
  it("is the file's own where none is asked for", () => {
    for (const own of ["f32", "bf16", "f16"] as const) {
      expect(choosePrecision("m", own, undefined)).toBe(own);
      for (const asked of [own, "f32", "int8", "int4"] as const) {
        expect(choosePrecision("m", own, asked)).toBe(asked);
      }
    }
  });

  it.each([
    ["f32", "bf16"],
    ["f32", "f16"],
    ["bf16", "f16"],
    ["f16", "bf16"],
  ] as const)("of a file in %s is not %s, which would round unseen", (own, asked) => {
    expect(() => choosePrecision("a model", own, asked)).toThrow(
      expect.objectContaining({
        code: "Unsupported",
        message: expect.stringMatching(/Opening a model .*int8, int4/) as string,
      }),
    );
  });
});
