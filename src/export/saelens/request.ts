// What the code for SAELens has to reproduce, as plain data: which model and SAE, how they are run, on which token ids,
// and which numbers of which place are on show. Where it comes from is the page's business.

import type { Edit } from "../../lib/edits.ts";
import type { Mask, Provenance } from "../../lib/report.ts";
import type { SaeRun } from "../../lib/saeRun.ts";

/** One SAE on a model. */
export interface Side {
  readonly provenance: Provenance;
  readonly run: SaeRun;
}

export interface CodeToken {
  readonly id: number;
  /** pad, eos, bos or unk. */
  readonly special: boolean;
}

export interface Controls {
  readonly count: number;
  readonly seed: number;
}

export interface CodeRequest {
  readonly place: "text" | "feature" | "find" | "sae" | "compare";
  readonly side: Side;
  /** What the SAE is compared with; null: nothing, or nothing yet. */
  readonly other: Side | null;
  /** The hub that repositories are read from; null: the public one. */
  readonly endpoint: string | null;
  /** As they were run; null where no text was. */
  readonly tokens: readonly CodeToken[] | null;
  readonly mask: Mask;
  readonly units: "folded" | "raw";
  readonly feature: number | null;
  readonly list: readonly { readonly feature: number; readonly note: string }[];
  /** Whether tokens are coloured by the loss. */
  readonly lossByToken: boolean;
  /** Those that are on. */
  readonly edits: readonly Edit[];
  readonly controls: Controls;
  /** The pinned token, whose next tokens are shown; null: none is pinned. */
  readonly position: number | null;
  /** The token that features are looked for by, and through which logit lens. */
  readonly promotes: { readonly id: number; readonly finalNorm: boolean } | null;
}
