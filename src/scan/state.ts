// A scan as far as it has come: for every feature and over all tokens, in arrays whose size the settings fix, so that a
// corpus of any length takes the same memory. It knows no model: it is given which features fired on which tokens.
// All but the last bits of the floating-point sums is independent of the order and of how a corpus was divided.

import { defined } from "../lib/defined.ts";
import { assertFinite, Rows, type ScanBatch } from "./batch.ts";
import { ByFeature } from "./byFeature.ts";
import { FIRST_STRATUM, GROUPS, type Firing, Examples, SAMPLE, TOP } from "./examples.ts";
import { assertSamePlan, leadOf, type ScanPlan, STRATA } from "./settings.ts";
import { Sketches } from "./sketches.ts";
import { roundToBfloat16 } from "./bfloat16.ts";
import { joinSources, Sources } from "./sources.ts";
import { exponentOf, Strengths } from "./strengths.ts";

/** Of an example's tokens, the share before the firing. */
const BEFORE = 5 / 8;

export class ScanState {
  readonly plan: ScanPlan;
  sources = new Sources();
  finished = false;
  tokens = 0;
  contexts = 0;

  /** Each [d_sae]; strengths are folded. */
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly sumSquares: Float64Array;
  readonly max: Float32Array;
  readonly strengths: Strengths;
  readonly sketches: Sketches;
  readonly examples: Examples;

  /** Tokens by L0, [d_sae + 1]. */
  readonly l0: Float64Array;
  /** By place in the context, BOS not counted, each [contextSize − BOS]: tokens, Σ L0, Σ ‖x − x̂‖². */
  readonly tokensAt: Float64Array;
  readonly l0At: Float64Array;
  readonly squaredErrorAt: Float64Array;
  /** Verify's, [settings.sums]: whoever runs the scan adds to them. */
  readonly sums: Float64Array;

  readonly #byFeature: ByFeature;
  readonly #activations: Float32Array;

  constructor(plan: ScanPlan) {
    const { dSae } = plan.subject.sae;
    const { settings } = plan;
    this.plan = plan;
    this.count = new Float64Array(dSae);
    this.sum = new Float64Array(dSae);
    this.sumSquares = new Float64Array(dSae);
    this.max = new Float32Array(dSae);
    this.strengths = new Strengths(dSae);
    this.sketches = new Sketches(dSae, settings.sketch);
    this.examples = new Examples(dSae, settings, (a, b) => this.sources.compare(a, b));
    const places = plan.subject.contextSize - leadOf(plan.subject);
    this.l0 = new Float64Array(dSae + 1);
    this.tokensAt = new Float64Array(places);
    this.l0At = new Float64Array(places);
    this.squaredErrorAt = new Float64Array(places);
    this.sums = new Float64Array(settings.sums);
    this.#byFeature = new ByFeature(dSae);
    this.#activations = new Float32Array(settings.window);
  }

  /** Adds nothing of a batch in which a number overflowed, and throws. @param fold raw → folded, [d_sae]. */
  add(batch: ScanBatch, fold: Float64Array): void {
    assertFinite(batch, fold, this.plan);
    const rows = new Rows(batch, this.sources, this.plan);
    this.#byFeature.fill(batch.features, rows.counted, fold);
    const { start } = this.#byFeature;
    for (let feature = 0; feature < this.count.length; feature++) {
      const [from, to] = [defined(start[feature]), defined(start[feature + 1])];
      if (from < to) this.#addFeature(feature, from, to, batch, rows);
    }
    this.#addTokens(batch, rows);
  }

  /** The firings of one feature: pairs [from, to) of `#byFeature`. */
  #addFeature(feature: number, from: number, to: number, batch: ScanBatch, rows: Rows): void {
    const { row, value } = this.#byFeature;
    for (let first = from; first < to;) {
      const context = defined(rows.context[defined(row[first])]);
      const end = rows.end(context);
      let last = first;
      let strongest = first;
      for (; last < to && defined(row[last]) < end; last++) {
        this.#addFiring(feature, defined(value[last]), defined(rows.hash[defined(row[last])]));
        if (defined(value[last]) > defined(value[strongest])) strongest = last;
      }
      for (let pair = first; pair < last; pair++) {
        const strength = defined(value[pair]);
        const hash = defined(rows.hash[defined(row[pair])]);
        const offer = (group: number): void => {
          if (this.examples.wants(feature, group, strength, hash))
            this.examples.offer(feature, group, this.#firing(pair, first, last, batch, rows));
        };
        if (pair === strongest) offer(TOP);
        offer(FIRST_STRATUM + this.#stratum(feature, strength));
        offer(SAMPLE);
      }
      first = last;
    }
  }

  #addFiring(feature: number, value: number, hash: number): void {
    this.#makeRoom(feature, exponentOf(value));
    this.count[feature] = defined(this.count[feature]) + 1;
    this.sum[feature] = defined(this.sum[feature]) + value;
    this.sumSquares[feature] = defined(this.sumSquares[feature]) + value * value;
    this.max[feature] = Math.max(defined(this.max[feature]), value);
    this.strengths.add(feature, value);
    this.sketches.add(feature, hash);
  }

