// The code for SAELens as data: steps, each with one meaning. `python.ts` writes them down as Python; tests compute them
// in float64 from the files, so that what the code prints is held against what the page shows.

import type { Edit } from "../../lib/edits.ts";
import type { QuantFormat } from "../../lib/quantize.ts";
import type { GeluKind, MetricName } from "../../lib/report.ts";
import type { Controls } from "./request.ts";

/** Where files are read from. */
export type Files =
  | { readonly from: "bundle"; readonly folder: string; readonly revision: string }
  /** A folder that the reader picked: nobody else knows where it is. */
  | { readonly from: "disk"; readonly name: string }
  | {
      readonly from: "hub";
      readonly repo: string;
      readonly revision: string;
      /** In the repository; empty: its root. */
      readonly folder: string;
      /** null: the public hub. */
      readonly endpoint: string | null;
    };

/** The SAE on show, and the one it is compared with. */
export type Which = "sae" | "other";
/** Streams at the hook: as it is, with x̂ at the positions that count, with the edits, of zeros. */
export type Stream = "clean" | "spliced" | "edited" | "zeroed";

export type Value =
  /** Number of active features, [T]. */
  | { readonly of: "l0" | "squaredError"; readonly sae: Which }
  /** One feature's activation, [T]. */
  | {
      readonly of: "feature";
      readonly sae: Which;
      readonly feature: number;
      readonly units: "folded" | "raw";
    }
  /** One number over the positions that count. */
  | { readonly of: "metric"; readonly sae: Which; readonly metric: MetricName }
  /** CE of each next token, [T − 1]. */
  | { readonly of: "ce"; readonly stream: Stream }
  /** CE with the edits less CE without them, [T − 1]. */
  | { readonly of: "deltaCe" }
  /** KL(clean ‖ stream), [T]. */
  | { readonly of: "kl"; readonly stream: Stream }
  /** Mean KL(clean ‖ edited) over the positions that count; z against the controls'. */
  | { readonly of: "effect" | "controls" | "z" }
  /** Ids and probabilities of the 20 most likely tokens behind a position. */
  | { readonly of: "next"; readonly stream: Stream; readonly position: number }
  /** Ids and values of a feature's ten largest (or smallest) logits. */
  | {
      readonly of: "lens";
      readonly feature: number;
      readonly end: "top" | "bottom";
      readonly finalNorm: boolean;
    }
  /** The ten features whose decoder rows are nearest, and their cosines. */
  | { readonly of: "neighbours"; readonly feature: number }
  /** The ten features with the largest logits of a token, and the logits. */
  | { readonly of: "tokenLogits"; readonly id: number; readonly finalNorm: boolean }
  /** The strongest features on ordinary tokens, their nearest rows of the other decoder, and the cosines. */
  | { readonly of: "matches"; readonly sae: Which };

export interface ModelStep {
  readonly step: "model";
  readonly files: Files;
  readonly gelu: GeluKind;
  /** Every matrix is kept so, the embedding too; null: as the file has it. */
  readonly rounding: QuantFormat | null;
}

export interface SaeStep {
  readonly step: "sae";
  readonly sae: Which;
  readonly files: Files;
  /** Run as this, whatever cfg.json calls it; null: as it says. */
  readonly architecture: "jumprelu" | null;
  /** The file's scaling_factor multiplies f before W_dec. */
  readonly scaled: boolean;
  /** s that is folded into the weights; null: none. */
  readonly factor: number | null;
  /** What folds an activation: the decoder's norm, or nothing where the activation carries it. */
  readonly norms: "decoder" | "none";
}

export type Step =
  | { readonly step: "note"; readonly text: string }
  | ModelStep
  /** The other version of GELU on the model that is open. */
  | { readonly step: "gelu"; readonly gelu: GeluKind }
  | SaeStep
  | {
      readonly step: "tokens";
      readonly ids: readonly number[];
      /** Whether position t counts: 1 or 0. */
      readonly counted: readonly (0 | 1)[];
      /** Whether it holds no special token. */
      readonly ordinary: readonly (0 | 1)[];
    }
  /** x at the hook, its activations, x̂. */
  | {
      readonly step: "encode";
      readonly sae: Which;
      readonly layer: number;
      readonly scaled: boolean;
    }
  | { readonly step: "splice" | "zero"; readonly sae: Which; readonly layer: number }
  | {
      readonly step: "edit";
      readonly layer: number;
      readonly scaled: boolean;
      readonly edits: readonly Edit[];
      readonly controls: Controls;
    }
  | { readonly step: "print"; readonly label: string; readonly value: Value };
