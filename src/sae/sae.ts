// An SAE on a backend: encode and decode as docs/maths.md §3 has them, for every architecture and normalisation.
// It knows no model; the hook's name is where they meet.

import type {
  Backend,
  Decoder,
  Encoder,
  Features,
  RowNormalization,
  Tensor,
} from "../backend/backend.ts";
import type { SaeConfig } from "../formats/saeConfig.ts";
import { defined } from "../lib/defined.ts";
import { inverseNorm } from "./decoderNorms.ts";

export interface Encoded {
  readonly features: Features;
  /** [T, 2]: how `decode` comes back from the SAE's normalised space. */
  readonly undo: Tensor;
}

export class Sae {
  readonly config: SaeConfig;
  /** ‖W_dec,i‖ of the rows as they stand in the file, [d_sae]. */
  readonly rowNorms: Float64Array;
  /** The same of the decoder as it is used: folding the s of expected_average_only_in leaves W_dec/s. */
  readonly decoderNorms: Float64Array;
  readonly decoder: Decoder;
  readonly #backend: Backend;
  readonly #encoder: Encoder;
  readonly #normalization: RowNormalization;

  constructor(parts: {
    backend: Backend;
    config: SaeConfig;
    encoder: Encoder;
    decoder: Decoder;
    normalization: RowNormalization;
    rowNorms: Float64Array;
  }) {
    this.#backend = parts.backend;
    this.config = parts.config;
    this.#encoder = parts.encoder;
    this.decoder = parts.decoder;
    this.#normalization = parts.normalization;
    this.rowNorms = parts.rowNorms;
    const folded = parts.normalization.kind === "scale" ? parts.normalization.factor : 1;
    this.decoderNorms = parts.rowNorms.map((norm) => norm / folded);
  }

  /** The same on a backend that stands in for its own, as when it precompiles. */
  on(backend: Backend): Sae {
    return new Sae({
      backend,
      config: this.config,
      encoder: this.#encoder,
      decoder: this.decoder,
      normalization: this.#normalization,
      rowNorms: this.rowNorms,
    });
  }

  /** x [T, d_in] → active features. */
  async encode(x: Tensor): Promise<Encoded> {
    const subtract = this.config.applyBDecToInput ? this.decoder.b_dec : null;
    const { rows, undo } = this.#backend.normalizeRows(x, this.#normalization, subtract);
    const features = await this.#backend.encode(rows, this.#encoder);
    rows.dispose();
    return { features, undo };
  }

  /** x̂ [T, d_in]. */
  decode({ features, undo }: Encoded): Tensor {
    return this.#backend.decode(features, this.decoder, undo);
  }

  /** folded = raw · this: the decoder norm, or 1 where the activations carry it already. */
  foldFactor(feature: number): number {
    return this.config.rescaleActsByDecoderNorm ? 1 : defined(this.decoderNorms[feature]);
  }

  /** What makes a feature's row of W_dec a unit vector; null where it has no direction. */
  inverseNorm(feature: number): number | null {
    return inverseNorm(defined(this.rowNorms[feature]));
  }

  dispose(): void {
    this.#encoder.W_enc.dispose();
    this.#encoder.affine.dispose();
    this.decoder.W_dec.dispose();
    this.decoder.b_dec.dispose();
    this.decoder.featureScale?.dispose();
  }
}
