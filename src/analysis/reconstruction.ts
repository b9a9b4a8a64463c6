// How well x̂ stands for x, over masked tokens, in float64 (maths.md §4). Sums are kept and divided at the end, so
// that a corpus is the sum of its contexts.

import { ratio } from "./summary.ts";

export interface ReconstructionMetrics {
  l0: number | null;
  mse: number | null;
  explainedVariance: number | null;
  cosine: number | null;
  l2Ratio: number | null;
  relativeReconstructionBias: number | null;
}

export class Reconstruction {
  #tokens = 0;
  #l0 = 0;
  #squaredError = 0;
  #xx = 0; // Σ ‖x‖²
  #xy = 0; // Σ x·x̂
  #yy = 0; // Σ ‖x̂‖²
  #cosine = 0;
  #l2Ratio = 0;
  readonly #sum: Float64Array; // Σ x, [d_in]

  constructor(dIn: number) {
    this.#sum = new Float64Array(dIn);
  }

  /** x and xHat [T, d_in] row-major, l0 [T], mask [T]. */
  add(x: Float32Array, xHat: Float32Array, l0: readonly number[], mask: Uint8Array): void {
    const d = this.#sum.length;
    for (let t = 0; t < mask.length; t++) {
      if (mask[t] !== 1) continue;
      let xx = 0;
      let xy = 0;
      let yy = 0;
      let squaredError = 0;
      for (let j = 0; j < d; j++) {
        const a = x[t * d + j] ?? 0;
        const b = xHat[t * d + j] ?? 0;
        xx += a * a;
        xy += a * b;
        yy += b * b;
        squaredError += (a - b) ** 2;
        this.#sum[j] = (this.#sum[j] ?? 0) + a;
      }
      this.#tokens += 1;
      this.#l0 += l0[t] ?? 0;
      this.#squaredError += squaredError;
      this.#xx += xx;
      this.#xy += xy;
      this.#yy += yy;
      // A row of zeros has no direction: its cosine counts as 0, as torch's cosine_similarity has it.
      this.#cosine += xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
      this.#l2Ratio += xx > 0 ? Math.sqrt(yy / xx) : 0;
    }
  }

  /** Mean of x over the masked tokens, [d_in]. */
  mean(): Float64Array {
    return this.#sum.map((sum) => (this.#tokens > 0 ? sum / this.#tokens : 0));
  }

  metrics(): ReconstructionMetrics {
    const n = this.#tokens;
    const meanNorm = this.mean().reduce((sum, value) => sum + value * value, 0); // ‖E x‖²
    const unexplained = ratio(this.#squaredError / n, this.#xx / n - meanNorm);
    return {
      l0: ratio(this.#l0, n),
      mse: ratio(this.#squaredError, n),
      explainedVariance: n > 1 && unexplained !== null ? 1 - unexplained : null,
      cosine: ratio(this.#cosine, n),
      l2Ratio: ratio(this.#l2Ratio, n),
      relativeReconstructionBias: ratio(this.#yy, this.#xy),
    };
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
        const a = x[t * d + j] ?? 0;
        squaredError += (a - (xHat[t * d + j] ?? 0)) ** 2;
        spread += (a - (this.#mean[j] ?? 0)) ** 2;
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
