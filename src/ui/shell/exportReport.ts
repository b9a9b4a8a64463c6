// The report that stands behind the place on show, as a file of JSON.

import type { Attribution, Generation, Intervention } from "../../lib/interventions.ts";
import type {
  Analysis,
  Comparison,
  FeatureFacts,
  Provenance,
  Verification,
} from "../../lib/report.ts";
import type { State } from "../../state/store.ts";
import type { ListEntry } from "../../state/view.ts";
import { saveFile } from "../shared/saveFile.ts";

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

/** Of the SAE place the corpus run where there is one, else the text's; null where nothing was measured yet. */
export function exportOf(state: State): ExportFile | null {
  const { view, analysis, feature, verification, corpusVerification, comparison } = state;
  const report =
    view.place === "text"
      ? analysis.data
      : view.place === "feature"
        ? feature.data
        : view.place === "find"
          ? featureList(state)
          : view.place === "compare"
            ? comparison.data
            : (corpusVerification.data ?? verification.data);
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
