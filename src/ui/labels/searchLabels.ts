// Features by the text of their labels. Pure.

import type { Labels } from "../../lib/openCard.ts";
import type { ReaderLabels } from "../../state/store.ts";

export interface Labelled {
  readonly feature: number;
  readonly label: string;
}

/** One label a feature: the reader's own first, then the one that came with the SAE, then Neuronpedia's. */
export function allLabels(reader: ReaderLabels, bundled: Labels | null): Labelled[] {
  const found = new Map<number, string>();
  for (const [feature, { text }] of Object.entries(reader.neuronpedia)) {
    found.set(Number(feature), text);
  }
  for (const [feature, { label }] of Object.entries(bundled?.entries ?? {})) {
    found.set(Number(feature), label);
  }
  for (const [feature, label] of Object.entries(reader.own)) found.set(Number(feature), label);
  return [...found]
    .map(([feature, label]) => ({ feature, label }))
    .toSorted((a, b) => a.feature - b.feature);
}

const words = (text: string): string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]+/gu) ?? [];

/** Those with every word of the query; first where the words begin words of the label, then by number. */
export function searchLabels(labels: readonly Labelled[], query: string): Labelled[] {
  const wanted = words(query);
  return labels
    .map((entry) => {
      const text = entry.label.toLowerCase();
      const parts = words(entry.label);
      const all = wanted.every((word) => text.includes(word));
      const begins = wanted.every((word) => parts.some((part) => part.startsWith(word)));
      return { entry, rank: !all ? 2 : begins ? 0 : 1 };
    })
    .filter(({ rank }) => rank < 2)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
}
