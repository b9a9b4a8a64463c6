// Cross-entropy and KL of the model with and without the SAE spliced in (docs/maths.md §4.4), summed in float64 from the
// rows that `logitStats` gives.

import { defined } from "../lib/defined.ts";
import { ratio } from "./summary.ts";

/** One position's numbers; ce is absent at a context's last position, which predicts nothing that is known. */
export interface PositionLoss {
  ceClean: number | null;
  ceSae: number | null;
  /** KL(clean ‖ spliced). */
  kl: number;
  /** KL(clean ‖ uniform): what zeroing the hook gives, since every logit is 0 then. */
  klZero: number;
}

/** Whether every number that there is is finite. */
export const isKnown = ({ ceClean, ceSae, kl, klZero }: PositionLoss): boolean =>
  [ceClean, ceSae, kl, klZero].every((value) => value === null || Number.isFinite(value));

/** A row of `logitStats` with clean logits as a and spliced ones as b. */
export interface LogitRow {
  lseClean: number;
  targetClean: number;
  /** Σ p_clean·clean */
  meanClean: number;
  lseSae: number;
  targetSae: number;
  /** Σ p_clean·(clean − spliced) */
  meanDifference: number;
}

/** The row of an empty vocabulary: what merging starts from. */
export const NO_LOGITS: LogitRow = {
  lseClean: -Infinity,
  targetClean: 0,
  meanClean: 0,
  lseSae: -Infinity,
  targetSae: 0,
  meanDifference: 0,
};

/**
 * The rows of two disjoint parts of the vocabulary as the row of both: exponentials add up, means weigh by their part
 * of the probability, and the target stands in one of them (the other's is 0).
 */
export function mergeLogits(a: LogitRow, b: LogitRow): LogitRow {
  const lseClean = addLogs(a.lseClean, b.lseClean);
  const pa = Math.exp(a.lseClean - lseClean);
  const pb = Math.exp(b.lseClean - lseClean);
  return {
    lseClean,
    targetClean: a.targetClean + b.targetClean,
    meanClean: pa * a.meanClean + pb * b.meanClean,
    lseSae: addLogs(a.lseSae, b.lseSae),
    targetSae: a.targetSae + b.targetSae,
    meanDifference: pa * a.meanDifference + pb * b.meanDifference,
  };
}

/** ln(eᵃ + eᵇ). */
function addLogs(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

export function positionLoss(row: LogitRow, hasTarget: boolean, vocab: number): PositionLoss {
  return {
    ceClean: hasTarget ? row.lseClean - row.targetClean : null,
    ceSae: hasTarget ? row.lseSae - row.targetSae : null,
    kl: row.meanDifference - row.lseClean + row.lseSae,
    klZero: Math.log(vocab) + row.meanClean - row.lseClean,
  };
}

export interface LossMetrics {
  ceClean: number | null;
  ceSae: number | null;
  ceZero: number | null;
  ceScore: number | null;
  kl: number | null;
  klZero: number | null;
  klScore: number | null;
}

/** Where each sum stands. */
const SUMS = { predictions: 0, ceClean: 1, ceSae: 2, positions: 3, kl: 4, klZero: 5 } as const;

export class Loss {
  /** All that is kept: those of two sets of tokens added up are those of both. */
  readonly sums: Float64Array;
  readonly #vocab: number;

  static readonly size = 6;

  constructor(vocab: number, sums: Float64Array = new Float64Array(Loss.size)) {
    this.#vocab = vocab;
    this.sums = sums;
  }

  add(losses: readonly PositionLoss[], mask: Uint8Array): void {
    const count = (name: keyof typeof SUMS, value: number): void => {
      this.sums[SUMS[name]] = this.#at(name) + value;
    };
    losses.forEach((loss, t) => {
      if (mask[t] !== 1) return;
      count("positions", 1);
      count("kl", loss.kl);
      count("klZero", loss.klZero);
      if (loss.ceClean === null || loss.ceSae === null) return;
      count("predictions", 1);
      count("ceClean", loss.ceClean);
      count("ceSae", loss.ceSae);
    });
  }

  metrics(): LossMetrics {
    const ceClean = ratio(this.#at("ceClean"), this.#at("predictions"));
    const ceSae = ratio(this.#at("ceSae"), this.#at("predictions"));
    // No biases and RMS(0) = 0: with the hook zeroed everywhere every logit is 0, so the loss is ln V exactly.
    const ceZero = ceClean === null ? null : Math.log(this.#vocab);
    const kl = ratio(this.#at("kl"), this.#at("positions"));
    const klZero = ratio(this.#at("klZero"), this.#at("positions"));
    return {
      ceClean,
      ceSae,
      ceZero,
      kl,
      klZero,
      ceScore: score(ceZero, ceSae, ceClean),
      klScore: score(klZero, kl, 0),
    };
  }

  #at(name: keyof typeof SUMS): number {
    return defined(this.sums[SUMS[name]]);
  }
}

/** (zero − sae) / (zero − clean). */
function score(zero: number | null, sae: number | null, clean: number | null): number | null {
  return zero === null || sae === null || clean === null ? null : ratio(zero - sae, zero - clean);
}
