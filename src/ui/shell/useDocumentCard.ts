// Keeps the document's title and description those of the view. The addresses that a host hands out cannot differ by
// fragment, so cards made from the file alone (og: tags) stay those of index.html.

import { useEffect } from "react";
import { feature as featureQuery } from "../../state/queries.ts";
import { useApp } from "../shared/app.ts";
import { useAnalysis, useKnown } from "../shared/result.ts";
import { useCurrentFeature, useLabel } from "../tokens/shown.ts";
import { shareCard, type ShareCard } from "./shareCard.ts";

export function useShareCard(): ShareCard {
  const feature = useCurrentFeature();
  const label = useLabel(feature)?.label ?? null;
  const { data: analysis } = useAnalysis();
  // What is known of it already; the places that show it ask for it.
  const { data } = useKnown(featureQuery, feature);
  const report = data?.index === feature ? data : null;
  const known = { analysis, feature, report, label };
  const title = useApp((state) => shareCard(state, known).title);
  const description = useApp((state) => shareCard(state, known).description);
  return { title, description };
}

export function useDocumentCard(): void {
  const { title, description } = useShareCard();
  useEffect(() => {
    document.title = title;
    for (const element of document.querySelectorAll(
      "meta[name=description], meta[property='og:description']",
    ))
      element.setAttribute("content", description);
    document.querySelector("meta[property='og:title']")?.setAttribute("content", title);
  }, [title, description]);
}
