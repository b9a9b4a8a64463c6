// Has a backend compile what the first text will run, while most of the weights are still on their way. Nothing is
// computed, and nothing depends on it: what was not precompiled is compiled when it is first needed.

import type { Backend } from "../backend/backend.ts";
import { type Gemma, runBlocks } from "../model/forward.ts";
import type { Sae } from "../sae/sae.ts";

/** Few enough to cost nothing, and enough for what kernels do with many rows. */
const TOKENS = 32;

/** One block, which must be loaded, and the SAE stand for all that `analyze` does with them. */
export async function precompile(backend: Backend, gemma: Gemma, sae: Sae): Promise<void> {
  await backend.precompile?.(async (stage) => {
    const { dModel } = gemma.config;
    const x0 = stage.tensor(new Float32Array(TOKENS * dModel), TOKENS, dModel);
    const x = await runBlocks({ ...gemma, backend: stage }, x0, [TOKENS], 0, 1, {});
    const actor = sae.on(stage);
    stage.rowStats(x, actor.decode(await actor.encode(x)));
  });
}