  /** Makes the range of strengths [0, 2^exponent) at least. */
  #makeRoom(feature: number, exponent: number): void {
    if (this.count[feature] === 0) this.strengths.exponent[feature] = exponent;
    while (defined(this.strengths.exponent[feature]) < exponent) {
      this.strengths.widen(feature);
      this.examples.widen(feature);
    }
  }

  #stratum(feature: number, value: number): number {
    return Math.floor(value * STRATA * 2 ** -defined(this.strengths.exponent[feature]));
  }

  /** The firing `pair`, among those of its context, [first, last); its arrays are lent. */
  #firing(pair: number, first: number, last: number, batch: ScanBatch, rows: Rows): Firing {
    const { row, value } = this.#byFeature;
    const { window } = this.plan.settings;
    const at = defined(row[pair]);
    const context = defined(rows.context[at]);
    const place = batch.contexts[context];
    if (!place) throw new Error("A row lies in no context.");
    const begin = rows.begin(context);
    const to = Math.min(
      rows.end(context),
      Math.max(begin, at - Math.floor(window * BEFORE)) + window,
    );
    const from = Math.max(begin, to - window);
    const activations = this.#activations.subarray(0, to - from).fill(0);
    for (let other = first; other < last; other++) {
      const offset = defined(row[other]) - from;
      if (offset >= 0 && offset < activations.length)
        activations[offset] = roundToBfloat16(defined(value[other]));
    }
    activations[at - from] = defined(value[pair]);
    return {
      value: defined(value[pair]),
      hash: defined(rows.hash[at]),
      source: defined(rows.source[context]),
      document: place.document,
      position: place.start + at - begin,
      peak: at - from,
      ids: batch.ids.subarray(from, to),
      activations,
    };
  }

  #addTokens({ features, squaredError, contexts }: ScanBatch, rows: Rows): void {
    contexts.forEach((_, context) => {
      const begin = rows.begin(context);
      for (let row = begin; row < rows.end(context); row++) {
        const l0 = defined(features.rowStart[row + 1]) - defined(features.rowStart[row]);
        const at = row - begin;
        this.l0[l0] = defined(this.l0[l0]) + 1;
        this.tokensAt[at] = defined(this.tokensAt[at]) + 1;
        this.l0At[at] = defined(this.l0At[at]) + l0;
        this.squaredErrorAt[at] = defined(this.squaredErrorAt[at]) + defined(squaredError[row]);
        this.tokens++;
      }
      this.contexts++;
    });
  }

  /** Adds what another scan of the same plan found; that one stays as it is. */
  absorb(other: ScanState): void {
    assertSamePlan(this.plan, other.plan);
    const joined = joinSources(this.sources.list(), other.sources.list());
    const numbers = other.sources
      .list()
      .map(({ name }) => [other.sources.number(name), this.sources.number(name)] as const);
    this.sources.cover(joined);
    const sourceOf = new Map(numbers);
    for (let feature = 0; feature < this.count.length; feature++) {
      if (defined(other.count[feature]) > 0) this.#absorbFeature(feature, other, sourceOf);
    }
    const pairs = [
      [this.sumSquares, other.sumSquares],
      [this.sum, other.sum],
      [this.count, other.count],
      [this.l0, other.l0],
      [this.tokensAt, other.tokensAt],
      [this.l0At, other.l0At],
      [this.squaredErrorAt, other.squaredErrorAt],
      [this.sums, other.sums],
    ] as const;
    for (const [into, from] of pairs) addTo(into, from);
    this.tokens += other.tokens;
    this.contexts += other.contexts;
  }

  #absorbFeature(feature: number, other: ScanState, sourceOf: ReadonlyMap<number, number>): void {
    this.#makeRoom(feature, defined(other.strengths.exponent[feature]));
    this.max[feature] = Math.max(defined(this.max[feature]), defined(other.max[feature]));
    const wider =
      defined(this.strengths.exponent[feature]) - defined(other.strengths.exponent[feature]);
    this.strengths.addNarrower(feature, other.strengths, wider);
    for (const hash of other.sketches.of(feature)) this.sketches.add(feature, hash);
    for (let group = 0; group < GROUPS; group++) {
      const isStratum = group >= FIRST_STRATUM && group < SAMPLE;
      const into = isStratum
        ? FIRST_STRATUM + Math.floor((group - FIRST_STRATUM) / 2 ** wider)
        : group;
      for (const firing of other.examples.of(feature, group)) {
        const source = sourceOf.get(firing.source) ?? 0;
        this.examples.offer(feature, into, { ...firing, source });
      }
    }
  }
}

/** The scan of both parts; throws `Mismatch` where they are not of one plan or share a document. */
export function merge(a: ScanState, b: ScanState): ScanState {
  const both = new ScanState(a.plan);
  both.absorb(a);
  both.absorb(b);
  both.finished = a.finished && b.finished;
  return both;
}

function addTo(into: Float64Array, from: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = defined(into[i]) + defined(from[i]);
}
