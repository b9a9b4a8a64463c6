// A batch's active features turned around: from rows of features to features of rows, with strengths folded. Reusable:
// its arrays grow to the largest batch and stay.

import { defined } from "../lib/defined.ts";

/** Row t owns pairs rowStart[t] up to rowStart[t + 1]; the backend's SparseRows. */
export interface FeatureRows {
  /** [T + 1]. */
  readonly rowStart: Uint32Array;
  readonly index: Uint32Array;
  /** Raw activations. */
  readonly value: Float32Array;
}

export class ByFeature {
  /** Feature f owns pairs start[f] up to start[f + 1], [d_sae + 1]. */
  readonly start: Uint32Array;
  /** Row of each pair, ascending within a feature. */
  row = new Uint32Array(0);
  /** Folded strength of each pair, rounded to float32 once. */
  value = new Float32Array(0);
  readonly #next: Uint32Array;

  constructor(features: number) {
    this.start = new Uint32Array(features + 1);
    this.#next = new Uint32Array(features);
  }

  /** @param counted 1 for rows that count, [T]; @param fold raw → folded, [d_sae]. */
  fill({ rowStart, index, value }: FeatureRows, counted: Uint8Array, fold: Float64Array): void {
    const { start } = this;
    const next = this.#next;
    start.fill(0);
    const each = (visit: (feature: number, pair: number, row: number) => void): void => {
      for (let row = 0; row < counted.length; row++) {
        if (counted[row] !== 1) continue;
        const end = defined(rowStart[row + 1]);
        for (let pair = defined(rowStart[row]); pair < end; pair++)
          visit(defined(index[pair]), pair, row);
      }
    };
    each((feature) => {
      start[feature + 1] = defined(start[feature + 1]) + 1;
    });
    for (let f = 0; f < next.length; f++) {
      next[f] = defined(start[f]);
      start[f + 1] = defined(start[f + 1]) + defined(start[f]);
    }
    if (this.row.length < index.length) {
      this.row = new Uint32Array(index.length);
      this.value = new Float32Array(index.length);
    }
    each((feature, pair, row) => {
      const at = defined(next[feature]);
      next[feature] = at + 1;
      this.row[at] = row;
      this.value[at] = defined(value[pair]) * defined(fold[feature]);
    });
  }
}
