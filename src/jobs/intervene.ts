// Job: what edits of features change in the model's predictions, beside what the same edits along random directions do.

import { defined } from "../lib/defined.ts";
import { spread, zScore } from "../analysis/controls.ts";
import { type PositionLoss, positionLoss } from "../analysis/loss.ts";
import { positionMask } from "../analysis/mask.ts";
import { summarize } from "../analysis/summary.ts";
import type { Tensor } from "../backend/backend.ts";
import { checkEdits, type Edit } from "../lib/edits.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Controls, Intervention, InterventionOptions } from "../lib/interventions.ts";
import type { Text } from "../lib/report.ts";
import { withScope } from "../lib/scope.ts";
import { checkMask, checkSaeName, checkText } from "./checks.ts";
import { readDownstream } from "./downstream.ts";
import { onSession } from "./job.ts";
import { Trunk } from "../session/passes/branches.ts";
import { runControls } from "../session/passes/controls.ts";
import { Editing } from "../session/passes/editing.ts";
import {
  checkCount,
  checkPosition,
  type Input,
  prepareInput,
  requireTokens,
} from "../session/input.ts";
import { unembed } from "../session/passes/logits.ts";
import { meanNorm } from "../session/passes/norms.ts";
import { changes, logProbabilities, prediction } from "../session/passes/nextTokens.ts";
import { hookPass, nextTokens } from "../session/passes/pass.ts";
import { provenance, type Session } from "../session/session.ts";

const DOING = "Intervening on a text";

/** More say no more about a spread, and each is a forward pass. */
const MOST_CONTROLS = 1000;

/** A stream after the final norm, from the position on at which it leaves the text's own. */
interface Stream {
  readonly from: number;
  readonly rows: Tensor;
}

/** Of each stream, its positions' losses against the clean one, and ln p of the tokens next at the position asked for. */
interface Compared {
  readonly from: number;
  readonly losses: readonly PositionLoss[];
  readonly next: Float64Array;
}

interface Run {
  readonly residualNorm: number;
  readonly clean: Float64Array;
  /** x̂ in place of x. */
  readonly spliced: Compared;
  /** null where no edit moves anything. */
  readonly edited: Compared | null;
  readonly controls: readonly Compared[];
}

/**
 * What edits of features change in the model's predictions, beside the same edits along `controls` random directions (20
 * where none is given; seeded). Next tokens are those of `position`, the last one where none is given. With `downstream`,
 * an SAE of the same model on the edited hook or behind it (named as in `open`), the report also has the features that it
 * gains and loses on each token.
 */
export const intervene = onSession(
  "intervening on a text",
  async (
    session,
    [given, edits, how = {}]: [Text, readonly Edit[], Partial<InterventionOptions>?],
    options,
    { request, beside },
  ): Promise<Intervention> => {
    const text = checkText(given);
    const { controls = 20, seed = 1, position = null, downstream: sae = null } = how;
    const asked = { mask: checkMask(how), controls, seed, position };
    if (sae === null) return interveneOn(session, text, edits, asked, options);
    const second = await beside({ ...request, sae: checkSaeName(sae) }, options);
    const downstream = await readDownstream(session, second.session, text, edits, options);
    return { ...(await interveneOn(session, text, edits, asked, options)), downstream };
  },
);

async function interveneOn(
  session: Session,
  text: Text,
  given: readonly Edit[],
  how: InterventionOptions,
  options: JobOptions,
): Promise<Intervention> {
  const { model, sae } = session;
  const input = requireTokens(prepareInput(session, text), DOING);
  const tokens = input.ids.length;
  const edits = checkEdits(given, { dSae: sae.sae.config.dSae, tokens });
  const position = checkPosition(how.position, tokens, DOING);
  checkCount("controls", how.controls, MOST_CONTROLS, DOING);
  checkCount("seed", how.seed, Number.MAX_SAFE_INTEGER, DOING);
  const counted = positionMask(how.mask, input.special);
  const run = await runStreams(session, input, edits, counted, { ...how, position }, options);

  const { clean, spliced, edited } = run;
  const ceBefore = spliced.losses.map(({ ceClean }) => ceClean);
  // Before the first edit nothing differs.
  const ceAfter = ceBefore.map((ce, t) =>
    edited && t >= edited.from ? lossAt(edited, t).ceSae : ce,
  );
  const actual = input.ids[position + 1] ?? null;
  const predict = (next: Float64Array, ce: readonly (number | null)[]) =>
    prediction(model, next, actual, ce, counted);
  const before = predict(clean, ceBefore);
  const after = predict(edited?.next ?? clean, ceAfter);
  return {
    schema: "facet.intervention/1",
    ...provenance(session),
    text: input.text,
    mask: how.mask,
    tokens,
    edits,
    residualNorm: run.residualNorm,
    position,
    before,
    after,
    spliced: predict(
      spliced.next,
      spliced.losses.map(({ ceSae }) => ceSae),
    ),
    nextTokens: changes(
      model,
      { before: clean, after: edited?.next ?? clean, spliced: spliced.next },
      actual,
      run.controls.map(({ next }) => next),
    ),
    kl: Array.from(counted, (_, t) => (edited && t >= edited.from ? lossAt(edited, t).kl : 0)),
    deltaCe: after.cePerToken.map((ce, t) => ce - defined(before.cePerToken[t])),
    controls: how.controls === 0 ? null : controlsReport(how, run, counted),
    downstream: null,
    truncated: input.truncated,
  };
}

