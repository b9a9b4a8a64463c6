// From a text (or token ids) to a batch that the model can run, cut to its context, with what was cut stated.

import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import type { Text } from "../lib/report.ts";
import type { OpenModel, Session } from "./session.ts";

export interface Input {
  readonly text: string;
  readonly ids: Uint32Array;
  /** Vocabulary pieces as stored; "#17" where there is no tokenizer. */
  readonly pieces: readonly string[];
  readonly special: readonly boolean[];
  readonly truncated: boolean;
  /** Before anything was cut; null where the text is so long that only its beginning was tokenised. */
  readonly totalTokens: number | null;
}

/**
 * Characters tokenised for each token of the context. Pieces are a few characters long: what lies beyond could not
 * be used, and tokenising megabytes would hold the worker for seconds.
 */
const CHARACTERS_PER_TOKEN = 64;

export function prepareInput({ model, sae }: Pick<Session, "model" | "sae">, text: Text): Input {
  const { config } = model.gemma;
  const room = config.context * CHARACTERS_PER_TOKEN;
  const overlong = typeof text === "string" && text.length > room;
  const all =
    typeof text === "string"
      ? encode(model, text.slice(0, room), sae.sae.config.prependBos)
      : checkIds(text, config.vocab);
  const ids = Uint32Array.from(all.slice(0, config.context));
  const pieces = Array.from(ids, (id) => pieceOf(model, id));
  return {
    text: typeof text === "string" ? text : pieces.join("").replaceAll("▁", " "),
    ids,
    pieces,
    special: Array.from(ids, (id) => isSpecial(model, id)),
    truncated: overlong || all.length > ids.length,
    totalTokens: overlong ? null : all.length,
  };
}

/** The vocabulary piece as stored. */
export function pieceOf(model: OpenModel, id: number): string {
  return model.tokenizer?.piece(id) ?? `#${id}`;
}

/** @param bos begins with the tokenizer's BOS, where it has one; without, that is left out which its template puts there. */
export function encode(model: OpenModel, text: string, bos: boolean): readonly number[] {
  if (!model.tokenizer) {
    throw new FacetError(
      "NoTokenizer",
      `Reading a text with ${model.source.name}: the model came without tokenizer.json. Give token ids instead, or open a folder that has it.`,
    );
  }
  const ids = model.tokenizer.encode(text, bos);
  const { vocab } = model.gemma.config;
  const beyond = ids.find((id) => id >= vocab);
  if (beyond === undefined) return ids;
  throw new FacetError(
    "NoSuchToken",
    `Reading a text with ${model.source.name}: it holds ${show(pieceOf(model, beyond))}, token ${beyond} of the tokenizer, for which the model has no row: its embedding ends at ${vocab - 1}. Leave it out of the text.`,
  );
}

export function isSpecial(model: OpenModel, id: number): boolean {
  const { bosId, eosIds, padId, unkId } = model.gemma.config;
  if (eosIds.includes(id)) return true;
  if (model.tokenizer) return model.tokenizer.isSpecial(id);
  return id === bosId || id === padId || id === unkId;
}

function checkIds(ids: readonly number[], vocab: number): readonly number[] {
  ids.forEach((id, position) => {
    if (!Number.isInteger(id) || id < 0 || id >= vocab) {
      throw new FacetError(
        "Format",
        `Reading token ids: position ${position} holds ${String(id)}; ids of this model are whole numbers from 0 to ${vocab - 1}.`,
      );
    }
  });
  return ids;
}

/** Refuses what has no token at all: an empty list of ids. */
export function requireTokens(input: Input, doing: string): Input {
  if (input.ids.length > 0) return input;
  throw new FacetError("Format", `${doing}: it has no tokens. Give a text, or at least one id.`);
}

/** A position of the text, the last one where none is given. */
export function checkPosition(position: number | null, tokens: number, doing: string): number {
  if (position === null) return tokens - 1;
  if (Number.isInteger(position) && position >= 0 && position < tokens) return position;
  throw new FacetError(
    "Format",
    `${doing}: position ${position} is asked for; the text has 0 to ${tokens - 1}.`,
  );
}

/** A whole number from 0 to `most`. */
export function checkCount(name: string, value: number, most: number, doing: string): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new FacetError(
    "Format",
    `${doing}: ${name} is ${String(value)}; give a whole number from 0 to ${most}.`,
  );
}

export function assertFeature({ sae }: Session, index: number): void {
  const { dSae } = sae.sae.config;
  if (!Number.isInteger(index) || index < 0 || index >= dSae) {
    throw new FacetError(
      "NoSuchFeature",
      `Opening feature ${index}: this SAE's features are numbered from 0 to ${dSae - 1}.`,
    );
  }
}
