// Firings that are kept with the tokens around them, in typed arrays of a fixed size: every feature has a few groups (its
// strongest contexts, strata of its strengths, an unbiased sample), and a group keeps the best of what it is offered.
// Best is the largest strength for the strongest, the smallest hash for samples; where these are equal the place
// decides, so what is kept does not depend on the order of the offers.

import { defined } from "../lib/defined.ts";
import { type ScanSettings, STRATA } from "./settings.ts";

/** The groups of a feature: the strongest, then STRATA of them, then the sample. */
export const TOP = 0;
export const FIRST_STRATUM = 1;
export const SAMPLE = FIRST_STRATUM + STRATA;
export const GROUPS = SAMPLE + 1;

export interface Firing {
  /** Folded strength, a float32. */
  readonly value: number;
  /** Of its token. */
  readonly hash: number;
  /** Number of the source in the scan's list. */
  readonly source: number;
  readonly document: number;
  /** Token of the document, BOS not counted. */
  readonly position: number;
  /** Which of `ids` it is. */
  readonly peak: number;
  readonly ids: Uint32Array;
  /** Strength on each of `ids`; but for the peak rounded to bfloat16, for a part's size. */
  readonly activations: Float32Array;
}

/** What decides which of two firings is kept. */
type Key = Pick<Firing, "value" | "hash" | "source" | "document" | "position">;

/** Order of sources, by their names: numbers differ from part to part. */
export type CompareSources = (a: number, b: number) => number;

export class Examples {
  readonly slotsPerFeature: number;
  readonly window: number;
  readonly value: Float32Array;
  readonly hash: Uint32Array;
  readonly source: Uint16Array;
  readonly document: Uint32Array;
  readonly position: Uint32Array;
  readonly peak: Uint8Array;
  /** Tokens of the window that there are; 0 in a free slot. */
  readonly length: Uint8Array;
  /** [slots, window]. */
  readonly ids: Uint32Array;
  readonly activations: Float32Array;
  /** Slots in use of each group, [d_sae, GROUPS]. */
  readonly filled: Uint8Array;
  /** Rank that an offer must reach, [d_sae, GROUPS]: Infinity while there is room. Made from the rest. */
  readonly #bar: Float64Array;
  /** First slot of each group within its feature, and one past the last: [GROUPS + 1]. */
  readonly #start: readonly number[];
  readonly #compareSources: CompareSources;

  constructor(features: number, settings: ScanSettings, compareSources: CompareSources) {
    const { top, perStratum, sample, window } = settings;
    const sizes = [top, ...Array.from({ length: STRATA }, () => perStratum), sample];
    const start = [0];
    for (const size of sizes) start.push((start.at(-1) ?? 0) + size);
    this.#start = start;
    this.slotsPerFeature = start.at(-1) ?? 0;
    this.window = window;
    const slots = features * this.slotsPerFeature;
    this.value = new Float32Array(slots);
    this.hash = new Uint32Array(slots);
    this.source = new Uint16Array(slots);
    this.document = new Uint32Array(slots);
    this.position = new Uint32Array(slots);
    this.peak = new Uint8Array(slots);
    this.length = new Uint8Array(slots);
    this.ids = new Uint32Array(slots * window);
    this.activations = new Float32Array(slots * window);
    this.filled = new Uint8Array(features * GROUPS);
    this.#bar = new Float64Array(features * GROUPS).fill(Infinity);
    this.#compareSources = compareSources;
  }

