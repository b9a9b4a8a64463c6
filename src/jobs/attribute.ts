// Job: which features of a position matter for a next token. Each active feature is ablated in a row of its own, and all
// rows run as one batch behind the same keys and values, so that about 25 features cost about 25 rows, not 25 forwards.

import { defined } from "../lib/defined.ts";
import { argmax } from "../analysis/rank.ts";
import type { Tensor } from "../backend/backend.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Attribution, AttributionOptions } from "../lib/interventions.ts";
import type { Text } from "../lib/report.ts";
import { type Own, withScope } from "../lib/scope.ts";
import { checkText } from "./checks.ts";
import { onSession } from "./job.ts";
import { branchesTogether, Trunk } from "../session/passes/branches.ts";
import { decoderRows, featureScales } from "../session/passes/editing.ts";
import { checkCount, checkPosition, prepareInput, requireTokens } from "../session/input.ts";
import { unembed } from "../session/passes/logits.ts";
import { logProbabilities, ranked } from "../session/passes/nextTokens.ts";
import { residual } from "../session/passes/pass.ts";
import { provenance, type Session } from "../session/session.ts";

const DOING = "Attributing a next token";

/**
 * Which features of a position (the last where none is given) matter for a next token (`target`, an id; else the text's
 * own): what ablating each one changes, and what each writes into the token's logit directly.
 */
export const attribute = onSession(
  "attributing a next token",
  (session, [text, how = {}]: [Text, Partial<AttributionOptions>?], options) => {
    const { position = null, target = null } = how;
    return attributeToken(session, checkText(text), { position, target }, options);
  },
);

async function attributeToken(
  session: Session,
  text: Text,
  asked: AttributionOptions,
  options: JobOptions,
): Promise<Attribution> {
  const { backend, model, sae } = session;
  const input = requireTokens(prepareInput(session, text), DOING);
  const position = checkPosition(asked.position, input.ids.length, DOING);
  if (asked.target !== null) {
    checkCount("target", asked.target, model.gemma.config.vocab - 1, DOING);
  }
  return withScope(async (own) => {
    // Nothing after the position has a part in it.
    const batch = { ids: input.ids.slice(0, position + 1), contexts: [position + 1] };
    const x = own(await residual(session, batch, sae.sae.config.layer, options));
    const row = own(backend.sliceRows(x, position, position + 1));
    const active = await activeDirections(session, row);
    const trunk = own(await Trunk.run(session, x, options));
    const clean = own(backend.sliceRows(trunk.normed, position, position + 1));
    const ablated = await ablate(session, own, trunk, row, position, active, options);

    const target =
      asked.target ?? input.ids[position + 1] ?? (await mostLikely(session, clean, options));
    const rows = own(backend.concatRows([clean, ...ablated]));
    const targets = new Uint32Array(rows.rows).fill(target);
    const { pairs, logits } = await unembed(
      session,
      { pairs: [{ clean: rows, targets }], rows: clean },
      options,
    );
    const [unablated, ...others] = pairs[0] ?? [];
    const [cleanLogits] = logits;
    if (!unablated || !cleanLogits) throw new Error("The clean row is always run.");
    const last = own(backend.sliceRows(trunk.last, position, position + 1));
    const direct = await directContributions(session, last, active, target, options);
    const features = others.map((other, i) => {
      const { index, raw } = active.features[i] ?? { index: -1, raw: NaN };
      return {
        index,
        raw,
        folded: raw * sae.sae.foldFactor(index),
        ablation: unablated.targetClean - unablated.lseClean - (other.targetClean - other.lseClean),
        ablationLogit: unablated.targetClean - other.targetClean,
        direct: defined(direct[i]),
      };
    });
    return {
      schema: "facet.attribution/1",
      ...provenance(session),
      text: input.text,
      position,
      target: ranked(model, logProbabilities(cleanLogits), target),
      features: features.toSorted(
        (a, b) => Math.abs(b.ablation) - Math.abs(a.ablation) || a.index - b.index,
      ),
      truncated: input.truncated,
    };
  });
}

/** The active features of one row, and what each writes into the residual. */
interface Active {
  readonly features: readonly { readonly index: number; readonly raw: number }[];
  /** f·featureScale·W_dec, mapped back through the normalisation: [features, d_in]. */
  readonly written: Float64Array;
}

async function activeDirections({ backend, sae }: Session, row: Tensor): Promise<Active> {
  const { features, undo } = await sae.sae.encode(row);
  try {
    const { index, value } = await backend.readFeatures(features);
    const [back = NaN] = await backend.read(undo);
    const indices = [...index];
    const { rows: written } = await decoderRows(backend, sae.sae, indices);
    const scales = await featureScales(backend, sae.sae, indices);
    const { dIn } = sae.sae.config;
    for (let i = 0; i < written.length; i++) {
      const slot = Math.floor(i / dIn);
      written[i] = defined(written[i]) * defined(value[slot]) * defined(scales[slot]) * back;
    }
    return {
      features: indices.map((feature, i) => ({ index: feature, raw: defined(value[i]) })),
      written,
    };
  } finally {
    features.dispose();
    undo.dispose();
  }
}

/** The row without each feature in turn, after the final norm: tensors of some rows each, in the order of features. */
async function ablate(
  { backend }: Session,
  own: Own,
  trunk: Trunk,
  row: Tensor,
  position: number,
  { features, written }: Active,
  options: JobOptions,
): Promise<Tensor[]> {
  const x = await backend.read(row);
  const d = x.length;
  const done: Tensor[] = [];
  const step = branchesTogether(1);
  for (let start = 0; start < features.length; start += step) {
    const count = Math.min(step, features.length - start);
    const rows = Float32Array.from(
      { length: count * d },
      (_, i) => defined(x[i % d]) - defined(written[start * d + i]),
    );
    const branches = Array.from({ length: count }, () => ({ from: position, rows: 1 }));
    const edited = own(backend.tensor(rows, count, d));
    done.push(own(await trunk.branch(edited, branches, options)));
  }
  return done;
}

async function mostLikely(session: Session, clean: Tensor, options: JobOptions): Promise<number> {
  const { logits } = await unembed(session, { rows: clean }, options);
  return argmax(logits[0] ?? []);
}

/** Into the target's logit, past all later blocks, the last norm's divisor held fixed. @param last [1, d_model] */
async function directContributions(
  { backend, model }: Session,
  last: Tensor,
  { features, written }: Active,
  target: number,
  options: JobOptions,
): Promise<number[]> {
  const { weights, config } = model.gemma;
  const w = await weights.finalNormWeight(options);
  const x = await backend.read(last);
  const E = await withScope(async (own) =>
    backend.read(own(await weights.embed(Uint32Array.of(target), 1, options))),
  );
  const d = config.dModel;
  const meanSquare = x.reduce((sum, value) => sum + value * value, 0) / d;
  const divisor = Math.sqrt(meanSquare + config.eps);
  return features.map((_, slot) => {
    let sum = 0;
    for (let j = 0; j < d; j++) {
      sum += defined(written[slot * d + j]) * (1 + defined(w[j])) * defined(E[j]);
    }
    return sum / divisor;
  });
}
