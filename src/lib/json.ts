// JSON from files that strangers wrote: parsed with bounds, or refused with a message that is safe to show.
// Most of it comes from Python, whose json.dump writes NaN, Infinity and -Infinity and whose json.load reads them.
// Knows nothing of what the files mean.

import { FacetError } from "./errors.ts";

export type JsonObject = { readonly [key: string]: unknown };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface JsonBounds {
  /** Deepest nesting of objects and lists. Deeper input could exhaust the stack of whoever walks it next. */
  readonly maxDepth?: number;
  /** Refuse an object that has a key twice; JSON.parse alone keeps the last one and says nothing. */
  readonly uniqueKeys?: boolean;
}

/** The object that `bytes` (UTF-8) hold; `Format`, naming the file, where they hold anything else. */
export function parseJsonObject(
  bytes: Uint8Array,
  name: string,
  bounds: JsonBounds = {},
): JsonObject {
  const { maxDepth = 32, uniqueKeys = false } = bounds;
  const { depth, members } = scan(bytes);
  if (depth > maxDepth) {
    throw new FacetError(
      "Format",
      `Reading ${name}: its JSON is nested ${depth} deep, ${maxDepth} is the most that makes sense here.`,
    );
  }
  let value: unknown;
  try {
    value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FacetError("Format", `Reading ${name}: it is not JSON. Was it saved whole?`, cause);
  }
  if (!isJsonObject(value)) {
    throw new FacetError(
      "Format",
      `Reading ${name}: expected a JSON object, found ${show(value)}.`,
    );
  }
  if (uniqueKeys && members !== countMembers(value)) {
    throw new FacetError(
      "Format",
      `Reading ${name}: a key stands twice in one of its JSON objects.`,
    );
  }
  return value;
}

/**
 * What Python's json.loads makes of `text`: JSON, in which NaN, Infinity and -Infinity are numbers. Throws what JSON.parse
 * throws. Whoever needs a number checks that it is finite.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Numbers beyond the range of a double are infinities to JSON.parse; NaN has no spelling, so that a list stands in.
    const nan = `NaN ${Math.random()}`;
    const standard = spellNonFinite(text, { NaN: `["${nan}"]`, Infinity: "1e999 " });
    if (standard === null) throw error;
    return JSON.parse(standard, (_, value: unknown) =>
      Array.isArray(value) && value.length === 1 && value[0] === nan ? NaN : value,
    );
  }
}

/** JSON as Python's json.dumps writes it: numbers that are not finite as NaN, Infinity and -Infinity. */
export function writeJson(value: unknown, indent: number): string {
  const mark = `number ${Math.random()} `;
  return JSON.stringify(
    value,
    (_, item: unknown) =>
      typeof item === "number" && !Number.isFinite(item) ? mark + String(item) : item,
    indent,
  ).replaceAll(new RegExp(`"${mark}(-?[A-Za-z]+)"`, "g"), "$1");
}

/** The text with the words NaN and Infinity, outside strings, spelt in another way; null where there are none. */
function spellNonFinite(
  text: string,
  spelling: Readonly<Record<"NaN" | "Infinity", string>>,
): string | null {
  const parts: string[] = [];
  let copied = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') inString = !inString;
    else if (inString && character === "\\") i++;
    else if (!inString && (character === "N" || character === "I")) {
      const word = character === "N" ? "NaN" : "Infinity";
      // "1Infinity" must not become a number.
      if (!text.startsWith(word, i) || /[\w.]/.test(text[i - 1] ?? "")) continue;
      parts.push(text.slice(copied, i), spelling[word]);
      copied = i + word.length;
      i = copied - 1;
    }
  }
  return parts.length === 0 ? null : parts.join("") + text.slice(copied);
}

/** A value for an error message: short, on one line, and without characters that reorder text. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isJsonObject(value)) return "an object";
  if (typeof value !== "string") return String(value);
  const short = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Nesting depth, and number of `key: value` pairs, of what claims to be JSON. Never fails. */
function scan(bytes: Uint8Array): { depth: number; members: number } {
  const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];
  const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === backslash) i++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === colon) members++;
    else if (byte === openList || byte === openObject) deepest = Math.max(deepest, ++depth);
    else if (byte === closeList || byte === closeObject) depth--;
  }
  return { depth: deepest, members };
}

/** Pairs in all objects of a parsed value; fewer than its text has where a key stood twice. */
function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((sum, child) => sum + countMembers(child), own);
}
