// The report that stands behind the place on show, as a file of JSON.

import type { Analysis, FeatureFacts, SelfCheck, Verification } from "../../lib/report.ts";
import type { State } from "../../state/store.ts";

export type Exported = Analysis | FeatureFacts | Verification;

export interface ExportFile {
  readonly name: string;
  readonly report: Exported;
}

/** Of the SAE place the corpus run where there is one, else the text's; null where nothing was measured yet. */
export function exportOf(state: State): ExportFile | null {
  const { view, analysis, feature, verification, corpusVerification } = state;
  const report =
    view.place === "text"
      ? analysis.data
      : view.place === "feature"
        ? feature.data
        : (corpusVerification.data ?? verification.data);
  if (report === null) return null;
  const kind = report.schema.slice("facet.".length).replace("/1", "");
  const of = report.schema === "facet.feature/1" ? `-${report.index}` : "";
  return { name: `facet-${kind}${of}-${report.sae.hook}.json`, report };
}

export function saveJson(name: string, report: Exported | SelfCheck): void {
  const url = URL.createObjectURL(
    new Blob([JSON.stringify(report, null, 1)], { type: "application/json" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
