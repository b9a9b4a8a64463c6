// What a link to this view shows: a title and a sentence or two, from what is on show. Pure; labels and names are
// hostile text and are made visible. The title has nothing of the reader's text, since browsers keep titles elsewhere.

import type { Analysis, FeatureFacts } from "../../lib/report.ts";
import type { State } from "../../state/store.ts";
import type { Place } from "../../state/view.ts";
import { count, number } from "../shared/format.ts";
import { visibleText } from "../shared/visible.ts";

export interface ShareCard {
  readonly title: string;
  readonly description: string;
}

/** Characters of a text or a label that a card has room for. */
const MOST = 90;

function excerpt(text: string): string {
  // A text may have megabytes; a character is shown as eight at most.
  const line = visibleText(text.slice(0, 4 * MOST))
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length <= MOST ? line : `${line.slice(0, MOST).trimEnd()}…`;
}

type Describe = (state: State, names: { sae: string; model: string }) => ShareCard;

/** What is known of what is on show. */
export interface Known {
  readonly analysis: Analysis | null;
  /** The feature on show, its report and its label. */
  readonly feature: number | null;
  readonly report: FeatureFacts | null;
  readonly label: string | null;
}

export function shareCard(state: State, known: Known): ShareCard {
  const { view, card } = state;
  const names = {
    sae: excerpt(view.sae),
    model: excerpt(card.data?.model.name ?? view.model),
  };
  const describe: Record<Place, Describe> = {
    text: (of, named) => ofText(of, named, known.analysis),
    feature: (_, named) => ofFeature(named, known),
    find: ofFind,
    sae: ofSae,
    compare: ofCompare,
  };
  return describe[view.place](state, names);
}

function ofText(
  { view }: State,
  { sae, model }: { sae: string; model: string },
  analysis: Analysis | null,
): ShareCard {
  const tokens = analysis?.tokens.length;
  const measured =
    tokens === undefined ? "" : `: ${count(tokens)} tokens, mean L0 ${number(analysis?.l0.mean)}`;
  return {
    title: `What fires on a text: ${sae} on ${model} · Facet`,
    description: `“${excerpt(view.text)}” through the SAE ${sae} on ${model}${measured}. Recomputed in your browser.`,
  };
}

function ofFeature(
  { sae, model }: { sae: string; model: string },
  { feature, report, label }: Known,
): ShareCard {
  const name = `Feature ${feature ?? ""}`.trim();
  const called = label === null ? name : `${name}, “${excerpt(label)}”`;
  const top = report?.logitLens?.withoutNorm.top.slice(0, 5) ?? [];
  const tokens = top.map(({ token }) => visibleText(token.replaceAll("▁", " ")).trim());
  const positive = tokens.length === 0 ? "" : ` Positive logits: ${tokens.join(", ")}.`;
  return {
    title: `${called} · ${sae} · Facet`,
    description: `${called} of the SAE ${sae} on ${model}.${positive} Recomputed in your browser.`,
  };
}

const ofFind: Describe = ({ view }, { sae, model }) => {
  const name = view.listName === "" ? "A list" : `“${excerpt(view.listName)}”`;
  const some = view.list.slice(0, 8).map(({ feature, note }) => `${feature} ${note}`.trim());
  return view.list.length === 0
    ? {
        title: `Find features of ${sae} · Facet`,
        description: `Features of the SAE ${sae} on ${model} by what they are called.`,
      }
    : {
        title: `${name}: ${count(view.list.length)} features of ${sae} · Facet`,
        description: `${excerpt(some.join("; "))} – features of the SAE ${sae} on ${model}.`,
      };
};

const ofSae: Describe = ({ card }, { sae, model }) => {
  const known = card.data?.provenance.sae;
  const facts =
    known === undefined
      ? ""
      : `: ${known.architecture}, ${count(known.dSae)} features on ${excerpt(known.hook)}`;
  return {
    title: `${sae} on ${model} · Facet`,
    description: `The SAE ${sae} on ${model}${facts}. Which features are dead, and L0, CE and explained variance measured in your browser beside the published numbers.`,
  };
};

const ofCompare: Describe = (state, { sae, model }) => {
  const { otherSae } = state.view;
  if (otherSae === null) {
    return {
      title: `Compare ${sae} · Facet`,
      description: `The SAE ${sae} on ${model} beside another, or itself under another setting, on the same text.`,
    };
  }
  const [a, b] = [sideWords(sae, ofOpen(state)), sideWords(excerpt(otherSae), ofOther(state))];
  return {
    title: `${a} beside ${b} · Facet`,
    description: `Two SAEs on ${model} on the same text, “${excerpt(state.view.text)}”: features matched by decoder cosine, L0, reconstruction error and loss by token.`,
  };
};

/** How a side is run, as far as it is not as usual. */
const ofOpen = ({ view }: State): (string | null)[] => [
  view.precision,
  view.activation === "erf" ? "erf" : null,
];
const ofOther = ({ view }: State): (string | null)[] => [
  view.otherPrecision,
  view.otherActivation === "erf" ? "erf" : null,
];

function sideWords(name: string, settings: readonly (string | null)[]): string {
  const said = settings.filter((word) => word !== null);
  return said.length === 0 ? name : `${name} (${said.join(", ")})`;
}
