// Active features out of dense pre-activations, on the CPU: pure numbers, no tfjs.

import { defined } from "../../lib/defined.ts";
import type { SparseRows } from "../backend.ts";

/** The rows of an encoder's affine [4, d_sae], and what most features fall short of. */
export interface Affine {
  readonly gateBias: Float32Array;
  readonly threshold: Float32Array;
  readonly scale: Float32Array;
  readonly bias: Float32Array;
  /** A feature whose pre-activation is not above is off, whatever else: one comparison for nearly all of them. */
  readonly floor: Float32Array;
}

/** Looser than the roundings of what it stands for. */
const SLACK = 1e-5;

/** Made once for an encoder. */
export function prepareAffine(affine: Float32Array): Affine {
  const dSae = affine.length / 4;
  const row = (r: number): Float32Array => affine.subarray(r * dSae, (r + 1) * dSae);
  const [gateBias, threshold, scale, bias] = [row(0), row(1), row(2), row(3)];
  const floor = scale.map((factor, i) => {
    const [b, gate, limit] = [defined(bias[i]), defined(gateBias[i]), defined(threshold[i])];
    // On where a·factor + b > 0 and a + gate > limit.
    const least = factor > 0 ? Math.max(-b / factor, limit - gate) : limit - gate;
    return Number.isFinite(least)
      ? least - SLACK * (1 + Math.abs(least) + Math.abs(gate) + Math.abs(limit))
      : -Infinity;
  });
  return { gateBias, threshold, scale, bias, floor };
}

/** NaN stands above all numbers among the k largest, as torch has it. */
const rankOf = (value: number): number => (Number.isNaN(value) ? Infinity : value);

/** Collects active features row after row, in arrays that double as they fill. */
export class SparseCollector {
  readonly #affine: Affine;
  readonly #dSae: number;
  readonly #k: number | null;
  readonly #rowStart: number[] = [0];
  #index = new Uint32Array(1024);
  #value = new Float32Array(1024);
  #count = 0;
  readonly #positive: Float64Array;

  /** With k, only the k largest of a row stay (ties: lower index first). */
  constructor(affine: Affine, k: number | null) {
    this.#affine = affine;
    this.#dSae = affine.bias.length;
    this.#k = k;
    this.#positive = new Float64Array(k === null ? 0 : this.#dSae);
  }

  /** a = x·W_enc of one or more tokens, d_sae values each. */
  add(a: Float32Array): void {
    for (let start = 0; start < a.length; start += this.#dSae) {
      this.#addRow(a.subarray(start, start + this.#dSae));
    }
  }

  #addRow(a: Float32Array): void {
    const { gateBias, threshold, scale, bias, floor } = this.#affine;
    const cut = this.#k === null ? { value: 0, ties: Infinity } : this.#cut(a, this.#k);
    let ties = cut.ties;
    for (let i = 0; i < a.length; i++) {
      const pre = defined(a[i]);
      if (pre <= defined(floor[i])) continue;
      const value = pre * defined(scale[i]) + defined(bias[i]);
      // Asked this way round NaN, which is not ≤ anything, stays: where sums overflowed, the feature is not simply off.
      if (Math.fround(value) <= 0) continue;
      const rank = rankOf(value);
      if (rank < cut.value || (rank === cut.value && ties-- <= 0)) continue;
      if (!(pre + defined(gateBias[i]) <= defined(threshold[i]))) this.#push(i, value);
    }
    this.#rowStart.push(this.#count);
  }

  /** The smallest value of the k largest, and how many equal to it are among them. What ReLU drops needs no rank. */
  #cut(a: Float32Array, k: number): { value: number; ties: number } {
    const { scale, bias } = this.#affine;
    let n = 0;
    for (let i = 0; i < a.length; i++) {
      const value = defined(a[i]) * defined(scale[i]) + defined(bias[i]);
      if (!(value <= 0)) this.#positive[n++] = rankOf(value);
    }
    if (n <= k) return { value: 0, ties: Infinity };
    const ascending = this.#positive.subarray(0, n).toSorted();
    const value = defined(ascending[n - k]);
    let above = 0;
    while (above < k && defined(ascending[n - 1 - above]) > value) above++;
    return { value, ties: k - above };
  }

  #push(index: number, value: number): void {
    if (this.#count === this.#index.length) {
      const [indices, values] = [this.#index, this.#value];
      this.#index = new Uint32Array(2 * this.#count);
      this.#value = new Float32Array(2 * this.#count);
      this.#index.set(indices);
      this.#value.set(values);
    }
    this.#index[this.#count] = index;
    this.#value[this.#count] = value;
    this.#count++;
  }

  finish(): SparseRows {
    return {
      rowStart: Uint32Array.from(this.#rowStart),
      index: this.#index.slice(0, this.#count),
      value: this.#value.slice(0, this.#count),
    };
  }
}
