// The jobs on one of Facet's backends, through the functions that the app calls.

import { tfjsWebgpu } from "./tfjsWebgpu.ts";
import type { SparseRows, Tensor } from "../../../src/backend/backend.ts";
import { LOGIT_STATS, LOGIT_STATS_COLUMNS } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { createWebGpuBackend } from "../../../src/backend/webgpu/createWebGpuBackend.ts";
import { analyzeText } from "../../../src/jobs/analyze.ts";
import { bundledLibrary } from "../../../src/session/library/bundledLibrary.ts";
import { openSession, prepare } from "../../../src/session/openSession.ts";
import { residual } from "../../../src/session/passes/pass.ts";
import type { Session } from "../../../src/session/session.ts";
import type { Bundle } from "../../../src/hub/bundle.ts";
import type { BackendName, FeatureActivation } from "../../../src/lib/report.ts";
import { type Batch, embed, finalNorm, runBlocks } from "../../../src/model/forward.ts";
import { valueAt } from "../measure/values.ts";
import type { FoundToken } from "./agreement.ts";
import type { Found, Jobs, Task } from "./jobs.ts";

/** Of a batch of `stream`. */
const CONTEXT = 256;
const CONTEXTS = 8;
const SEED = 3;

export async function onFacet(
  bundle: Bundle,
  name: BackendName | "tfjs-webgpu",
  { sae, ids, contender }: Task,
  wasmPaths: string,
  gpu: GPU,
): Promise<Jobs> {
  const threads = contender.threads === null ? {} : { threads: contender.threads };
  const backend =
    name === "webgpu"
      ? await createWebGpuBackend({ gpu })
      : name === "tfjs-webgpu"
        ? await tfjsWebgpu(gpu)
        : await createTfjsBackend(name, { wasmPaths, ...threads });
  const library = bundledLibrary(async () => bundle);
  const request = { model: "demo", sae };
  const session = await openSession(
    backend,
    await prepare(library, request, null, {}),
    request,
    {},
  );
  const batch = { ids: Uint32Array.from(ids), contexts: [ids.length] };
  const analyzed = async (): Promise<Awaited<ReturnType<typeof analyzeText>>> =>
    analyzeText(session, [...ids], "all", {});
  return {
    adapter: backend.adapter,
    backend,
    async encode() {
      const rows = await encoded(session, batch);
      return () => ({ tokens: tokensIn(rows) });
    },
    async analyze() {
      const { tokens } = await analyzed();
      return () => ({ tokens });
    },
    async loss() {
      const found = await losses(session, batch);
      return (): Found => ({ losses: found });
    },
    tokens: async () => (await analyzed()).tokens,
    async stream(marks) {
      const times: number[] = [];
      const start = performance.now();
      for (let done = 0; times.length < marks.length; done += CONTEXTS * CONTEXT) {
        await encoded(session, contextsFrom(session, done));
        for (const mark of marks.slice(times.length)) {
          if (done + CONTEXTS * CONTEXT >= mark) times.push(performance.now() - start);
        }
      }
      return times;
    },
  };
}

/** Contexts of tokens by chance, BOS in front. */
function contextsFrom({ model }: Session, first: number): Batch {
  const { vocab, bosId } = model.gemma.config;
  const token = (i: number): number =>
    i % CONTEXT === 0 ? bosId : Math.floor(((valueAt(SEED, first + i, 0.999) + 1) / 2) * vocab);
  return {
    ids: Uint32Array.from({ length: CONTEXTS * CONTEXT }, (_, i) => token(i)),
    contexts: new Array<number>(CONTEXTS).fill(CONTEXT),
  };
}

async function encoded(session: Session, batch: Batch): Promise<SparseRows> {
  const { sae } = session.sae;
  const x = await residual(session, batch, sae.config.layer, {});
  const { features, undo } = await sae.encode(x);
  const rows = await session.backend.readFeatures(features);
  for (const held of [x, features, undo]) held.dispose();
  return rows;
}

/** −ln p of the next token of every position but the last. */
async function losses({ backend, model: { gemma } }: Session, batch: Batch): Promise<number[]> {
  const held: Tensor[] = [];
  const own = (x: Tensor): Tensor => {
    held.push(x);
    return x;
  };
  const x0 = own(await embed(gemma, batch, {}));
  const x = own(await runBlocks(gemma, x0, batch.contexts, 0, gemma.config.layers, {}));
  const normed = own(await finalNorm(gemma, x, {}));
  const targets = Uint32Array.from(batch.ids, (id, t) => batch.ids[t + 1] ?? id);
  let stats: Float32Array | null = null;
  for await (const { E } of gemma.weights.unembedding({})) {
    if (stats !== null) throw new Error("the bundled embedding came in tiles");
    stats = await backend.read(own(backend.logitStats(normed, E, targets)));
  }
  for (const one of held) one.dispose();
  const at = (t: number, column: number): number =>
    stats?.[t * LOGIT_STATS_COLUMNS + column] ?? NaN;
  return Array.from(
    { length: batch.ids.length - 1 },
    (_, t) => at(t, LOGIT_STATS.lseA) - at(t, LOGIT_STATS.targetA),
  );
}

function tokensIn({ rowStart, index, value }: SparseRows): FoundToken[] {
  return Array.from({ length: rowStart.length - 1 }, (_, t) => {
    const features: FeatureActivation[] = [];
    for (let i = rowStart[t] ?? 0; i < (rowStart[t + 1] ?? 0); i++) {
      features.push({ index: index[i] ?? 0, raw: value[i] ?? NaN, folded: NaN });
    }
    return { features };
  });
}
