// Which number colours each token, and on which scale. Pure arithmetic on reports; drawing is elsewhere.

import type { Units } from "../../lib/activations.ts";
import type { Intervention } from "../../lib/interventions.ts";
import type { Analysis, TokenReport, Verification } from "../../lib/report.ts";
import { activationsOf } from "../../lib/tokenRows.ts";
import type { Colour } from "../../state/view.ts";
import { number, short, signed } from "../shared/format.ts";
import { spokenPiece } from "../shared/pieces.ts";

export interface TokenValues {
  /** By position; null where the token has none (specials; the last token for CE). */
  readonly values: readonly (number | null)[];
  /** Value of the saturated end; > 0. */
  readonly top: number;
  /** Runs from −top to top. */
  readonly signed: boolean;
  /** What is measured, for legend and labels: "activation", "L0". */
  readonly name: string;
  readonly unit: string;
}

/** null of what could not be computed: it has no place on a scale. */
const known = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

function largest(values: readonly (number | null)[]): number {
  return values.reduce<number>((top, value) => Math.max(top, Math.abs(value ?? 0)), 0);
}

const ordinary = (
  tokens: readonly TokenReport[],
  value: (token: TokenReport) => number,
): (number | null)[] => tokens.map((token) => (token.special ? null : known(value(token))));

/** `knownMaximum` is the feature's strongest activation seen on any text so far, for the fixed scale. */
export function featureValues(
  analysis: Analysis,
  feature: number,
  units: Units,
  knownMaximum: number | null,
): TokenValues {
  const along = activationsOf(analysis.tokens).along(feature, units);
  const values = analysis.tokens.map(({ special, l0 }, t) =>
    special || Number.isNaN(l0) ? null : known(along[t]),
  );
  const top = Math.max(largest(values), knownMaximum ?? 0);
  return { values, top: top || 1, signed: false, name: "activation", unit: units };
}

export function colourValues(
  colour: Exclude<Colour, "feature">,
  analysis: Analysis,
  verification: Verification | null,
  intervention: Intervention | null = null,
): TokenValues {
  if (colour === "l0") {
    const values = ordinary(analysis.tokens, (token) => token.l0);
    return {
      values,
      top: largest(values) || 1,
      signed: false,
      name: "L0",
      unit: "active features",
    };
  }
  if (colour === "error") {
    const values = ordinary(analysis.tokens, (token) => token.squaredError);
    return {
      values,
      top: largest(values) || 1,
      signed: false,
      name: "squared error",
      unit: "‖x − x̂‖²",
    };
  }
  if (colour === "edit-kl" || colour === "edit-ce") {
    const changes = (colour === "edit-kl" ? intervention?.kl : intervention?.deltaCe) ?? [];
    const values = analysis.tokens.map((token, t) => (token.special ? null : known(changes[t])));
    const scale = { values, top: largest(values) || 1 };
    return colour === "edit-kl"
      ? { ...scale, signed: false, name: "KL of the edits", unit: "nats, before ‖ after" }
      : { ...scale, signed: true, name: "CE change", unit: "nats, by the edits" };
  }
  const perToken = verification?.perToken ?? [];
  const values = analysis.tokens.map((token, t) => {
    const entry = perToken[t];
    return entry === undefined || token.special ? null : known(entry.ceSae - entry.ceClean);
  });
  return {
    values,
    top: largest(values) || 1,
    signed: true,
    name: "CE change",
    unit: "nats, loss on the next token",
  };
}

/** Tokens with a value are told from those with none even at the faint end. */
const FAINTEST = 0.08;
/** From here on the text on the colour flips in the dark theme; theme.css says the same. */
const FLIP = 0.64;

export interface Shade {
  /** 0 (paper) to 1 (saturated). */
  readonly strength: number;
  readonly negative: boolean;
  readonly flip: boolean;
}

/** The shade of a value on a scale whose saturated end is `top`; null: not coloured. */
export function shade(value: number | null, top: number): Shade | null {
  if (value === null || value === 0 || !(top > 0)) return null;
  const strength = Math.min(1, FAINTEST + (1 - FAINTEST) * (Math.abs(value) / top));
  return {
    strength: Math.round(strength * 1000) / 1000,
    negative: value < 0,
    flip: strength >= FLIP,
  };
}

/** The value of the largest size among positions first..last; null where none has one. */
export function strongest(
  values: readonly (number | null)[],
  first: number,
  last: number,
): number | null {
  let best: number | null = null;
  for (let position = first; position <= last; position++) {
    const value = values[position] ?? null;
    if (value !== null && (best === null || Math.abs(value) > Math.abs(best))) best = value;
  }
  return best;
}

/** The token in words, for screen readers: "token the, activation 3.2 of 9.1". */
export function spokenToken(
  piece: string,
  special: boolean,
  value: number | null,
  scale: Pick<TokenValues, "top" | "signed" | "name">,
): string {
  const name = `token ${spokenPiece(piece)}`;
  if (special) return `${name}, special, outside the scale`;
  if (value === null) return `${name}, no ${scale.name}`;
  if (scale.signed)
    return `${name}, ${scale.name} ${signed(value)}, scale to ±${number(scale.top)}`;
  return `${name}, ${scale.name} ${short(value)} of ${short(scale.top)}`;
}
