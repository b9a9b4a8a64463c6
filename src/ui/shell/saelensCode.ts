// What the page shows as the request that the code for SAELens is written from.

import type { CodeRequest, Side } from "../../export/saelens/request.ts";
import type { Analysis, Comparison } from "../../lib/report.ts";
import { CONTROLS, SEED } from "../../state/queries.ts";
import { editsOn } from "../../state/editList.ts";
import type { Loadable, State } from "../../state/store.ts";

/** What of the page's state decides the code. */
type Shown = Pick<State, "view" | "card"> & {
  readonly analysis: Loadable<Analysis>;
  readonly comparison: Loadable<Comparison>;
};

/** null while what the code would reproduce is not there, or is of another text. */
export function codeRequest({ card, analysis, comparison, view }: Shown): CodeRequest | null {
  if (card.data === null || card.running || analysis.running || analysis.stale) return null;
  // A text that could not be run (no tokenizer) leaves the parts that need none.
  if (analysis.data === null && analysis.error === null) return null;
  const { provenance, saeRun } = card.data;
  const tokens = analysis.data?.tokens ?? null;
  return {
    place: view.place,
    side: { provenance, run: saeRun },
    other: otherSide(comparison),
    endpoint: view.endpoint,
    tokens,
    mask: view.mask,
    units: view.units,
    feature: view.feature,
    list: view.list,
    lossByToken: view.colour === "ce",
    edits: editsOn(view.edits),
    controls: { count: CONTROLS, seed: SEED },
    position: view.token !== null && view.token < (tokens?.length ?? 0) ? view.token : null,
    promotes:
      view.promotes === null ? null : { id: view.promotes, finalNorm: view.lensNorm === "with" },
  };
}

function otherSide({ data, stale }: Shown["comparison"]): Side | null {
  if (data === null || stale) return null;
  const { analysis, saeRun } = data.sides[1];
  return { provenance: analysis, run: saeRun };
}
