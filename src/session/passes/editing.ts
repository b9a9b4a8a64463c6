// Edits on an open SAE: from rows of the residual at its hook to the same rows edited, and to their controls. The rows
// are moved here in float64, on the few that change: the directions are rows of W_dec, the lengths come from the SAE's
// own activations and normalisation.

import {
  editedFeatures,
  type EditPlan,
  firstMoved,
  moveRows,
  planEdits,
} from "../../analysis/edits.ts";
import type { Backend, SparseRows, Tensor } from "../../backend/backend.ts";
import { defined } from "../../lib/defined.ts";
import type { Edit } from "../../lib/edits.ts";
import { FacetError } from "../../lib/errors.ts";
import { withScope } from "../../lib/scope.ts";
import { inverseNorm } from "../../sae/decoderNorms.ts";
import type { Encoded, Sae } from "../../sae/sae.ts";

export interface PlannedRows {
  /** The rows as they are, [T, d]. */
  readonly x: Float32Array;
  readonly plan: EditPlan;
  /** The first row that an edit moves; null where none does. */
  readonly first: number | null;
}

export class Editing {
  readonly edits: readonly Edit[];
  /** Number of features edited. */
  readonly slots: number;
  readonly #backend: Backend;
  readonly #sae: Sae;
  readonly #features: readonly number[];
  /** Ŵ_dec of each edited feature, [slots, d]; 0 where a row of W_dec is. */
  readonly #directions: Float64Array;
  /** Length of featureScale_i·W_dec,i. */
  readonly #lengths: Float64Array;

  private constructor(
    backend: Backend,
    sae: Sae,
    edits: readonly Edit[],
    features: readonly number[],
    directions: Float64Array,
    lengths: Float64Array,
  ) {
    this.#backend = backend;
    this.#sae = sae;
    this.edits = edits;
    this.slots = features.length;
    this.#features = features;
    this.#directions = directions;
    this.#lengths = lengths;
  }

  static async open(backend: Backend, sae: Sae, edits: readonly Edit[]): Promise<Editing> {
    const features = editedFeatures(edits);
    const { rows: directions, norms } = await decoderRows(backend, sae, features);
    const d = sae.config.dIn;
    const lengths = norms.slice();
    features.forEach((feature, slot) => {
      const inverse = inverseNorm(defined(norms[slot]));
      if (inverse === null) assertNotSteered(edits, feature);
      for (let j = slot * d; j < (slot + 1) * d; j++) {
        directions[j] = defined(directions[j]) * (inverse ?? 0);
      }
    });
    const scales = await featureScales(backend, sae, features);
    scales.forEach((scale, slot) => (lengths[slot] = defined(lengths[slot]) * scale));
    return new Editing(backend, sae, edits, features, directions, lengths);
  }

  /**
   * @param x rows at consecutive positions from `firstPosition` on.
   * @param residualNorm what steering by 1 adds.
   * @param known x encoded, where it is already.
   */
  async plan(
    x: Tensor,
    firstPosition: number,
    residualNorm: number,
    known?: Encoded,
  ): Promise<PlannedRows> {
    const values = await this.#backend.read(x);
    // Steering asks for no activation.
    const needed = this.edits.some(({ mode }) => mode !== "steer");
    const read = needed ? await this.#readFeatures(x, known) : null;
    const f = read && this.#activations(read.active);
    const plan = planEdits(this.edits, {
      rows: x.rows,
      firstPosition,
      // Without edits that read them, nothing was encoded.
      activation: (row, slot) => (f ? defined(f[row * this.slots + slot]) : 0),
      unit: (row, slot) => defined(this.#lengths[slot]) * (read ? defined(read.undo[2 * row]) : 1),
      steerUnit: residualNorm,
    });
    return { x: values, plan, first: firstMoved(plan) };
  }

  async #readFeatures(
    x: Tensor,
    known: Encoded | undefined,
  ): Promise<{ active: SparseRows; undo: Float32Array }> {
    const encoded = known ?? (await this.#sae.encode(x));
    try {
      return {
        active: await this.#backend.readFeatures(encoded.features),
        undo: await this.#backend.read(encoded.undo),
      };
    } finally {
      if (!known) {
        encoded.features.dispose();
        encoded.undo.dispose();
      }
    }
  }

  /**
   * The rows from `from` on, moved: along the features' own directions, or along others, [slots, d]. The caller's.
   */
  move({ x, plan }: PlannedRows, from: number, directions = this.#directions): Tensor {
    const d = this.#sae.config.dIn;
    const rows = moveRows(x, plan, directions, d, from);
    return this.#backend.tensor(rows, rows.length / d, d);
  }

  /** [T, slots]: raw activations of the edited features. */
  #activations({ rowStart, index, value }: SparseRows): Float64Array {
    const slotOf = new Map(this.#features.map((feature, slot) => [feature, slot]));
    const f = new Float64Array((rowStart.length - 1) * this.slots);
    for (let row = 0; row + 1 < rowStart.length; row++) {
      for (let i = defined(rowStart[row]); i < defined(rowStart[row + 1]); i++) {
        const slot = slotOf.get(defined(index[i]));
        if (slot !== undefined) f[row * this.slots + slot] = defined(value[i]);
      }
    }
    return f;
  }
}

/** Turning a feature that writes nothing up or down moves nothing; steering needs somewhere to go. */
function assertNotSteered(edits: readonly Edit[], feature: number): void {
  if (!edits.some((edit) => edit.feature === feature && edit.mode === "steer")) return;
  throw new FacetError(
    "Unsupported",
    `Steering by feature ${feature}: its row of W_dec is all zeros, so it has no direction. Steer by another feature.`,
  );
}

export interface DecoderRows {
  /** W_dec,i of each feature, [features, d]. */
  readonly rows: Float64Array;
  /** ‖W_dec,i‖. */
  readonly norms: Float64Array;
}

export async function decoderRows(
  backend: Backend,
  sae: Sae,
  features: readonly number[],
): Promise<DecoderRows> {
  if (features.length === 0) return { rows: new Float64Array(0), norms: new Float64Array(0) };
  const { dIn } = sae.config;
  const values = await withScope(async (own) =>
    backend.read(own(backend.gather(sae.decoder.W_dec, Uint32Array.from(features), 1))),
  );
  const rows = Float64Array.from(values);
  const norms = Float64Array.from(features, (_, slot) =>
    Math.sqrt(
      rows.subarray(slot * dIn, (slot + 1) * dIn).reduce((sum, value) => sum + value * value, 0),
    ),
  );
  return { rows, norms };
}

/** What multiplies each feature's f before W_dec. */
export async function featureScales(
  backend: Backend,
  sae: Sae,
  features: readonly number[],
): Promise<number[]> {
  const { featureScale } = sae.decoder;
  if (featureScale === null) return features.map(() => 1);
  const scales = await backend.read(featureScale);
  return features.map((feature) => defined(scales[feature]));
}
