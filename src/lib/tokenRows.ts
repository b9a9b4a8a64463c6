// Between a report's tokens and the rows that their activations stand in. A report made here looks as it always did; its
// `features` lists are made when somebody reads them, and whoever wants no lists asks for the rows.

import { defined } from "./defined.ts";
import { Activations, type ActivationRows } from "./activations.ts";
import type { FeatureActivation, TokenReport } from "./report.ts";

/** What a report says of a token besides its features. */
export type TokenFacts = Omit<TokenReport, "features">;

export interface TokenRows {
  readonly facts: readonly TokenFacts[];
  readonly activations: Activations;
}

const known = new WeakMap<readonly TokenReport[], TokenRows>();

/** Tokens with their features. `features` is a property like the others: JSON, copies and clones have the plain list. */
export function withRows(facts: readonly TokenFacts[], rows: ActivationRows): TokenReport[] {
  const activations = new Activations(rows);
  const tokens = facts.map((token, position) => lazy(token, activations, position));
  known.set(tokens, { facts, activations });
  return tokens;
}

function lazy(facts: TokenFacts, activations: Activations, position: number): TokenReport {
  let list: FeatureActivation[] | null = null;
  return {
    ...facts,
    get features() {
      return (list ??= activations.list(position));
    },
    // A script may do with its report as it likes.
    set features(given) {
      list = given;
    },
  };
}

/** What tokens were made of; of a report from elsewhere, a file or a copy, it is made once. */
export function rowsOf(tokens: readonly TokenReport[]): TokenRows {
  const found = known.get(tokens) ?? {
    facts: tokens.map(({ position, id, token, special, l0, norm, squaredError }) => ({
      position,
      id,
      token,
      special,
      l0,
      norm,
      squaredError,
    })),
    activations: new Activations(rowsOfLists(tokens.map(({ features }) => features))),
  };
  known.set(tokens, found);
  return found;
}

export const activationsOf = (tokens: readonly TokenReport[]): Activations =>
  rowsOf(tokens).activations;

function rowsOfLists(lists: readonly (readonly FeatureActivation[])[]): ActivationRows {
  const all = lists.flat();
  const rowStart = new Uint32Array(lists.length + 1);
  lists.forEach(({ length }, t) => (rowStart[t + 1] = defined(rowStart[t]) + length));
  return {
    rowStart,
    index: Uint32Array.from(all, ({ index }) => index),
    raw: Float32Array.from(all, ({ raw }) => raw),
    folded: Float64Array.from(all, ({ folded }) => folded),
  };
}
