// tokenizer.json's model: byte-pair encoding, from a stretch of text to ids. The merging is @huggingface/tokenizers'; it takes
// any file at its word, so what it would run otherwise than the file says is refused here.

import { BPE } from "@huggingface/tokenizers";
import { isJsonObject, type JsonObject, show } from "../lib/json.ts";
import { flag, list, malformed, settings, unsupported } from "./settings.ts";

const NAME = "its model";
const KEYS = [
  "type",
  "dropout",
  "unk_token",
  "continuing_subword_prefix",
  "end_of_word_suffix",
  "fuse_unk",
  "byte_fallback",
  "ignore_merges",
  "vocab",
  "merges",
];
/** Characters of a piece: merging up to a long one compares all that lead there. */
const MOST_CHARACTERS = 1024;
const BYTE = /^<0x[0-9A-F]{2}>$/;

export interface Model {
  /** The ids of a stretch of text. */
  readonly encode: (stretch: string) => number[];
  /** The id that stands for what has none; null where the model names no such token. */
  readonly unkId: number | null;
}

/** The model's settings; refuses every other kind of model. */
export function requireBpe(model: unknown): JsonObject {
  if (!isJsonObject(model)) throw malformed(`${NAME} is ${show(model)}, not an object`);
  // Where the type is not stated, it is that of which the rest is: BPE alone has merges.
  const type = model["type"] ?? ("merges" in model ? "BPE" : undefined);
  if (type !== "BPE") throw unsupported(`${NAME} is of type ${show(type)}, and not "BPE"`);
  return settings(model, NAME, KEYS);
}

export function readModel(model: JsonObject, idOf: ReadonlyMap<string, number>): Model {
  refuseUnlessOff(model, "dropout", [0]);
  refuseUnlessOff(model, "continuing_subword_prefix", [""]);
  refuseUnlessOff(model, "end_of_word_suffix", [""]);
  const unk = model["unk_token"] ?? null;
  if (unk !== null && typeof unk !== "string")
    throw malformed(`${NAME} has unk_token ${show(unk)}`);
  const byteFallback = flag(model, "byte_fallback", NAME);
  const merges = readMerges(list(model, "merges", NAME), byteFallback);

  const ignoresMerges = flag(model, "ignore_merges", NAME);
  const fuses = flag(model, "fuse_unk", NAME);
  const library = new BPE({
    type: "BPE",
    vocab: model["vocab"] as Record<string, number>,
    merges,
    // Its bpe merges, and nothing else; the rest of the model is below.
    ignore_merges: false,
  });
  const unkId = unk === null ? null : (idOf.get(unk) ?? null);

  /** The ids of an unknown character's bytes; null where one of them has none. */
  const bytesOf = (character: string): number[] | null => {
    if (!byteFallback) return null;
    const ids = Array.from(new TextEncoder().encode(character), (byte) =>
      idOf.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
    );
    return ids.every((id) => id !== undefined) ? ids : null;
  };
  const isKnown = (character: string): boolean =>
    idOf.has(character) || bytesOf(character) !== null;

  return {
    unkId,
    encode(stretch) {
      const whole = ignoresMerges ? idOf.get(stretch) : undefined;
      if (whole !== undefined) return [whole];
      const ids: number[] = [];
      // As in the reference unk waits for the next character that the vocabulary has: bytes overtake it, and with fuse_unk
      // those that wait become one.
      let waits = false;
      // What has no id and no unk to stand for it is left out before merging: its neighbours may merge then.
      for (const piece of library.bpe(unk === null ? onlyKnown(stretch, isKnown) : stretch)) {
        const id = idOf.get(piece);
        const bytes = id === undefined ? bytesOf(checkCharacter(piece)) : null;
        if (bytes !== null) {
          for (const byte of bytes) ids.push(byte);
          continue;
        }
        if (waits && (id !== undefined || !fuses)) ids.push(requireId(unkId, unk));
        waits = id === undefined;
        if (id !== undefined) ids.push(id);
      }
      if (waits) ids.push(requireId(unkId, unk));
      return ids;
    },
  };
}

function onlyKnown(stretch: string, isKnown: (character: string) => boolean): string {
  const characters = Array.from(stretch);
  return characters.every(isKnown) ? stretch : characters.filter(isKnown).join("");
}

/** What is merged is a piece of the vocabulary; what is not in it is a character. */
function checkCharacter(piece: string): string {
  if (Array.from(piece).length === 1) return piece;
  throw malformed(`its merges make ${show(piece)}, which is not in its vocabulary`);
}

function requireId(id: number | null, unk: string | null): number {
  if (id !== null) return id;
  throw malformed(`it has no id for part of the text, not even that of ${show(unk)}`);
}

function refuseUnlessOff(model: JsonObject, key: string, off: readonly unknown[]): void {
  const value = model[key] ?? null;
  if (value !== null && !off.includes(value))
    throw unsupported(`${NAME} has ${key} ${show(value)}`);
}

/** The pairs, all in the file's one way of writing them. That they make pieces of the vocabulary is seen when they do. */
function readMerges(merges: readonly unknown[], byteFallback: boolean): [string, string][] {
  const read = typeof merges[0] === "string" ? pairOfText : pairOfList;
  return merges.map((merge) => {
    const pair = read(merge);
    if (pair === null) throw malformed(`one of its merges is ${show(merge)}, not a pair of pieces`);
    const [left, right] = pair;
    if (left.length + right.length > MOST_CHARACTERS) {
      throw unsupported(`it merges to ${show(left + right)}, which is too long`);
    }
    // Bytes are put in after merging here, before it there.
    if (byteFallback && (isByte(left) || isByte(right))) {
      throw unsupported(`it merges ${show(left)} and ${show(right)}, of which one is a byte`);
    }
    return pair;
  });
}

function pairOfText(merge: unknown): [string, string] | null {
  if (typeof merge !== "string") return null;
  const space = merge.indexOf(" ");
  if (space === -1 || merge.includes(" ", space + 1)) return null;
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function pairOfList(merge: unknown): [string, string] | null {
  if (!Array.isArray(merge) || merge.length !== 2) return null;
  const [left, right] = merge as readonly unknown[];
  return typeof left === "string" && typeof right === "string" ? [left, right] : null;
}

/** The length first: there are half a million merges. */
const isByte = (piece: string): boolean => piece.length === 6 && BYTE.test(piece);
