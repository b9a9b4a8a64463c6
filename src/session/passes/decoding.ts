// Token by token from a text on: the text's own stream and, beside it, the edited one, as a batch of two over one cache.
// What to take as the next token is the caller's choice.

import type { CachedContext, Tensor } from "../../backend/backend.ts";
import type { JobOptions } from "../../lib/progress.ts";
import { withScope } from "../../lib/scope.ts";
import { ForwardCache, runCachedBlocks } from "../../model/cachedForward.ts";
import { embed, finalNorm } from "../../model/forward.ts";
import type { Editing } from "./editing.ts";
import { unembed } from "./logits.ts";
import { meanNorm } from "./norms.ts";
import type { Session } from "../session.ts";

/** Where a stream's own rows are in the caches of the blocks before and after the hook. */
interface Place {
  before: CachedContext;
  after: CachedContext;
}

export interface Started {
  readonly decoding: Decoding;
  /** Behind the text, [V] of each stream: the text's own, then the edited one where there are edits. */
  readonly logits: Float32Array[];
  readonly residualNorm: number;
}

export class Decoding {
  readonly #session: Session;
  readonly #editing: Editing | null;
  readonly #residualNorm: number;
  readonly #before: ForwardCache;
  readonly #after: ForwardCache;
  readonly #places: Place[];
  #position: number;

  private constructor(parts: {
    session: Session;
    editing: Editing | null;
    residualNorm: number;
    before: ForwardCache;
    after: ForwardCache;
    places: Place[];
    position: number;
  }) {
    this.#session = parts.session;
    this.#editing = parts.editing;
    this.#residualNorm = parts.residualNorm;
    this.#before = parts.before;
    this.#after = parts.after;
    this.#places = parts.places;
    this.#position = parts.position;
  }

  /** Runs the text. @param room tokens that may follow. */
  static async start(
    session: Session,
    input: { readonly ids: Uint32Array; readonly special: readonly boolean[] },
    editing: Editing | null,
    room: number,
    options: JobOptions,
  ): Promise<Started> {
    const { backend, model, sae } = session;
    const { gemma } = model;
    const T = input.ids.length;
    const hook = sae.sae.config.layer + 1;
    // The text's rows, then each stream's own: the edited one may leave the text at its first position.
    const before = new ForwardCache(gemma, 0, hook, T + 2 * room);
    const after = new ForwardCache(gemma, hook, gemma.config.layers, 2 * (T + room));
    const text = [{ shared: 0, first: 0, past: 0, rows: T }];
    try {
      return await withScope(async (own) => {
        const x0 = own(await embed(gemma, { ids: input.ids, contexts: [T] }, options));
        const x = own(await runCachedBlocks(gemma, x0, text, before, options));
        const residualNorm = await meanNorm(session, x, input.special);
        const out = own(await runCachedBlocks(gemma, x, text, after, options));
        const ends = [own(backend.sliceRows(out, T - 1, T))];
        const going = { shared: T, first: T, past: 0, rows: 1 };
        const places: Place[] = [{ before: going, after: going }];
        if (editing) {
          const first = await branchOff(editing);
          places.push({
            before: { ...going, first: T + room },
            after: { shared: first, first: T + room, past: T - first, rows: 1 },
          });
        }
        const decoding = new Decoding({
          session,
          editing,
          residualNorm,
          before,
          after,
          places,
          position: T,
        });
        const rows = own(backend.concatRows(ends));
        return { decoding, logits: await decoding.#logits(rows, options), residualNorm };

        /** Runs the edited end of the text; the position at which it begins. */
        async function branchOff(edits: Editing): Promise<number> {
          const planned = await edits.plan(x, 0, residualNorm);
          const first = planned.first ?? T;
          if (planned.first === null) {
            ends.push(own(backend.sliceRows(out, T - 1, T)));
            return first;
          }
          const context = { shared: first, first: T + room, past: 0, rows: T - first };
          const moved = own(edits.move(planned, first));
          const end = own(await runCachedBlocks(gemma, moved, [context], after, options));
          ends.push(own(backend.sliceRows(end, T - first - 1, T - first)));
          return first;
        }
      });
    } catch (error) {
      before.dispose();
      after.dispose();
      throw error;
    }
  }

  /** A token more for each stream: the logits behind it, [V] of each. */
  async step(ids: readonly number[], options: JobOptions): Promise<Float32Array[]> {
    const { gemma } = this.#session.model;
    return withScope(async (own) => {
      const batch = { ids: Uint32Array.from(ids), contexts: ids.map(() => 1) };
      const x0 = own(await embed(gemma, batch, options));
      const contexts = (part: keyof Place): CachedContext[] =>
        this.#places.map((place) => place[part]);
      const x = own(await runCachedBlocks(gemma, x0, contexts("before"), this.#before, options));
      const edited = own(await this.#edit(x));
      const out = own(
        await runCachedBlocks(gemma, edited, contexts("after"), this.#after, options),
      );
      const further = (one: CachedContext): CachedContext => ({ ...one, past: one.past + 1 });
      for (const place of this.#places) {
        place.before = further(place.before);
        place.after = further(place.after);
      }
      this.#position++;
      return this.#logits(out, options);
    });
  }

  dispose(): void {
    this.#before.dispose();
    this.#after.dispose();
  }

  /** The rows at the hook, the last of them edited where there are edits. */
  async #edit(x: Tensor): Promise<Tensor> {
    const { backend } = this.#session;
    const editing = this.#editing;
    if (!editing) return backend.sliceRows(x, 0, x.rows);
    return withScope(async (own) => {
      const clean = own(backend.sliceRows(x, 0, x.rows - 1));
      const row = own(backend.sliceRows(x, x.rows - 1, x.rows));
      const planned = await editing.plan(row, this.#position, this.#residualNorm);
      return backend.concatRows([clean, own(editing.move(planned, 0))]);
    });
  }

  async #logits(rows: Tensor, options: JobOptions): Promise<Float32Array[]> {
    return withScope(async (own) => {
      const normed = own(await finalNorm(this.#session.model.gemma, rows, options));
      return (await unembed(this.#session, { rows: normed }, options)).logits;
    });
  }
}
