// Job: what one feature writes to the stream: logit lens, nearest decoder rows, density by the sparsity file.

import type { Tensor } from "../backend/backend.ts";
import { histogram } from "../analysis/histogram.ts";
import { topIndices } from "../analysis/rank.ts";
import { defined } from "../lib/defined.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { FeatureFacts, FeatureReport, Lens, LensEntry, LogitLens } from "../lib/report.ts";
import { withScope } from "../lib/scope.ts";
import { onSession } from "./job.ts";
import { assertFeature, pieceOf } from "../session/input.ts";
import { readProduct, unembed } from "../session/passes/logits.ts";
import { provenance, type Session } from "../session/session.ts";

const LENS_ENTRIES = 10;
const LENS_BINS = 50;
const NEIGHBOURS = 10;
/** log10(0 + 1e-10): what the sparsity file holds for a feature that never fired. */
const NEVER_FIRED = -10;

const DOING = "opening a feature";

export const feature = onSession(
  DOING,
  async (session, [index]: [index: number], options): Promise<FeatureReport> => ({
    ...(await factsOf(session, index)),
    logitLens:
      session.sae.sae.inverseNorm(index) === null ? null : await logitLens(session, index, options),
  }),
);

/** The same without the logit lens: reads nothing that is not there. */
export const featureFacts = onSession(DOING, (session, [index]: [index: number]) =>
  factsOf(session, index),
);

async function factsOf(session: Session, index: number): Promise<FeatureFacts> {
  const { sae } = session;
  assertFeature(session, index);
  return withScope(async (own) => {
    const row = own(direction(session, index));
    const products = await readProduct(session.backend, row, sae.sae.decoder.W_dec);
    const label = sae.source.labels?.entries[index];
    return {
      schema: "facet.feature/1",
      ...provenance(session),
      index,
      decoderNorm: defined(sae.sae.decoderNorms[index]),
      ...(label && {
        label: {
          text: label.label,
          source: sae.source.labels?.source ?? "",
          confidence: label.confidence,
        },
      }),
      logitLens: null,
      neighbours: neighbours(session, products, index),
      density: density(sae.logDensity, index),
    };
  });
}

/** Ŵ_dec,i, [1, d_in]; zeros where there is no direction. */
function direction({ backend, sae }: Session, index: number): Tensor {
  const { W_dec } = sae.sae.decoder;
  return backend.gather(W_dec, Uint32Array.of(index), sae.sae.inverseNorm(index) ?? 0);
}

async function logitLens(session: Session, index: number, options: JobOptions): Promise<LogitLens> {
  const { backend, model } = session;
  return withScope(async (own) => {
    const row = own(direction(session, index));
    const w = await model.gemma.weights.finalNormWeight(options);
    const scaled = (await backend.read(row)).map((value, j) => value * (1 + defined(w[j])));
    const normed = own(backend.tensor(scaled, 1, w.length));
    const both = own(backend.concatRows([normed, row]));
    const { logits } = await unembed(session, { rows: both }, options);
    const [withNorm, withoutNorm] = logits.map((values) => lens(session, values));
    if (!withNorm || !withoutNorm) throw new Error("Two rows give two rows of logits.");
    return { withNorm, withoutNorm };
  });
}

function lens(session: Session, logits: Float32Array): Lens {
  const entry = (id: number): LensEntry => ({
    id,
    token: pieceOf(session.model, id),
    value: defined(logits[id]),
  });
  // Where one overflowed, the largest of the others is not the largest.
  if (!logits.every(Number.isFinite)) {
    return { top: [], bottom: [], histogram: { edges: [], counts: [] } };
  }
  return {
    top: topIndices(logits, LENS_ENTRIES).map(entry),
    bottom: topIndices(logits, LENS_ENTRIES, "smallest").map(entry),
    histogram: histogram(logits, LENS_BINS),
  };
}

/** products [d_sae]: Ŵ_dec,index · W_dec,i. */
function neighbours(
  { sae }: Session,
  products: Float32Array,
  index: number,
): FeatureReport["neighbours"] {
  if (sae.sae.inverseNorm(index) === null) return [];
  const cosines = products.map((value, i) =>
    i === index ? NaN : value * (sae.sae.inverseNorm(i) ?? NaN),
  );
  return topIndices(cosines, NEIGHBOURS).map((i) => ({ index: i, cosine: defined(cosines[i]) }));
}

function density(logDensity: Float32Array | null, index: number): FeatureReport["density"] {
  const log = logDensity?.[index];
  if (log === undefined) return null;
  return {
    value: log <= NEVER_FIRED ? 0 : 10 ** log,
    tokens: null, // the file does not say how many tokens its last window held
    source: "sparsity.safetensors (the last, partial window of training)",
  };
}