async function runStreams(
  session: Session,
  input: Input,
  edits: readonly Edit[],
  counted: Uint8Array,
  how: InterventionOptions & { readonly position: number },
  options: JobOptions,
): Promise<Run> {
  const { backend, model } = session;
  const tokens = input.ids.length;
  const batch = { ids: input.ids, contexts: [tokens] };
  return withScope(async (own) => {
    const pass = own(await hookPass(session, batch, options));
    const residualNorm = await meanNorm(session, pass.x, input.special);
    const editing = await Editing.open(backend, session.sae.sae, edits);
    const planned = await editing.plan(pass.x, 0, residualNorm, pass.encoded);
    const trunk = own(await Trunk.run(session, pass.x, options));
    const branch = async (from: number, rows: Tensor): Promise<Stream> => ({
      from,
      rows: own(await trunk.branch(own(rows), [{ from, rows: rows.rows }], options)),
    });
    const streams = [await branch(0, backend.select(counted, pass.x, pass.xHat))];
    const from = planned.first;
    if (from !== null) {
      streams.push(await branch(from, editing.move(planned, from)));
      const work = { trunk, editing, planned, from };
      for (const rows of await runControls(session, work, how, options)) {
        streams.push({ from, rows: own(rows) });
      }
    }

    const { targets, hasTarget } = nextTokens(batch);
    const cleanTail = own(backend.sliceRows(trunk.normed, from ?? 0, tokens));
    const rowAt = ({ from: first, rows }: Stream): Tensor =>
      first <= how.position
        ? backend.sliceRows(rows, how.position - first, how.position - first + 1)
        : backend.sliceRows(trunk.normed, how.position, how.position + 1);
    const nextRows = [{ from: 0, rows: trunk.normed }, ...streams].map((one) => own(rowAt(one)));
    const { pairs, logits } = await unembed(
      session,
      {
        pairs: streams.map(({ from: first, rows }) => ({
          clean: first === 0 ? trunk.normed : cleanTail,
          edited: rows,
          targets: targets.slice(first),
        })),
        rows: own(backend.concatRows(nextRows)),
      },
      options,
    );
    const [clean, ...next] = logits.map(logProbabilities);
    const compared = streams.map(({ from: first }, i): Compared => ({
      from: first,
      losses: (pairs[i] ?? []).map((row, t) =>
        positionLoss(row, hasTarget[first + t] ?? false, model.gemma.config.vocab),
      ),
      next: next[i] ?? new Float64Array(0),
    }));
    const [spliced, edited = null, ...controls] = compared;
    if (!clean || !spliced) throw new Error("The clean and the spliced stream are always run.");
    return { residualNorm, clean, spliced, edited, controls };
  });
}

function lossAt({ from, losses }: Compared, t: number): PositionLoss {
  const loss = losses[t - from];
  if (!loss) throw new RangeError(`position ${t} of a stream from ${from} on`);
  return loss;
}

function controlsReport(
  { controls: count, seed }: InterventionOptions,
  { edited, controls }: Run,
  counted: Uint8Array,
): Controls {
  const effectOf = (of: Compared | null): number | null =>
    summarize(
      [...counted.keys()]
        .filter((t) => counted[t] === 1)
        .map((t) => (of && t >= of.from ? lossAt(of, t).kl : 0)),
    ).mean;
  const effect = effectOf(edited);
  // Where no edit moves anything, no control does.
  const all = edited === null ? Array.from({ length: count }, () => null) : controls;
  // Of no counted token there is no effect; of some, one that overflowed must not be left out.
  const samples = counted.includes(1) ? all.map((one) => effectOf(one) ?? NaN) : [];
  const measured = spread(samples);
  return {
    measure: "kl",
    count,
    seed,
    effect,
    mean: measured?.mean ?? null,
    sd: measured?.sd ?? null,
    z: effect === null ? null : zScore(effect, measured),
    samples,
  };
}
