// How long a fragment may be, and what is left out of one that is longer: its longest fields, each of which is named in
// its place. Pure; over fields as they are written, `key=value` with both percent-encoded.

/**
 * Characters. Firefox takes addresses of up to 1,048,576, Chromium drops the fragment of one over 2,097,152 when the page
 * is loaded again.
 */
export const FRAGMENT_MOST = 1_000_000;

/** Stands in a fragment for each field that is left out, with the field's key as its value. */
export const LEFT_OUT = "left-out";

export interface Fitted {
  readonly fragment: string;
  /** Keys of the fields that are left out. */
  readonly left: readonly string[];
}

/** Keys of the fields that a link leaves out. */
export const leftOutOf = (link: string): string[] =>
  new URLSearchParams(URL.parse(link)?.hash.slice(1)).getAll(LEFT_OUT);

const keyOf = (field: string): string => field.slice(0, field.indexOf("="));

/** Fields in their order, joined to a fragment that is not too long. */
export function fitted(fields: readonly string[]): Fitted {
  const kept = [...fields];
  const left: string[] = [];
  // A "&" between two fields.
  let length = kept.reduce((sum, field) => sum + field.length + 1, -1);
  const longestFirst = fields
    .map((field, at) => ({ field, at }))
    .toSorted((a, b) => b.field.length - a.field.length);
  for (const { field, at } of longestFirst) {
    if (length <= FRAGMENT_MOST) break;
    const key = keyOf(field);
    const instead = `${LEFT_OUT}=${key}`;
    length -= field.length - instead.length;
    kept[at] = instead;
    left.push(key);
  }
  return { fragment: kept.join("&"), left };
}

/** Decoded values by their keys. */
export type Values = Readonly<Record<string, string>>;

/** What stands in a fragment under some of its keys. */
export function valuesOf(fragment: string, keys: readonly string[]): Values {
  const wanted = fragment.split("&").filter((field) => keys.includes(keyOf(field)));
  return Object.fromEntries(new URLSearchParams(wanted.join("&")));
}

/** The fragment with what was left out in its place, as far as it is given. */
export function filledIn(fragment: string, values: Values): string {
  return fragment
    .split("&")
    .map((field) => {
      const key = field.startsWith(`${LEFT_OUT}=`) ? field.slice(LEFT_OUT.length + 1) : "";
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      return value === undefined ? field : new URLSearchParams([[key, value]]).toString();
    })
    .join("&");
}
