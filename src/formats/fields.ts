// Typed reading of configuration files: a field is what it should be, or an error names the key. One thing that stands
// under two keys, or in two objects, must be the same in both. A null is a missing field, as Python's dumps mean it.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject, show, type JsonObject, writeJson } from "../lib/json.ts";

export interface Found {
  /** With the object it stands in, where that is not the file's own: "metadata.prepend_bos". */
  readonly key: string;
  readonly value: unknown;
}

export class Fields {
  readonly #file: string;
  /** Objects in which a key may stand, with what their keys begin with in messages. */
  readonly #scopes: readonly (readonly [prefix: string, object: JsonObject])[];

  /** @param file for messages. @param inner objects by name in which the same keys may stand, each looked up after `object`. */
  constructor(file: string, object: JsonObject, inner: Readonly<Record<string, JsonObject>> = {}) {
    this.#file = file;
    this.#scopes = [
      ["", object],
      ...Object.entries(inner).map(([name, scope]) => [`${name}.`, scope] as const),
    ];
  }

  /** Everything that stands under `keys`, the names that one field has had over the years. */
  all(...keys: readonly string[]): Found[] {
    return this.#scopes.flatMap(([prefix, object]) =>
      keys.flatMap((key) => {
        const value = Object.hasOwn(object, key) ? object[key] : null;
        return value === null ? [] : [{ key: prefix + key, value }];
      }),
    );
  }

  /** What stands under `keys`; `Format`, naming two of them, where they say different things. */
  find(...keys: readonly string[]): Found | null {
    const [first, ...others] = this.all(...keys);
    if (first === undefined) return null;
    for (const other of others) {
      if (writeJson(other.value, 0) !== writeJson(first.value, 0))
        throw this.contradiction(first, other);
    }
    return first;
  }

  /** Of what is only shown: the first under `keys` that `fits`. Whatever else stands there is in nobody's way. */
  told<T>(fits: (value: unknown) => value is T, ...keys: readonly string[]): T | null {
    for (const { value } of this.all(...keys)) if (fits(value)) return value;
    return null;
  }

  string(...keys: readonly string[]): string | null {
    const found = this.find(...keys);
    if (found === null) return null;
    if (typeof found.value === "string") return found.value;
    throw this.malformed(found, "a text");
  }

  boolean(...keys: readonly string[]): boolean | null {
    const found = this.find(...keys);
    if (found === null) return null;
    if (typeof found.value === "boolean") return found.value;
    throw this.malformed(found, "true or false");
  }

  /** A whole number from `least` to `most`. */
  integer(least: number, most: number, ...keys: readonly string[]): number | null {
    const found = this.find(...keys);
    if (found === null) return null;
    const { value } = found;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most)
      return value;
    throw this.malformed(found, `a whole number from ${least} to ${most}`);
  }

  /** A finite number over 0. */
  positive(...keys: readonly string[]): number | null {
    const found = this.find(...keys);
    if (found === null) return null;
    const { value } = found;
    if (typeof value === "number" && value > 0 && value < Infinity) return value;
    throw this.malformed(found, "a number over 0");
  }

  object(...keys: readonly string[]): JsonObject | null {
    const found = this.find(...keys);
    if (found === null) return null;
    if (isJsonObject(found.value)) return found.value;
    throw this.malformed(found, "an object");
  }

  /** For a field that must be there. */
  required<T>(value: T | null, key: string): T {
    if (value !== null) return value;
    throw new FacetError("Format", `Reading ${this.#file}: ${key} is missing.`);
  }

  malformed({ key, value }: Found, wanted: string): FacetError {
    return new FacetError(
      "Format",
      `Reading ${this.#file}: ${key} should be ${wanted}, found ${show(value)}.`,
    );
  }

  /** For two fields of which at most one can be right. */
  contradiction(one: Found, other: Found): FacetError {
    return new FacetError(
      "Format",
      `Reading ${this.#file}: ${one.key} is ${show(one.value)}, but ${other.key} is ${show(other.value)}. ` +
        "One of the two is wrong: correct the file, or fetch it again.",
    );
  }

  /** For what is well-formed but beyond Facet. `supported` says what would have been understood. */
  unsupported({ key, value }: Found, supported: string): FacetError {
    return new FacetError(
      "Unsupported",
      `Reading ${this.#file}: ${key} is ${show(value)}; Facet reads ${supported}.`,
    );
  }
}
