// Which SAE reads the edited stream: those that can, and the one that does. Pure.

import type { Catalog, CatalogSae } from "../lib/report.ts";
import { needsConsent } from "./consent.ts";
import type { State } from "./store.ts";
import type { View } from "./view.ts";

type Known = Pick<State, "view" | "catalog" | "card">;

/** The layer in a hook's name; −1 where it has none. */
const layerOf = (hook: string): number => Number(/^blocks\.(\d+)\./.exec(hook)?.[1] ?? -1);

/** Those of the catalogue that read the open SAE's hook or one behind it, the open one left out, nearest first. */
export function downstreamChoices({ view, catalog, card }: Known): readonly CatalogSae[] {
  const edited = layerOf(card.data?.provenance.sae.hook ?? "");
  return ofModel(catalog, view)
    .filter(({ key, hook }) => key !== view.sae && layerOf(hook) >= edited)
    .toSorted((a, b) => layerOf(a.hook) - layerOf(b.hook));
}

const ofModel = (catalog: Catalog | null, { model }: View): readonly CatalogSae[] =>
  catalog?.saes.filter((sae) => sae.model === model) ?? [];

/** The view's; else the deepest that asks for no download, since edits reach most there; else the open one itself. */
export function chosenDownstream(known: Known): string {
  const { view } = known;
  if (view.downstream !== null) return view.downstream;
  const atHand = downstreamChoices(known).filter(({ key }) => !needsConsent({ ...view, sae: key }));
  return atHand.at(-1)?.key ?? view.sae;
}
