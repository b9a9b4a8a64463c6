// Interventions on one of Facet's backends, in a worker as in Facet itself: a job runs once and says how long it took.

import { jobsOn } from "../../support/jobs.ts";
import { backendsHere } from "../../../src/worker/backends.ts";
import { bundledLibrary } from "../../../src/session/library/bundledLibrary.ts";
import { unembed } from "../../../src/session/passes/logits.ts";
import { openSession, prepare } from "../../../src/session/openSession.ts";
import { residual } from "../../../src/session/passes/pass.ts";
import type { Session } from "../../../src/session/session.ts";
import { openBundle } from "../../../src/hub/bundle.ts";
import type { BackendName } from "../../../src/lib/report.ts";
import { withScope } from "../../../src/lib/scope.ts";
import { finalNorm } from "../../../src/model/forward.ts";

/** forward: the whole model, logits of the last position read. The others: as the page asks for them. */
export type EditJob = "forward" | "attribute" | "intervene" | "generate";

export interface EditBench {
  /** What runs it, and how many features are active at the last position. Throws where the jobs do not agree. */
  open(name: BackendName, sae: string, ids: number[]): Promise<{ adapter: string; active: number }>;
  /** Milliseconds. */
  time(job: EditJob): Promise<number>;
}

declare global {
  var editBench: EditBench;
}

const CONTROLS = 20;
/** Tokens that `generate` makes, with an edit and without. */
const GENERATED = 16;

const base = new URL("./", location.href.replace(/assets\/[^/]*$/, ""));
let jobs: Record<EditJob, () => Promise<unknown>> | null = null;

async function forward(session: Session, ids: readonly number[]): Promise<void> {
  const { backend, model } = session;
  const { gemma } = model;
  await withScope(async (own) => {
    const batch = { ids: Uint32Array.from(ids), contexts: [ids.length] };
    const x = own(await residual(session, batch, gemma.config.layers - 1, {}));
    const last = own(backend.sliceRows(x, ids.length - 1, ids.length));
    await unembed(session, { rows: own(await finalNorm(gemma, last, {})) }, {});
  });
}

globalThis.editBench = {
  async open(name, sae, ids) {
    const measured = async (): Promise<Map<string, string>> => new Map();
    const backend = await backendsHere(new URL("assets/tfjs/", base).href, measured).start(name);
    const library = bundledLibrary((options) => openBundle(new URL("demo/", base), options));
    const request = { model: "demo", sae };
    const prepared = await prepare(library, request, null, {});
    const session = await openSession(backend, prepared, request, {});
    const asked = { position: null, target: null };
    const { features, target } = await jobsOn(session).attribute(ids, asked);
    const [first] = features;
    if (!first) throw new Error("no feature is active at the last position");
    const position = ids.length - 1;
    const edits = [{ feature: first.index, mode: "ablate", positions: [position] }] as const;
    const how = { mask: "all", controls: CONTROLS, seed: 1, position: null } as const;
    const { nextTokens } = await jobsOn(session).intervene(ids, edits, how);
    const change = nextTokens.find(({ id }) => id === target.id);
    if (!change || Math.abs(change.logRatio + first.ablation) > 1e-3) {
      throw new Error(
        `ablating ${first.index} is ${first.ablation} alone, not ${change?.logRatio}`,
      );
    }
    const drawn = { edits, maxTokens: GENERATED, temperature: 0, topP: 1, seed: 1 };
    jobs = {
      forward: () => forward(session, ids),
      attribute: () => jobsOn(session).attribute(ids, asked),
      intervene: () => jobsOn(session).intervene(ids, edits, how),
      generate: () => jobsOn(session).generate(ids, drawn),
    };
    return { adapter: backend.adapter, active: features.length };
  },
  async time(job) {
    if (jobs === null) throw new Error("nothing is open");
    const start = performance.now();
    await jobs[job]();
    return performance.now() - start;
  },
};
postMessage("ready");
