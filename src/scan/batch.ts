// What a scan is given at a time: contexts laid end to end, which features fired on their tokens, and where each of their
// rows stands in the corpus.

import { defined } from "../lib/defined.ts";
import { FacetError } from "../lib/errors.ts";
import type { FeatureRows } from "./byFeature.ts";
import { hashText, hashToken } from "./hash.ts";
import { leadOf, type ScanPlan } from "./settings.ts";
import type { Sources } from "./sources.ts";

/** One context of a batch: a run of a document's tokens, with BOS in front where the plan says so. */
export interface ContextPlace {
  /** Name of the file that the document stands in. */
  readonly source: string;
  readonly document: number;
  /** Which token of the document comes first, BOS not counted. */
  readonly start: number;
  /** Rows, BOS included. */
  readonly length: number;
}

export interface ScanBatch {
  /** Laid end to end. */
  readonly contexts: readonly ContextPlace[];
  /** Documents without a text that lie between them, by the name of their source. */
  readonly withoutText?: ReadonlyMap<string, number>;
  /** Token ids as they ran, [T]. */
  readonly ids: Uint32Array;
  readonly features: FeatureRows;
  /** ‖x − x̂‖², [T]. */
  readonly squaredError: Float32Array;
}

/**
 * `Unsupported` where a token's strength or error is no finite number: it would stand in the sums for good.
 * @param fold raw → folded, [d_sae].
 */
export function assertFinite(
  { contexts, features: { rowStart, index, value }, squaredError }: ScanBatch,
  fold: Float64Array,
  { subject }: ScanPlan,
): void {
  const lead = leadOf(subject);
  let begin = 0;
  for (const { source, document, start, length } of contexts) {
    // Of BOS nothing is added.
    for (let row = begin + lead; row < begin + length; row++) {
      let finite = Number.isFinite(defined(squaredError[row]));
      const end = defined(rowStart[row + 1]);
      for (let pair = defined(rowStart[row]); pair < end; pair++) {
        // Strengths are kept as float32.
        const folded = Math.fround(defined(value[pair]) * defined(fold[defined(index[pair])]));
        finite &&= Number.isFinite(folded);
      }
      if (finite) continue;
      throw new FacetError(
        "Unsupported",
        `Scanning token ${start + row - begin - lead} of document ${document} in ${source}: sums overflowed 32-bit floats there, and no strength is known. Leave the document out, or scan with another model or SAE.`,
      );
    }
    begin += length;
  }
}

/** Where each row of a batch stands. */
export class Rows {
  /** BOS tokens in front of each context. */
  readonly #lead: number;
  /** Of each context, and the end of the last: [contexts + 1]. */
  readonly #starts: Uint32Array;
  /** Which context a row is in, [T]. */
  readonly context: Uint32Array;
  /** 1 for all but BOS, [T]. */
  readonly counted: Uint8Array;
  /** Of each row's token, [T]. */
  readonly hash: Uint32Array;
  /** Number of each context's source. */
  readonly source: readonly number[];

  constructor(
    { contexts, ids, withoutText = new Map() }: ScanBatch,
    sources: Sources,
    { subject, settings }: ScanPlan,
  ) {
    const rows = ids.length;
    const lead = leadOf(subject);
    this.#lead = lead;
    this.#starts = new Uint32Array(contexts.length + 1);
    this.context = new Uint32Array(rows);
    this.counted = new Uint8Array(rows).fill(1);
    this.hash = new Uint32Array(rows);
    this.source = contexts.map(({ source }) => sources.number(source));
    for (const [source, documents] of withoutText) sources.pass(sources.number(source), documents);
    let row = 0;
    contexts.forEach(({ source, document, start, length }, i) => {
      sources.add(defined(this.source[i]), document);
      const stem = hashText(source) ^ settings.seed;
      this.#starts[i] = row;
      this.counted.fill(0, row, row + lead);
      this.context.fill(i, row, row + length);
      for (let t = lead; t < length; t++)
        this.hash[row + t] = hashToken(stem, document, start + t - lead);
      row += length;
    });
    this.#starts[contexts.length] = row;
  }

  /** Row of the context's first token after BOS. */
  begin(context: number): number {
    return defined(this.#starts[context]) + this.#lead;
  }

  end(context: number): number {
    return defined(this.#starts[context + 1]);
  }
}
