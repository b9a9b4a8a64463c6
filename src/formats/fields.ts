// Typed reading of configuration files: a field is what it should be, or an error names the key.
// A null is a missing field, as Python's dumps mean it.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject, show, type JsonObject } from "../lib/json.ts";

interface Found {
  readonly key: string;
  readonly value: unknown;
}

export class Fields {
  readonly #file: string;
  readonly #objects: readonly JsonObject[];

  /** Keys are looked up in `objects` in turn. `file` is for messages. */
  constructor(file: string, ...objects: readonly JsonObject[]) {
    this.#file = file;
    this.#objects = objects;
  }

  /** The first of `keys` (names one field has had over the years) that holds something. */
  find(...keys: readonly string[]): Found | null {
    for (const object of this.#objects) {
      for (const key of keys) {
        const value = Object.hasOwn(object, key) ? object[key] : null;
        if (value !== null) return { key, value };
      }
    }
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

  /** For what is well-formed but beyond Facet. `supported` says what would have been understood. */
  unsupported({ key, value }: Found, supported: string): FacetError {
    return new FacetError(
      "Unsupported",
      `Reading ${this.#file}: ${key} is ${show(value)}; Facet reads ${supported}.`,
    );
  }
}
