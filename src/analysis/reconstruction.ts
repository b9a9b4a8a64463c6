// How well x̂ stands for x, over masked tokens, in float64 (docs/maths.md §4.2, §4.3). Sums are kept and divided at the end, so
// that a corpus is the sum of its contexts.

import { defined } from "../lib/defined.ts";
import { ratio } from "./summary.ts";

export interface ReconstructionMetrics {
  l0: number | null;
  mse: number | null;
  explainedVariance: number | null;
  cosine: number | null;
  l2Ratio: number | null;
  relativeReconstructionBias: number | null;
}

/** Where each sum stands; Σ x, [d_in], follows them. */
const SUMS = {
  tokens: 0,
  l0: 1,
  squaredError: 2,
  /** Σ ‖x‖² */
  xx: 3,
  /** Σ x·x̂ */
  xy: 4,
  /** Σ ‖x̂‖² */
  yy: 5,
  cosine: 6,
  l2Ratio: 7,
} as const;
const SCALARS = 8;

export class Reconstruction {
  /** All that is kept: those of two sets of tokens added up are those of both. */
  readonly sums: Float64Array;
  readonly #dIn: number;

  static size = (dIn: number): number => SCALARS + dIn;

  constructor(dIn: number, sums: Float64Array = new Float64Array(Reconstruction.size(dIn))) {
    this.#dIn = dIn;
    this.sums = sums;
  }

  /** x and xHat [T, d_in] row-major, l0 [T], mask [T]. */
  add(x: Float32Array, xHat: Float32Array, l0: readonly number[], mask: Uint8Array): void {
    const d = this.#dIn;
    const count = (name: keyof typeof SUMS, value: number): void => {
      this.sums[SUMS[name]] = this.#at(name) + value;
    };
    for (let t = 0; t < mask.length; t++) {
      if (mask[t] !== 1) continue;
      let xx = 0;
      let xy = 0;
      let yy = 0;
      let squaredError = 0;
      for (let j = 0; j < d; j++) {
        const a = defined(x[t * d + j]);
        const b = defined(xHat[t * d + j]);
        xx += a * a;
        xy += a * b;
        yy += b * b;
        squaredError += (a - b) ** 2;
        this.sums[SCALARS + j] = defined(this.sums[SCALARS + j]) + a;
      }
      count("tokens", 1);
      // Shaders may have lost a NaN of x on its way through the encoder.
      count("l0", Number.isFinite(xx) ? defined(l0[t]) : NaN);
      count("squaredError", squaredError);
      count("xx", xx);
      count("xy", xy);
      count("yy", yy);
      // Infinite where x or x̂ has an infinity, whose quotients with what is finite are plain zeros.
      const known = Number.isFinite(squaredError);
      // A row of zeros has no direction: its cosine counts as 0, as torch's cosine_similarity has it.
      const cosine = xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
      count("cosine", known ? cosine : NaN);
      count("l2Ratio", known ? (xx === 0 ? 0 : Math.sqrt(yy / xx)) : NaN);
    }
  }

  /** Mean of x over the masked tokens, [d_in]. */
  mean(): Float64Array {
    const n = this.#at("tokens");
    return this.sums.slice(SCALARS).map((sum) => (n > 0 ? sum / n : 0));
  }

  metrics(): ReconstructionMetrics {
    const n = this.#at("tokens");
    const squaredError = this.#at("squaredError");
    const meanNorm = this.mean().reduce((sum, value) => sum + value * value, 0); // ‖E x‖²
    const unexplained = ratio(squaredError / n, this.#at("xx") / n - meanNorm);
    return {
      l0: ratio(this.#at("l0"), n),
      mse: ratio(squaredError, n),
      explainedVariance: n > 1 && unexplained !== null ? 1 - unexplained : null,
      cosine: ratio(this.#at("cosine"), n),
      l2Ratio: ratio(this.#at("l2Ratio"), n),
      relativeReconstructionBias: ratio(this.#at("yy"), this.#at("xy")),
    };
  }

  #at(name: keyof typeof SUMS): number {
    return defined(this.sums[SUMS[name]]);
  }
}

/**
 * explainedVarianceLegacy: mean over masked tokens of 1 − ‖x−x̂‖² / ‖x−μ‖². It needs μ first, so it is a second
 * walk over the same tokens.
 */
export class LegacyExplainedVariance {
  readonly #mean: Float64Array;
  #tokens = 0;
  #sum = 0;

  /** mean: `Reconstruction.mean()` over all the tokens that will be added. */
  constructor(mean: Float64Array) {
    this.#mean = mean;
  }

  add(x: Float32Array, xHat: Float32Array, mask: Uint8Array): void {
    const d = this.#mean.length;
    for (let t = 0; t < mask.length; t++) {
      if (mask[t] !== 1) continue;
      let squaredError = 0;
      let spread = 0;
      for (let j = 0; j < d; j++) {
        const a = defined(x[t * d + j]);
        squaredError += (a - defined(xHat[t * d + j])) ** 2;
        spread += (a - defined(this.#mean[j])) ** 2;
      }
      this.#tokens += 1;
      this.#sum += 1 - squaredError / spread;
    }
  }

  /** null where no token counted, or where one alone has no spread. */
  value(): number | null {
    return ratio(this.#sum, this.#tokens);
  }
}
