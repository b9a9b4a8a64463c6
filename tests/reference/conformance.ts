// What every backend must do: each operation of the interface against its float64 reference, at odd sizes and on both
// sides of each boundary. A suite to call with a backend's maker; it knows no backend and imports no WebGPU.

import { afterAll, beforeAll, describe } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { attentionSuite } from "./conformance/attention.ts";
import { cachedAttentionSuite } from "./conformance/cachedAttention.ts";
import { decodeSuite } from "./conformance/decode.ts";
import { denseSuite } from "./conformance/dense.ts";
import { encodeSuite } from "./conformance/encode.ts";
import { logitsSuite } from "./conformance/logits.ts";
import { notFiniteSuite } from "./conformance/notFinite.ts";
import { quantizedSuite } from "./conformance/quantized.ts";
import { weightsSuite } from "./conformance/weights.ts";

export function describeBackend(name: string, makeBackend: () => Promise<Backend>): void {
  describe(`${name} does every operation`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await makeBackend();
    });
    afterAll(() => backend.dispose());
    weightsSuite(() => backend);
    quantizedSuite(() => backend);
    denseSuite(() => backend);
    attentionSuite(() => backend);
    cachedAttentionSuite(() => backend);
    encodeSuite(() => backend);
    decodeSuite(() => backend);
    logitsSuite(() => backend);
    notFiniteSuite(() => backend);
  });
}
