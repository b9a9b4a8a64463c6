// The report that stands behind the place on show, as a file of JSON.

import type { Attribution, Generation, Intervention } from "../../lib/interventions.ts";
import type {
  Analysis,
  Comparison,
  FeatureFacts,
  Provenance,
  Verification,
} from "../../lib/report.ts";
import {
  analysis,
  comparison,
  corpusVerification,
  feature,
  verification,
} from "../../state/queries.ts";
import type { AppStore } from "../../state/actions.ts";
import type { State } from "../../state/store.ts";
import type { ListEntry, Place } from "../../state/view.ts";
import { saveFile } from "./saveFile.ts";

/** The reader's list of features, with what they are called. */
export interface FeatureList extends Provenance {
  readonly schema: "facet.list/1";
  readonly name: string;
  readonly features: readonly (ListEntry & { readonly label: string | null })[];
}

type Exported =
  | Analysis
  | Attribution
  | Comparison
  | FeatureFacts
  | FeatureList
  | Generation
  | Intervention
  | Verification;

export interface ExportFile {
  readonly name: string;
  readonly report: Exported;
}

/**
 * Of the SAE place the corpus run where there is one, else the text's; null where nothing was measured yet.
 * @param shown the feature on show.
 */
export function exportOf(
  { getState, results }: Pick<AppStore, "getState" | "results">,
  shown: number | null,
): ExportFile | null {
  const state = getState();
  const reports: Record<Place, () => Exported | null> = {
    text: () => results.read(analysis).data,
    feature: () => results.read(feature, shown).data,
    find: () => featureList(state),
    compare: () => results.read(comparison).data,
    sae: () => results.read(corpusVerification).data ?? results.read(verification).data,
  };
  const report = reports[state.view.place]();
  return report && fileOf(report);
}

export function fileOf(report: Exported): ExportFile {
  const kind = report.schema.slice("facet.".length).replace("/1", "");
  const of = report.schema === "facet.feature/1" ? `-${report.index}` : "";
  const made = report.schema === "facet.comparison/1" ? report.sides[0].analysis : report;
  return { name: `facet-${kind}${of}-${made.sae.hook}.json`, report };
}

/** null where nothing is open, or the list is empty. */
function featureList({ view, card, labels }: State): FeatureList | null {
  if (card.data === null || view.list.length === 0) return null;
  const came = card.data.sae.labels?.entries;
  return {
    schema: "facet.list/1",
    ...card.data.provenance,
    name: view.listName,
    features: view.list.map((entry) => ({
      ...entry,
      label: labels.own[entry.feature] ?? came?.[entry.feature]?.label ?? null,
    })),
  };
}

export const saveJson = (name: string, report: object): void =>
  saveFile(name, JSON.stringify(report, null, 1), "application/json");
