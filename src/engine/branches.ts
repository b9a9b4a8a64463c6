// The blocks after the SAE's hook, run once for a text's own stream and then, for streams that differ from it from some
// position on, only for the rows that differ: what comes before is read from the cached keys and values.

import type { CachedContext, Tensor } from "../backend/backend.ts";
import type { JobOptions } from "../lib/progress.ts";
import { withScope } from "../lib/scope.ts";
import { ForwardCache, runCachedBlocks } from "../model/cachedForward.ts";
import { finalNorm } from "../model/forward.ts";
import type { Session } from "./session.ts";

/** Rows at the hook, one for each position from `from` on, in the place of the text's own. */
export interface Branch {
  readonly from: number;
  readonly rows: Tensor;
}

/** Rows of branches that run as one batch, where one branch alone is not longer. */
const BATCH_ROWS = 1024;

export class Trunk {
  /** After the last block, before the final norm: [T, d_model]. */
  readonly last: Tensor;
  /** After the final norm. */
  readonly normed: Tensor;
  readonly #session: Session;
  readonly #tokens: number;
  readonly #cache: ForwardCache;

  private constructor(session: Session, cache: ForwardCache, last: Tensor, normed: Tensor) {
    this.#session = session;
    this.#cache = cache;
    this.#tokens = last.rows;
    this.last = last;
    this.normed = normed;
  }

  /** @param x resid_post of the SAE's layer, [T, d_model]; the caller's. */
  static async run(session: Session, x: Tensor, options: JobOptions): Promise<Trunk> {
    const { gemma } = session.model;
    const from = session.sae.sae.config.layer + 1;
    const room = x.rows + Math.max(BATCH_ROWS, x.rows);
    const cache = new ForwardCache(gemma, from, gemma.config.layers, room);
    const contexts = [{ shared: 0, first: 0, past: 0, rows: x.rows }];
    let last: Tensor | null = null;
    try {
      last = await runCachedBlocks(gemma, x, contexts, cache, options);
      return new Trunk(session, cache, last, await finalNorm(gemma, last, options));
    } catch (error) {
      last?.dispose();
      cache.dispose();
      throw error;
    }
  }

  /**
   * Each branch's rows after the final norm, end to end in one tensor, which is the caller's. Together they hold no more
   * rows than `batches` puts together.
   */
  async branch(branches: readonly Branch[], options: JobOptions): Promise<Tensor> {
    const { backend, model } = this.#session;
    let first = this.#tokens;
    const contexts = branches.map(({ from, rows }): CachedContext => {
      const context = { shared: from, first, past: 0, rows: rows.rows };
      first += rows.rows;
      return context;
    });
    return withScope(async (own) => {
      const x = own(backend.concatRows(branches.map(({ rows }) => rows)));
      const out = own(await runCachedBlocks(model.gemma, x, contexts, this.#cache, options));
      return finalNorm(model.gemma, out, options);
    });
  }

  dispose(): void {
    for (const held of [this.last, this.normed, this.#cache]) held.dispose();
  }
}

/** How many branches of `rows` rows each may run as one batch. */
export const branchesTogether = (rows: number): number =>
  Math.max(1, Math.floor(BATCH_ROWS / rows));
