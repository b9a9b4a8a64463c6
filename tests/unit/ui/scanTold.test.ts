// A scan in words: what was read, and what was left out.

import { expect, it } from "vitest";
import type { ScanProvenance } from "../../../src/lib/scan.ts";
import { scanTold } from "../../../src/ui/shared/scanTold.ts";

const scan = (sources: ScanProvenance["sources"]): ScanProvenance => ({
  facet: "0.0.0",
  model: { source: "m", revision: "1", precision: "f32", activation: "tanh" },
  sae: {
    source: "s",
    revision: "2",
    folder: "",
    hook: "blocks.0.hook_resid_post",
    dIn: 4,
    dSae: 8,
    architecture: "standard",
    prependBos: true,
  },
  backend: { name: "tfjs-wasm" },
  tokens: 6705,
  contexts: 320,
  contextSize: 256,
  sources,
  finished: true,
});

it("says how many rows had no text", () => {
  expect(scanTold(scan([{ name: "a.jsonl", documents: 320, withoutText: 80 }]))).toBe(
    "a.jsonl, 320 documents, 80 rows without a text left out, 6,705 tokens, contexts of 256, BOS left out",
  );
  expect(scanTold(scan([{ name: "a.jsonl", documents: 1 }]))).toBe(
    "a.jsonl, 1 document, 6,705 tokens, contexts of 256, BOS left out",
  );
});
