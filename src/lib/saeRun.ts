// How an SAE is run, beyond what its provenance says: what code that repeats its numbers elsewhere has to know.

export interface SaeRun {
  /** What cfg.json calls the architecture; null where it names none. */
  readonly namedArchitecture: string | null;
  readonly normalization:
    | "none"
    | "expected_average_only_in"
    | "constant_norm_rescale"
    | "layer_norm";
  /** The s of expected_average_only_in that is folded into the weights; null: they run as they stand. */
  readonly normScalingFactor: number | null;
  /** Activations carry ‖W_dec,i‖ already, and decode divides it out. */
  readonly rescaleActsByDecoderNorm: boolean;
  /** The file's scaling_factor multiplies f before W_dec. */
  readonly scalesFeatures: boolean;
  /** What the configuration says; the tokens that were run say what was done. */
  readonly prependBos: boolean;
}