  /** Whether the group may take a firing of this strength and hash; quick, for the many that it does not. */
  wants(feature: number, group: number, value: number, hash: number): boolean {
    const rank = group === TOP ? -value : hash;
    return rank <= defined(this.#bar[feature * GROUPS + group]);
  }

  offer(feature: number, group: number, firing: Firing): void {
    const first = this.#first(feature, group);
    const size = this.size(group);
    const at = feature * GROUPS + group;
    const filled = defined(this.filled[at]);
    if (filled < size) {
      this.#write(first + filled, firing);
      this.filled[at] = filled + 1;
    } else {
      const worst = this.#worst(first, size, group);
      if (worst === null || !this.#isBetter(group, firing, worst)) return;
      this.#write(worst, firing);
    }
    this.#setBar(feature, group);
  }

  /** Firings of a group, in no order; views, valid until the next offer. */
  of(feature: number, group: number): Firing[] {
    const first = this.#first(feature, group);
    const filled = defined(this.filled[feature * GROUPS + group]);
    return Array.from({ length: filled }, (_, i) => this.read(first + i));
  }

  /** Slots in use, those of a feature after another. */
  *slots(): Generator<number> {
    for (let at = 0; at < this.filled.length; at++) {
      const first = this.#first(Math.floor(at / GROUPS), at % GROUPS);
      for (let i = 0; i < defined(this.filled[at]); i++) yield first + i;
    }
  }

  /** Slots that a group has. */
  size(group: number): number {
    return defined(this.#start[group + 1]) - defined(this.#start[group]);
  }

  /** Twice the range of strength: strata go together in pairs. */
  widen(feature: number): void {
    for (let i = 0; 2 * i < STRATA; i++) {
      // Stratum i itself went to stratum ⌊i / 2⌋ before, but for the first, which stays.
      for (const stratum of [2 * i, 2 * i + 1]) {
        if (stratum !== i) this.#move(feature, FIRST_STRATUM + stratum, FIRST_STRATUM + i);
      }
    }
  }

  /** After `filled` and the rest were set from outside. */
  restore(): void {
    const features = this.filled.length / GROUPS;
    for (let feature = 0; feature < features; feature++) {
      for (let group = 0; group < GROUPS; group++) this.#setBar(feature, group);
    }
  }

  read(slot: number): Firing {
    const from = slot * this.window;
    const to = from + defined(this.length[slot]);
    return {
      ...this.#key(slot),
      peak: defined(this.peak[slot]),
      ids: this.ids.subarray(from, to),
      activations: this.activations.subarray(from, to),
    };
  }

  #write(slot: number, firing: Firing): void {
    this.value[slot] = firing.value;
    this.hash[slot] = firing.hash;
    this.source[slot] = firing.source;
    this.document[slot] = firing.document;
    this.position[slot] = firing.position;
    this.peak[slot] = firing.peak;
    this.length[slot] = firing.ids.length;
    this.ids.set(firing.ids, slot * this.window);
    this.activations.set(firing.activations, slot * this.window);
  }

  #move(feature: number, from: number, to: number): void {
    for (const firing of this.of(feature, from)) this.offer(feature, to, firing);
    this.#clear(feature, from);
  }

  #clear(feature: number, group: number): void {
    this.filled[feature * GROUPS + group] = 0;
    this.#setBar(feature, group);
  }

  #setBar(feature: number, group: number): void {
    const size = this.size(group);
    const at = feature * GROUPS + group;
    const full = defined(this.filled[at]) === size;
    const worst = full ? this.#worst(this.#first(feature, group), size, group) : null;
    // A group of no slots wants nothing.
    const none = size === 0 ? -Infinity : Infinity;
    this.#bar[at] = worst === null ? none : this.#rank(group, worst);
  }

  #first(feature: number, group: number): number {
    return feature * this.slotsPerFeature + defined(this.#start[group]);
  }

  #rank(group: number, slot: number): number {
    return group === TOP ? -defined(this.value[slot]) : defined(this.hash[slot]);
  }

  #worst(first: number, count: number, group: number): number | null {
    if (count === 0) return null;
    let worst = first;
    for (let slot = first + 1; slot < first + count; slot++) {
      if (this.#isBetter(group, this.#key(worst), slot)) worst = slot;
    }
    return worst;
  }

  #key(slot: number): Key {
    return {
      value: defined(this.value[slot]),
      hash: defined(this.hash[slot]),
      source: defined(this.source[slot]),
      document: defined(this.document[slot]),
      position: defined(this.position[slot]),
    };
  }

  /** Whether a firing is to be kept rather than the one in a slot. */
  #isBetter(group: number, firing: Key, slot: number): boolean {
    const byRank =
      group === TOP
        ? defined(this.value[slot]) - firing.value
        : firing.hash - defined(this.hash[slot]);
    const difference =
      byRank ||
      firing.document - defined(this.document[slot]) ||
      firing.position - defined(this.position[slot]) ||
      this.#compareSources(firing.source, defined(this.source[slot]));
    return difference < 0;
  }
}
