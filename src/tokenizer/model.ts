// tokenizer.json's model: byte-pair encoding, from a stretch of text to ids. The merging is @huggingface/tokenizers'; it takes
// any file at its word, so what it would run otherwise than the file says is refused here.

import { BPE } from "@huggingface/tokenizers";
import { isJsonObject, type JsonObject, show } from "../lib/json.ts";
import { flag, list, malformed, settings, unsupported } from "./settings.ts";

type Config = ConstructorParameters<typeof BPE>[0];

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
  checkMerges(list(model, "merges", NAME), idOf, byteFallback);

  const ignoresMerges = flag(model, "ignore_merges", NAME);
  const fuses = flag(model, "fuse_unk", NAME);
  const config: Config = {
    type: "BPE",
    unk_token: unk,
    byte_fallback: byteFallback,
    // Decided here, before characters are left out.
    ignore_merges: false,
    vocab: model["vocab"] as Config["vocab"],
    merges: model["merges"] as Config["merges"],
  };
  const library = new BPE(config);
  const unkId = unk === null ? null : (idOf.get(unk) ?? null);
  return {
    unkId,
    encode(stretch) {
      const whole = ignoresMerges ? idOf.get(stretch) : undefined;
      if (whole !== undefined) return [whole];
      // What has no id and no unk to stand for it is left out before merging: its neighbours may merge then.
      const known = unk === null ? knownPart(stretch, idOf, byteFallback) : stretch;
      const pieces = library.encode([known]);
      const placed = unk !== null && pieces.includes(unk) ? placeUnk(pieces, unk, fuses) : pieces;
      return placed.map((piece) => {
        const id = idOf.get(piece);
        if (id !== undefined) return id;
        throw malformed(`it has no id for part of the text, not even that of ${show(unk)}`);
      });
    },
  };
}

/** The characters that are in the vocabulary, or whose bytes all are. */
function knownPart(
  stretch: string,
  idOf: ReadonlyMap<string, number>,
  byteFallback: boolean,
): string {
  const isKnown = (character: string): boolean =>
    idOf.has(character) ||
    (byteFallback &&
      Array.from(new TextEncoder().encode(character), pieceOfByte).every((byte) => idOf.has(byte)));
  const characters = Array.from(stretch);
  return characters.every(isKnown) ? stretch : characters.filter(isKnown).join("");
}

const pieceOfByte = (byte: number): string =>
  `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

/**
 * Where the reference puts unk: it waits for the next character that the vocabulary has, so that bytes overtake it, and with
 * fuse_unk those that wait become one.
 */
function placeUnk(pieces: readonly string[], unk: string, fuses: boolean): string[] {
  const placed: string[] = [];
  let waits = false;
  for (const piece of pieces) {
    if (piece === unk) {
      if (waits && !fuses) placed.push(unk);
      waits = true;
    } else {
      if (waits && !BYTE.test(piece)) {
        placed.push(unk);
        waits = false;
      }
      placed.push(piece);
    }
  }
  if (waits) placed.push(unk);
  return placed;
}

function refuseUnlessOff(model: JsonObject, key: string, off: readonly unknown[]): void {
  const value = model[key] ?? null;
  if (value !== null && !off.includes(value))
    throw unsupported(`${NAME} has ${key} ${show(value)}`);
}

/** Pairs, all in the file's one way of writing them, of pieces that are in the vocabulary and make one of it. */
function checkMerges(
  merges: readonly unknown[],
  idOf: ReadonlyMap<string, number>,
  byteFallback: boolean,
): void {
  const asText = typeof merges[0] === "string";
  for (const merge of merges) {
    const pair: unknown = asText && typeof merge === "string" ? merge.split(" ") : merge;
    if ((asText && typeof merge !== "string") || !Array.isArray(pair) || pair.length !== 2) {
      throw malformed(`one of its merges is ${show(merge)}, not a pair of pieces`);
    }
    const [left, right] = pair as readonly unknown[];
    if (typeof left !== "string" || typeof right !== "string") {
      throw malformed(`one of its merges joins ${show(left)} and ${show(right)}`);
    }
    const piece = left + right;
    if (!idOf.has(left) || !idOf.has(right) || !idOf.has(piece)) {
      throw malformed(
        `it merges ${show(left)} and ${show(right)}, which are not in its vocabulary`,
      );
    }
    if (piece.length > MOST_CHARACTERS) throw unsupported(`its piece ${show(piece)} is too long`);
    // Bytes are put in after merging here, before it there.
    if (byteFallback && (BYTE.test(left) || BYTE.test(right))) {
      throw unsupported(`it merges ${show(left)} and ${show(right)}, of which one is a byte`);
    }
  }
}
