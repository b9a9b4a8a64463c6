// Histograms of a feature's strengths over [0, 2^e) in BINS equal bins, where 2^e is the power of two over its maximum.
// A stronger firing doubles the range as often as it takes, and bins go together in pairs. Since every edge of the wider
// histogram is one of the narrower, what comes out does not depend on the order, and merging loses nothing.

import { defined } from "../lib/defined.ts";
import { BINS } from "./settings.ts";

const scratch = new Float32Array(1);
const bits = new Uint32Array(scratch.buffer);

/** The smallest e with value < 2^e, for a float32 over 0; −126 for subnormal ones. */
export function exponentOf(value: number): number {
  scratch[0] = value;
  return (defined(bits[0]) >>> 23) - 126;
}

export class Strengths {
  /** e of each feature, [d_sae]; of no meaning where it never fired. */
  readonly exponent: Int16Array;
  /** [d_sae, BINS]. */
  readonly bins: Float64Array;

  constructor(features: number) {
    this.exponent = new Int16Array(features);
    this.bins = new Float64Array(features * BINS);
  }

  add(feature: number, value: number): void {
    // Exact: 24 bits of value times 6 of BINS, and a power of two.
    const bin = Math.floor(value * BINS * 2 ** -defined(this.exponent[feature]));
    const at = feature * BINS + bin;
    this.bins[at] = defined(this.bins[at]) + 1;
  }

  /** Doubles the range once. */
  widen(feature: number): void {
    const start = feature * BINS;
    for (let i = 0; i < BINS; i++) {
      const low = 2 * i < BINS ? defined(this.bins[start + 2 * i]) : 0;
      const high = 2 * i < BINS ? defined(this.bins[start + 2 * i + 1]) : 0;
      this.bins[start + i] = low + high;
    }
    this.exponent[feature] = defined(this.exponent[feature]) + 1;
  }

  /** Adds the bins of a feature whose range there is `halvings` times half as wide as here. */
  addNarrower(feature: number, from: Strengths, halvings: number): void {
    const start = feature * BINS;
    for (let i = 0; i < BINS; i++) {
      const at = start + Math.floor(i / 2 ** halvings);
      this.bins[at] = defined(this.bins[at]) + defined(from.bins[start + i]);
    }
  }
}
