// tokenizer.json's post_processor: which ids stand before and behind those of a text. Facet encodes one text at a time, so
// that what it says of pairs is not read.

import { isJsonObject, show } from "../lib/json.ts";
import { list, malformed, settings, text, unsupported } from "./settings.ts";

export interface Template {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

export function readTemplate(part: unknown, pieces: readonly string[]): Template {
  if (part === null || part === undefined) return { before: [], behind: [] };
  const NAME = "its post_processor";
  if (!isJsonObject(part)) throw malformed(`${NAME} is ${show(part)}, not an object`);
  const type = text(part, "type", NAME);
  if (type !== "TemplateProcessing") throw unsupported(`${NAME} is of type ${show(type)}`);
  settings(part, NAME, ["type", "single", "pair", "special_tokens"]);
  const ids = list(part, "single", NAME).map((piece) => idsOf(piece, part["special_tokens"]));
  const at = ids.indexOf(null);
  if (at === -1 || at !== ids.lastIndexOf(null)) {
    throw malformed(`${NAME} does not have the text in it once`);
  }
  for (const id of ids.flatMap((some) => some ?? [])) {
    if (pieces[id] === undefined) throw malformed(`${NAME} adds the id ${id}, which has no piece`);
  }
  const side = (from: number, to: number): number[] => ids.slice(from, to).flatMap((s) => s ?? []);
  return { before: side(0, at), behind: side(at + 1, ids.length) };
}

/** Of one piece of a template; null for the text itself. */
function idsOf(piece: unknown, specials: unknown): number[] | null {
  const NAME = "the template of its post_processor";
  const entry = settings(piece, `a piece of ${NAME}`, ["SpecialToken", "Sequence"]);
  if (entry["Sequence"] !== undefined) {
    const sequence = settings(entry["Sequence"], `a Sequence of ${NAME}`, ["id", "type_id"]);
    if (sequence["id"] === "A") return null;
    throw malformed(`${NAME} has the text ${show(sequence["id"])}; there is one, "A"`);
  }
  const special = settings(entry["SpecialToken"], `a SpecialToken of ${NAME}`, ["id", "type_id"]);
  const id = text(special, "id", `a SpecialToken of ${NAME}`);
  const known: unknown =
    isJsonObject(specials) && Object.hasOwn(specials, id) ? specials[id] : undefined;
  const ids: unknown = isJsonObject(known) ? known["ids"] : undefined;
  if (!Array.isArray(ids) || !ids.every((one) => Number.isSafeInteger(one))) {
    throw malformed(`${NAME} names ${show(id)}, whose ids its special_tokens do not state`);
  }
  return ids as number[];
}
