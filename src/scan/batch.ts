// What a scan is given at a time: contexts laid end to end, which features fired on their tokens, and where each of their
// rows stands in the corpus.

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
  /** Token ids as they ran, [T]. */
  readonly ids: Uint32Array;
  readonly features: FeatureRows;
  /** ‖x − x̂‖², [T]. */
  readonly squaredError: Float32Array;
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

  constructor({ contexts, ids }: ScanBatch, sources: Sources, { subject, settings }: ScanPlan) {
    const rows = ids.length;
    const lead = leadOf(subject);
    this.#lead = lead;
    this.#starts = new Uint32Array(contexts.length + 1);
    this.context = new Uint32Array(rows);
    this.counted = new Uint8Array(rows).fill(1);
    this.hash = new Uint32Array(rows);
    this.source = contexts.map(({ source }) => sources.number(source));
    let row = 0;
    contexts.forEach(({ source, document, start, length }, i) => {
      sources.add(this.source[i] ?? 0, document);
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
    return (this.#starts[context] ?? 0) + this.#lead;
  }

  end(context: number): number {
    return this.#starts[context + 1] ?? 0;
  }
}
