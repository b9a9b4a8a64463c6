// What Verify sums over tokens, one batch at a time: a text's, a corpus' or a scan's.

import { Loss, type PositionLoss } from "../../analysis/loss.ts";
import { positionMask } from "../../analysis/mask.ts";
import { Reconstruction } from "../../analysis/reconstruction.ts";
import type { SparseRows } from "../../backend/backend.ts";
import type { JobOptions } from "../../lib/progress.ts";
import type { Mask, Metrics } from "../../lib/report.ts";
import { withScope } from "../../lib/scope.ts";
import type { Batch } from "../../model/forward.ts";
import { isSpecial } from "../input.ts";
import { type HookPass, hookPass, lossPass, rowCounts } from "./pass.ts";
import type { Session } from "../session.ts";

/** What one batch brings back for the sums. */
export interface Measured {
  readonly x: Float32Array;
  readonly xHat: Float32Array;
  readonly features: SparseRows;
  readonly mask: Uint8Array;
  /** null where the pass was asked for without the loss. */
  readonly losses: PositionLoss[] | null;
}

export async function measure(
  session: Session,
  batch: Batch,
  mask: Mask,
  withLoss: boolean,
  options: JobOptions,
): Promise<Measured> {
  return withScope(async (own) => {
    const pass = own(await hookPass(session, batch, options));
    const measured = await measurePass(session, batch, pass, mask, withLoss, options);
    return { ...measured, features: await session.backend.readFeatures(pass.encoded.features) };
  });
}

/** The same of a pass that was made, and stays the caller's; who has read its features need not read them again. */
export async function measurePass(
  session: Session,
  batch: Batch,
  pass: HookPass,
  mask: Mask,
  withLoss: boolean,
  options: JobOptions,
): Promise<Omit<Measured, "features">> {
  const { backend, model } = session;
  const special = Array.from(batch.ids, (id) => isSpecial(model, id));
  const counted = positionMask(mask, special);
  const losses = withLoss ? await lossPass(session, batch, pass, counted, options) : null;
  const x = await backend.read(pass.x);
  const xHat = await backend.read(pass.xHat);
  return { x, xHat, mask: counted, losses };
}

export class VerifySums {
  readonly reconstruction: Reconstruction;
  readonly #loss: Loss;

  /** Numbers that are kept. */
  static size = (dIn: number): number => Reconstruction.size(dIn) + Loss.size;

  /** @param sums where they are kept, [size]; they add up. */
  constructor(
    dIn: number,
    vocab: number,
    sums: Float64Array = new Float64Array(VerifySums.size(dIn)),
  ) {
    const split = Reconstruction.size(dIn);
    this.reconstruction = new Reconstruction(dIn, sums.subarray(0, split));
    this.#loss = new Loss(vocab, sums.subarray(split));
  }

  add({ x, xHat, features, mask, losses }: Measured): void {
    this.reconstruction.add(x, xHat, rowCounts(features), mask);
    if (losses) this.#loss.add(losses, mask);
  }

  metrics(explainedVarianceLegacy: number | null): Metrics {
    return { ...this.reconstruction.metrics(), explainedVarianceLegacy, ...this.#loss.metrics() };
  }
}
