// Which tokens a feature fired on, as the `size` smallest of their hashes: enough to estimate how often two features fire
// on the same token. Bottom-k sketches: Cohen and Kaplan, "Summarizing Data using Bottom-k Sketches", 2007.
// docs/maths.md §5.7.

import { defined } from "../lib/defined.ts";

export class Sketches {
  readonly size: number;
  /** [d_sae, size]: a heap for each feature, its largest first. */
  readonly hashes: Uint32Array;
  /** Hashes there are of each feature, [d_sae]. */
  readonly filled: Uint16Array;

  constructor(features: number, size: number) {
    this.size = size;
    this.hashes = new Uint32Array(features * size);
    this.filled = new Uint16Array(features);
  }

  /** A token that the feature fired on; each token once. */
  add(feature: number, hash: number): void {
    const start = feature * this.size;
    const filled = defined(this.filled[feature]);
    if (filled < this.size) {
      this.filled[feature] = filled + 1;
      this.#rise(start, filled, hash);
    } else if (this.size > 0 && hash < defined(this.hashes[start])) {
      this.#sink(start, hash);
    }
  }

  /** The hashes of one feature, in no order; a view. */
  of(feature: number): Uint32Array {
    const start = feature * this.size;
    return this.hashes.subarray(start, start + defined(this.filled[feature]));
  }

  /**
   * Tokens that both fired on, of those that either did: |A ∩ B| / |A ∪ B| among the hashes up to which both sketches
   * are complete. Exact where both features fired on at most `size` tokens; null where neither fired.
   */
  jaccard(a: number, b: number): number | null {
    const [first, second] = [this.of(a), this.of(b)];
    const limit = Math.min(this.#limit(first), this.#limit(second));
    const left = new Set(first.filter((hash) => hash <= limit));
    const right = second.filter((hash) => hash <= limit);
    const both = right.reduce((sum, hash) => sum + (left.has(hash) ? 1 : 0), 0);
    const either = left.size + right.length - both;
    return either === 0 ? null : both / either;
  }

  /** Every token of the feature whose hash is at most this is in its sketch. */
  #limit(hashes: Uint32Array): number {
    return hashes.length === 0 || hashes.length < this.size ? Infinity : defined(hashes[0]);
  }

  /** Puts a hash at place `at` of the heap and moves it up to where it belongs. */
  #rise(start: number, at: number, hash: number): void {
    let place = at;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = defined(this.hashes[start + parent]);
      if (above >= hash) break;
      this.hashes[start + place] = above;
      place = parent;
    }
    this.hashes[start + place] = hash;
  }

  /** Puts a hash in the place of the largest and moves it down to where it belongs. */
  #sink(start: number, hash: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.size) break;
      const right = child + 1;
      if (
        right < this.size &&
        defined(this.hashes[start + right]) > defined(this.hashes[start + child])
      )
        child = right;
      const below = defined(this.hashes[start + child]);
      if (below <= hash) break;
      this.hashes[start + place] = below;
      place = child;
    }
    this.hashes[start + place] = hash;
  }
}
