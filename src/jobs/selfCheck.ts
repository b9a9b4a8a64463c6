// Job: published facts of the open model and SAE, each beside what this machine computes. One press, a table of yes
// and no.

import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Analysis, GeluKind, SelfCheck, SelfCheckRow } from "../lib/report.ts";
import { analyzeText } from "./analyze.ts";
import { onSession } from "./job.ts";
import type { Facts } from "../session/library/facts.ts";
import { provenance, type Session } from "../session/session.ts";
import { verifyText } from "./verify.ts";

export const selfCheck = onSession(
  "checking against published facts",
  (session, _: [], options): Promise<SelfCheck> => {
    const { facts, folder } = session.sae.source;
    if (!facts) {
      throw new FacetError(
        "EntryNotFound",
        `Checking ${folder}: no published facts are known for it. Verify a text instead.`,
      );
    }
    return checkFacts(session, facts, options);
  },
);

async function checkFacts(session: Session, facts: Facts, options: JobOptions): Promise<SelfCheck> {
  const rows: SelfCheckRow[] = [];
  const steps = 4;
  const step = (done: number): void =>
    options.onProgress?.({ stage: "Checking published facts", done, total: steps, unit: "steps" });
  const quiet: JobOptions = options.signal ? { signal: options.signal } : {};

  for (const [i, activation] of (["erf", "tanh"] as const).entries()) {
    step(i);
    const report = await analyzeText(
      withActivation(session, activation),
      facts.tokens.text,
      "all",
      quiet,
    );
    if (i === 0) rows.push(tokensRow(report, facts));
    for (const found of activationRows(report, facts, activation)) rows.push(found);
  }
  step(2);
  for (const found of await passageRows(session, facts, quiet)) rows.push(found);
  step(3);
  rows.push(scoreRow(session, facts));
  step(steps);
  return { schema: "facet.selfcheck/1", ...provenance(session), rows };
}

/** The same session with the other activation function: a switch of the forward pass, no weight changes. */
function withActivation(session: Session, activation: GeluKind): Session {
  const { model } = session;
  return { ...session, model: { ...model, gemma: { ...model.gemma, activation } } };
}

function tokensRow(report: Analysis, { tokens }: Facts): SelfCheckRow {
  const measured = report.tokens.map(({ id }) => id).join(", ");
  const published = tokens.ids.join(", ");
  return {
    name: `Token ids of ${JSON.stringify(tokens.text)}`,
    measured,
    published,
    tolerance: "exact",
    source: tokens.source,
    ok: measured === published,
  };
}

/** One row a token: the published features with their values here. */
function activationRows(
  report: Analysis,
  { activations }: Facts,
  activation: GeluKind,
): SelfCheckRow[] {
  const { perToken, tolerance, source } = activations;
  const sameFunction = activation === activations.activation;
  return perToken.map((published, t) => {
    const token = report.tokens[t];
    const strongest = (token?.features ?? [])
      .toSorted((a, b) => b.raw - a.raw)
      .slice(0, published.length);
    const ok = published.every(({ index, raw }) => {
      const found = strongest.find((feature) => feature.index === index);
      return found !== undefined && Math.abs(found.raw - raw) <= tolerance * raw;
    });
    return {
      name: `Strongest features of ${token?.token ?? "a missing token"}, ${activation}`,
      measured: strongest.map(featureText).join(", "),
      published: published.map(featureText).join(", "),
      tolerance: `${tolerance * 100} % of each value`,
      source: sameFunction ? source : `${source}, computed with ${activations.activation}`,
      ok,
    };
  });
}

const featureText = ({ index, raw }: { index: number; raw: number }): string =>
  `${index}: ${raw.toFixed(4)}`;

async function passageRows(
  session: Session,
  { passage }: Facts,
  options: JobOptions,
): Promise<SelfCheckRow[]> {
  const checks = await verifyText(session, passage.text, "nonspecial", options);
  const report = await analyzeText(session, passage.text, "nonspecial", options);
  const norms = report.tokens.filter(({ special }) => !special).map(({ norm }) => norm);
  const meanNorm = norms.reduce((sum, norm) => sum + norm, 0) / norms.length;
  const { vocab } = session.model.gemma.config;
  const { l0, explainedVarianceLegacy, ceZero } = checks.metrics;
  return [
    row("L0 on a published passage", l0, passage.l0),
    row(
      "Explained variance (legacy) on it",
      explainedVarianceLegacy,
      passage.explainedVarianceLegacy,
    ),
    row("Mean norm of the residual on it", meanNorm, passage.norm),
    row("Loss with the hook zeroed, nats", ceZero, {
      value: Math.log(vocab),
      tolerance: 1e-4,
      source: "ln V: Gemma has no biases",
    }),
  ];
}

/** The card's losses and this model's ceZero must give the card's score. */
function scoreRow({ model }: Session, { card }: Facts): SelfCheckRow {
  const ceZero = Math.log(model.gemma.config.vocab);
  const score = (ceZero - card.ceSae) / (ceZero - card.ceClean);
  return row("CE score from the card's losses and ln V", score, card.ceScore);
}

function row(
  name: string,
  measured: number | null,
  fact: { value: number; tolerance: number; source: string },
): SelfCheckRow {
  return {
    name,
    measured: measured === null ? "nothing to measure" : measured.toPrecision(5),
    published: fact.value.toPrecision(5),
    tolerance: `± ${fact.tolerance}`,
    source: fact.source,
    ok: measured !== null && Math.abs(measured - fact.value) <= fact.tolerance,
  };
}
