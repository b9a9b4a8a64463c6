// Rows in JSON, each an object whose text stands under a key. A row without a text, null or no such key, is an empty
// document, as it is in Parquet; a file in which no row has the key is refused.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject, type JsonObject, show, parseJson } from "../lib/json.ts";

/** Rows after which a key that none of them had is taken for a wrong one. */
const ENOUGH_ROWS = 1000;

export class JsonRows {
  readonly #name: string;
  readonly #column: string;
  /** Some row had the key. */
  #seen: boolean;
  /** Without the key. */
  #rows = 0;
  #first: JsonObject | null = null;

  /** @param first number of the row that is read first: a scan goes on where a text was. */
  constructor(name: string, column: string, first: number) {
    this.#name = name;
    this.#column = column;
    this.#seen = first > 0;
  }

  /** The text of a row; empty where it has none. */
  text(json: string, number: number): string {
    const row = parse(json, `${this.#name}, document ${number}`);
    if (!isJsonObject(row)) throw this.#unfit(number, show(row));
    if (!Object.hasOwn(row, this.#column)) {
      this.#first ??= row;
      if (++this.#rows === ENOUGH_ROWS) this.done();
      return "";
    }
    this.#seen = true;
    const text = row[this.#column];
    if (typeof text !== "string" && text !== null) throw this.#unfit(number, `${show(text)} there`);
    return text ?? "";
  }

  /** Throws where no row had the key. */
  done(): void {
    if (this.#seen || this.#first === null) return;
    throw this.#unfit(0, `an object with ${keys(this.#first)}`);
  }

  #unfit(number: number, found: string): FacetError {
    return new FacetError(
      "Format",
      `Reading ${this.#name}, document ${number}: expected an object with a text under ${show(this.#column)}, found ${found}. Name the column that holds the text.`,
    );
  }
}

function parse(json: string, name: string): unknown {
  try {
    return parseJson(json);
  } catch (cause) {
    throw new FacetError("Format", `Reading ${name}: ${show(json)} is not JSON.`, cause);
  }
}

/** The keys of an object for a message: the first few. */
function keys(value: object): string {
  const names = Object.keys(value);
  return names.slice(0, 8).map(show).join(", ") + (names.length > 8 ? " and more" : "");
}
