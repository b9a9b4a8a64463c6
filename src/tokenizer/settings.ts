// How the settings of tokenizer.json are read: a setting that is known is checked, one that is not is refused by name. What
// each of them does stands in the files beside this one.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject, type JsonObject, show } from "../lib/json.ts";

const FILE = "tokenizer.json";

/** The file is not what it claims to be. */
export const malformed = (found: string, cause?: unknown): FacetError =>
  new FacetError(
    "Format",
    `Reading ${FILE}: ${found}. Fetch the model's tokenizer files again.`,
    cause,
  );

/** The file asks for something that is not run. */
export const unsupported = (found: string): FacetError =>
  new FacetError(
    "Unsupported",
    `Reading ${FILE}: ${found}, which is not run. Give token ids instead, or open a model without it.`,
  );

/** An object that has no settings but `keys`: any other could change the tokens, and nobody would know. */
export function settings(value: unknown, name: string, keys: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw malformed(`${name} is ${show(value)}, not an object`);
  const foreign = Object.keys(value).find((key) => !keys.includes(key));
  if (foreign !== undefined) throw unsupported(`${name} has the setting ${show(foreign)}`);
  return value;
}

/** true or false; null and a missing key are `otherwise`. */
export function flag(from: JsonObject, key: string, name: string, otherwise = false): boolean {
  const value = from[key] ?? otherwise;
  if (typeof value !== "boolean") {
    throw malformed(`${name} has ${key} ${show(value)}, neither true nor false`);
  }
  return value;
}

export function text(from: JsonObject, key: string, name: string): string {
  const value = from[key];
  if (typeof value !== "string") throw malformed(`${name} has ${key} ${show(value)}, not a text`);
  return value;
}

export function list(from: JsonObject, key: string, name: string): readonly unknown[] {
  const value: unknown = from[key];
  if (!Array.isArray(value)) throw malformed(`${name} has ${key} ${show(value)}, not a list`);
  return value;
}

/** The text that a Replace or a Split looks for. Regular expressions of strangers are not run: they can take for ever. */
export function plainPattern(from: JsonObject, name: string): string {
  const { pattern } = from;
  if (!isJsonObject(pattern) || typeof pattern["String"] !== "string") {
    throw unsupported(
      `${name} looks for something other than plain text, such as a regular expression`,
    );
  }
  settings(pattern, `the pattern of ${name}`, ["String"]);
  if (pattern["String"] === "") throw unsupported(`${name} looks for the empty text`);
  return pattern["String"];
}

/** What one step of a part of the pipeline is made into, by its type; its other settings are `keys`. */
export interface StepKind<Step> {
  readonly keys: readonly string[];
  readonly make: (from: JsonObject, name: string) => Step;
}

/** More than any tokenizer has; each step walks the whole text. */
const MOST_STEPS = 32;

/**
 * A part of the pipeline (normalizer, pre_tokenizer, decoder) as its steps in order: Sequences are laid flat, null is no
 * step. @param key under which a Sequence of this part has its steps.
 */
export function stepsOf<Step>(
  part: unknown,
  name: string,
  key: string,
  kinds: Readonly<Record<string, StepKind<Step>>>,
): Step[] {
  const steps: Step[] = [];
  const walk = (value: unknown): void => {
    if (value === null || value === undefined) return;
    if (!isJsonObject(value)) throw malformed(`its ${name} is ${show(value)}, not an object`);
    const type = text(value, "type", `a step of its ${name}`);
    const called = `the ${type} of its ${name}`;
    if (type === "Sequence") {
      for (const step of list(settings(value, called, ["type", key]), key, called)) walk(step);
      return;
    }
    const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    if (!kind) throw unsupported(`its ${name} has a step of type ${show(type)}`);
    steps.push(kind.make(settings(value, called, ["type", ...kind.keys]), called));
    if (steps.length > MOST_STEPS) {
      throw unsupported(`its ${name} has more than ${MOST_STEPS} steps`);
    }
  };
  walk(part);
  return steps;
}
