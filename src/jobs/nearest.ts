// Job: the nearest decoder rows of every feature, by cosine. d_sae² · d_in multiplications in tiles of rows, each tile a
// short turn of its own, so that a reader can go on reading meanwhile.

import { defined } from "../lib/defined.ts";
import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import type { NearestRows } from "../lib/explore.ts";
import type { JobOptions } from "../lib/progress.ts";
import { withScope } from "../lib/scope.ts";
import { readProduct } from "../session/passes/logits.ts";
import type { Engine } from "../session/engine.ts";
import { atOnce } from "./job.ts";
import { provenance, type Session } from "../session/session.ts";

const DOING = "comparing decoder rows";
/** Rows of a tile: its products are [64, d_sae], 4 MiB for 16,384 features. */
const TILE = 64;

/** The k nearest decoder rows of every feature. */
export const nearest = atOnce(
  DOING,
  ({ engine }, [k]: [k: number], options) => nearestRows(engine, k, options),
  ({ index, cosine }) => [index.buffer, cosine.buffer],
);

async function nearestRows(
  engine: Engine,
  wanted: number,
  options: JobOptions,
): Promise<NearestRows> {
  const result = await engine.turn(DOING, options, async ({ session }) => noneYet(session, wanted));
  const total = result.sae.dSae;
  for (let from = 0; from < total; from += TILE) {
    throwIfCancelled(options.signal, DOING);
    const end = Math.min(total, from + TILE);
    await engine.turn(DOING, options, ({ session }) => addTile(session, from, end, result));
    options.onProgress?.({ stage: "Comparing decoder rows", done: end, total, unit: "steps" });
  }
  return result;
}

function noneYet(session: Session, wanted: number): NearestRows {
  const { dSae } = session.sae.sae.config;
  const k = Math.min(wanted, dSae - 1);
  return {
    schema: "facet.nearest/1",
    ...provenance(session),
    k,
    index: new Uint32Array(dSae * k),
    cosine: new Float32Array(dSae * k),
  };
}

/** Rows `from` to `end` of the result. */
async function addTile(
  session: Session,
  from: number,
  end: number,
  result: NearestRows,
): Promise<void> {
  const { backend, sae } = session;
  const open = provenance(session).sae;
  if (JSON.stringify(open) !== JSON.stringify(result.sae)) {
    throw new FacetError("Cancelled", `Stopped while ${DOING}: another SAE was opened.`);
  }
  const { W_dec } = sae.sae.decoder;
  const rows = Uint32Array.from({ length: end - from }, (_, i) => from + i);
  const products = await withScope(async (own) =>
    readProduct(backend, own(backend.gather(W_dec, rows, 1)), W_dec),
  );
  const inverse = sae.sae.rowNorms.map((_, i) => sae.sae.inverseNorm(i) ?? NaN);
  const dSae = inverse.length;
  rows.forEach((row, i) => {
    keepNearest(products.subarray(i * dSae, (i + 1) * dSae), inverse, row, result);
  });
}

/** The k largest of product · inverse, by insertion: most of d_sae are below the last that is kept. */
function keepNearest(
  products: Float32Array,
  inverse: Float64Array,
  row: number,
  { k, index, cosine }: NearestRows,
): void {
  const first = row * k;
  const ofRow = defined(inverse[row]);
  let kept = 0;
  for (let i = 0; i < products.length; i++) {
    const value = defined(products[i]) * defined(inverse[i]) * ofRow;
    // Also false where one of the two has no direction.
    if (!(kept < k ? value > -Infinity : value > defined(cosine[first + k - 1])) || i === row)
      continue;
    let at = kept < k ? kept++ : k - 1;
    for (; at > 0 && defined(cosine[first + at - 1]) < value; at--) {
      cosine[first + at] = defined(cosine[first + at - 1]);
      index[first + at] = defined(index[first + at - 1]);
    }
    cosine[first + at] = value;
    index[first + at] = i;
  }
  // Fewer others than k have a direction: the feature stands for nobody.
  index.fill(row, first + kept, first + k);
  cosine.fill(NaN, first + kept, first + k);
}
