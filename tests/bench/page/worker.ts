// One contender, in a worker as in Facet itself: the bundled model and SAE on one backend. It runs a job once, checks
// what came out, and says how long it took. Who runs how often, and when, is the driver's business.

import type { SparseRows } from "../../../src/backend/backend.ts";
import { analyze } from "../../../src/engine/analyze.ts";
import { backendsHere } from "../../../src/engine/backends.ts";
import { bundledLibrary } from "../../../src/engine/bundledLibrary.ts";
import { openSession, prepare } from "../../../src/engine/openSession.ts";
import { residual } from "../../../src/engine/pass.ts";
import type { Session } from "../../../src/engine/session.ts";
import { openBundle } from "../../../src/hub/bundle.ts";
import type { BackendName, FeatureActivation, TokenReport } from "../../../src/lib/report.ts";
import { assertAgrees, type ExpectedToken, type FoundToken } from "./agreement.ts";
import { type Metered, metered } from "./meter.ts";

/** `encode`: forward to the hook and encode, active features read back. `analyze`: what the page asks for. */
export type Job = "encode" | "analyze";

export interface Task {
  readonly backend: BackendName;
  readonly sae: string;
  readonly ids: readonly number[];
}

export interface Bench {
  /** What runs it. */
  open(task: Task): Promise<string>;
  tokens(): Promise<TokenReport[]>;
  /** From now on every run is held against these. */
  expect(tokens: readonly ExpectedToken[]): void;
  /** Milliseconds of one run; throws where the run does not agree. */
  time(job: Job): Promise<number>;
  meter(job: Job): Promise<Metered>;
}

declare global {
  var bench: Bench;
}

const base = new URL("./", location.href.replace(/assets\/[^/]*$/, ""));
let opened: { session: Session; ids: readonly number[] } | null = null;
let expected: readonly ExpectedToken[] | null = null;

function current(): { session: Session; ids: readonly number[] } {
  if (opened === null) throw new Error("nothing is open");
  return opened;
}

async function analyzeTokens(): Promise<TokenReport[]> {
  const { session, ids } = current();
  return (await analyze(session, [...ids], "all", {})).tokens;
}

async function encodeTokens(): Promise<SparseRows> {
  const { session, ids } = current();
  const { sae } = session.sae;
  const batch = { ids: Uint32Array.from(ids), contexts: [ids.length] };
  const x = await residual(session, batch, sae.config.layer, {});
  const { features, undo } = await sae.encode(x);
  const rows = await session.backend.readFeatures(features);
  for (const held of [x, features, undo]) held.dispose();
  return rows;
}

function foundIn({ rowStart, index, value }: SparseRows): FoundToken[] {
  return Array.from({ length: rowStart.length - 1 }, (_, t) => {
    const features: FeatureActivation[] = [];
    for (let i = rowStart[t] ?? 0; i < (rowStart[t + 1] ?? 0); i++) {
      features.push({ index: index[i] ?? 0, raw: value[i] ?? NaN, folded: NaN });
    }
    return { features };
  });
}

/** Only the job itself is on the clock, not the comparison. */
async function timed(job: Job): Promise<number> {
  if (expected === null) throw new Error("nothing is known to compare with");
  const start = performance.now();
  const result = await (job === "encode" ? encodeTokens() : analyzeTokens());
  const ms = performance.now() - start;
  assertAgrees(Array.isArray(result) ? result : foundIn(result), expected);
  return ms;
}

globalThis.bench = {
  async open({ backend: name, sae, ids }) {
    const backend = await backendsHere(new URL("assets/tfjs/", base).href).start(name);
    const library = bundledLibrary((options) => openBundle(new URL("demo/", base), options));
    const request = { model: "demo", sae };
    const session = await openSession(
      backend,
      await prepare(library, request, null, {}),
      request,
      {},
    );
    opened = { session, ids };
    return backend.adapter;
  },
  tokens: analyzeTokens,
  expect(tokens) {
    expected = tokens;
  },
  time: timed,
  meter: (job) =>
    metered(current().session.backend, async () => {
      await timed(job);
    }),
};
postMessage("ready");
