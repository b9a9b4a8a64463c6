// The page itself over a worker that is none: it answers with an SAE of 16,384 made-up features, so that the table and
// the map can be timed at full size without weights of that size. It measures nothing.

import { createRoot } from "react-dom/client";
import type { OpenCard } from "../../../src/lib/openCard.ts";
import { randomNormal, randomSource } from "../../../src/lib/random.ts";
import type { Provenance } from "../../../src/lib/report.ts";
import type { ScanSummary } from "../../../src/lib/scan.ts";
import { browserAddress } from "../../../src/state/browserAddress.ts";
import { createStore } from "../../../src/state/createStore.ts";
import { createMemory } from "../../../src/state/memory.ts";
import { App } from "../../../src/ui/App.tsx";
import type { JobName } from "../../../src/jobs/table.ts";
import type { WorkerClient } from "../../../src/worker/messages.ts";

const FEATURES = 16_384;
const TOKENS = 1_000_000;
const random = randomSource(1);
/** log10 of rates: most between 10⁻⁵ and 10⁻¹, a fifth never seen. */
const logDensity = Float32Array.from({ length: FEATURES }, () =>
  random() < 0.2 ? -10 : Math.min(-0.5, -3 + randomNormal(random)),
);
const norms = Float32Array.from({ length: FEATURES }, () => 1 + 0.2 * randomNormal(random));

const provenance: Provenance = {
  facet: "0",
  model: { source: "made-up", revision: "1", precision: "bf16", activation: "tanh" },
  sae: {
    source: "made-up",
    revision: "1",
    folder: "made-up",
    hook: "blocks.6.hook_resid_post",
    dIn: 2048,
    dSae: FEATURES,
    architecture: "standard",
    prependBos: true,
  },
  backend: { name: "webgpu" },
};
const count = Float64Array.from(logDensity, (log) => Math.round(10 ** log * TOKENS));
const scan: ScanSummary = {
  schema: "facet.scan/1",
  id: "made-up",
  ...provenance,
  tokens: TOKENS,
  contexts: 1000,
  contextSize: 1024,
  sources: [{ name: "made-up", documents: 1000 }],
  finished: true,
  count,
  sum: count.map((n) => 3 * n),
  sumSquares: count.map((n) => 10 * n),
  max: norms.map((n) => 10 * n),
  l0: Array.from({ length: 200 }, (_, l0) => Math.round(1000 * Math.exp(-(((l0 - 60) / 20) ** 2)))),
  byPosition: { tokens: [], l0: [], squaredError: [] },
  metrics: null,
};
const card: OpenCard = {
  provenance,
  saeRun: {
    namedArchitecture: "standard",
    normalization: "none",
    normScalingFactor: null,
    rescaleActsByDecoderNorm: false,
    scalesFeatures: false,
    prependBos: true,
  },
  modelKey: "demo",
  saeKey: "made-up",
  model: {
    name: "made-up",
    layers: 18,
    dModel: 2048,
    vocab: 256_000,
    context: 8192,
    parameters: 2_506_172_416,
    hasTokenizer: true,
    embeddingBytes: 1_048_576_000,
    lossBytes: 4_000_000_000,
  },
  sae: {
    normalization: "none",
    applyBDecToInput: false,
    k: null,
    layer: 6,
    contextSize: 1024,
    prependBos: true,
    cfg: {},
    files: [],
    logDensity,
    logDensityTokens: null,
    decoderNorms: norms,
    published: [],
    labels: {
      source: "made-up",
      method: "made-up",
      entries: Object.fromEntries(
        Array.from({ length: FEATURES / 4 }, (_, i) => [
          4 * i,
          { label: `something about the number ${4 * i}`, confidence: 1 },
        ]),
      ),
    },
    neuronpediaId: null,
  },
  hasSelfCheck: false,
  presets: [],
  corpus: null,
  backends: [],
  notices: [],
};
const answers: Partial<Record<JobName, unknown>> = {
  catalog: { models: [], saes: [] },
  open: card,
  scanSummary: scan,
  scans: [],
  analyze: {
    schema: "facet.analysis/1",
    ...provenance,
    text: "",
    mask: "all",
    tokens: [],
    l0: { mean: null, median: null, max: null },
    truncated: false,
    totalTokens: 0,
    saeContext: 1024,
  },
};

const client: WorkerClient = {
  call: (job) =>
    job in answers
      ? // What `answers` holds for a job is that job's result.
        Promise.resolve(answers[job] as never)
      : new Promise(() => undefined),
  onNotice: () => () => undefined,
};
const root = document.querySelector("#root");
if (root === null) throw new Error("index.html has no #root to draw the page in.");
const store = createStore(
  client,
  browserAddress(window, () => undefined),
  createMemory(null),
);
createRoot(root).render(<App store={store} />);
