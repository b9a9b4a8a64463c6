// Which tokens are special, and which of them is BOS: as tokenizer_config.json names them, the template adds them and, where
// these say nothing, config.json numbers them. No name is known beforehand.

import { isJsonObject, type JsonObject, show } from "../lib/json.ts";
import { unsupported } from "./settings.ts";
import type { Template } from "./postProcessor.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Special ids of config.json; it may state none, or several of a kind. */
export type ConfigIds = Readonly<Record<"bos" | "eos" | "pad", readonly number[]>>;

export interface Specials {
  readonly ids: ReadonlySet<number>;
  /** What a text begins with that is run with BOS; null where no file says. */
  readonly bosId: number | null;
  /** That is EOS, for want of a BOS. */
  readonly bosIsEos: boolean;
}

/** The keys of tokenizer_config.json, and what config.json calls the same. */
const ROLES = [
  ["bos_token", "bos"],
  ["eos_token", "eos"],
  ["pad_token", "pad"],
] as const;
const KEYS = [...ROLES.map(([key]) => key), "unk_token", "sep_token"];

/** @param config tokenizer_config.json, empty where there is none. */
export function findSpecials(
  config: JsonObject,
  ids: ConfigIds,
  { idOf, added }: Vocabulary,
  { before, behind }: Template,
  unkId: number | null,
): Specials {
  const addedId = new Map(added.map(({ content, id }) => [content, id]));
  const named = (key: string): number | null => {
    const name = textOf(config[key]);
    return name === null ? null : (addedId.get(name) ?? idOf.get(name) ?? null);
  };
  const found = new Set([...before, ...behind]);
  if (unkId !== null) found.add(unkId);
  for (const key of KEYS) found.add(named(key) ?? -1);
  const isAdded = new Set(added.flatMap(({ id, special }) => (special && id !== null ? id : [])));
  for (const [key, role] of ROLES) {
    // A name of null says that there is none; a default of config.json's may be any token.
    const asked = config[key] === undefined ? ids[role] : [];
    for (const id of asked) if (isAdded.has(id)) found.add(id);
  }
  found.delete(-1);
  const bos = named("bos_token") ?? before[0] ?? null;
  // Where there is no BOS, TransformerLens begins texts with EOS.
  const bosId = bos ?? named("eos_token");
  return { ids: found, bosId, bosIsEos: bosId !== bos };
}

/** Tokens that tokenizer_config.json names; tokenizers adds those that tokenizer.json lacks. */
export function namedTokens(config: JsonObject): string[] {
  if (config["split_special_tokens"] === true) {
    throw unsupported("tokenizer_config.json beside it has split_special_tokens true");
  }
  const listed = ["additional_special_tokens", "extra_special_tokens", "added_tokens_decoder"];
  return [
    ...KEYS.map((key) => config[key]),
    ...listed.flatMap((key) => {
      const value = config[key] ?? [];
      if (typeof value === "object") return Object.values(value) as unknown[];
      throw unsupported(`tokenizer_config.json beside it has ${key} ${show(value)}`);
    }),
  ].flatMap((token) => textOf(token) ?? []);
}

/** A token is a text, or an object with the text as `content`. */
function textOf(token: unknown): string | null {
  const value = isJsonObject(token) ? token["content"] : token;
  return typeof value === "string" ? value : null;
}
