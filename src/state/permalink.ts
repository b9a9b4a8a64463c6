// The view as a URL fragment and back. Only what differs from a plain visit is written; the fragment is never sent to
// a server. What cannot be understood is left at its default and named.

import { BACKEND_NAMES } from "../lib/report.ts";
import { DEFAULT_VIEW, type View } from "./view.ts";

/** A field's value from its text, or undefined where the text is nonsense. */
interface Codec<T> {
  read(text: string): T | undefined;
  write(value: T): string;
}

const text: Codec<string> = { read: (value) => value, write: (value) => value };

/** Names of repos, folders and commits: no control characters, no markup, of bounded length. */
const name: Codec<string> = {
  read: (value) => (/^[\w.@/-]{1,200}$/.test(value) ? value : undefined),
  write: (value) => value,
};

const url: Codec<string> = {
  read: (value) => {
    const parsed = URL.parse(value);
    return parsed && /^https?:$/.test(parsed.protocol) && parsed.username === "" && parsed.password === ""
      ? parsed.origin + parsed.pathname.replace(/\/+$/, "")
      : undefined;
  },
  write: (value) => value,
};

const flag: Codec<boolean> = {
  read: (value) => (value === "1" ? true : value === "0" ? false : undefined),
  write: (value) => (value ? "1" : "0"),
};

const natural: Codec<number> = {
  read: (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined),
  write: String,
};

/** log10 rates. */
const logRate: Codec<number> = {
  read: (value) => {
    const number = /^-?\d{1,3}(\.\d{1,6})?$/.test(value) ? Number(value) : NaN;
    return number >= -12 && number <= 0 ? number : undefined;
  },
  write: (value) => String(Number(value.toFixed(6))),
};

const oneOf = <const T extends string>(...values: readonly T[]): Codec<T> => ({
  read: (value) => values.find((known) => known === value),
  write: (value) => value,
});

const orNull = <T>(codec: Codec<T>): Codec<T | null> => ({
  read: codec.read,
  write: (value) => (value === null ? "" : codec.write(value)),
});

type Fields = { readonly [K in keyof View]: { readonly key: string; readonly codec: Codec<View[K]> } };

/** Every field of the view: its key in the fragment, and how its value is spelled there. */
const FIELDS: Fields = {
  place: { key: "place", codec: oneOf("text", "feature", "sae") },
  model: { key: "model", codec: name },
  sae: { key: "sae", codec: name },
  modelRevision: { key: "model-rev", codec: orNull(name) },
  saeRevision: { key: "sae-rev", codec: orNull(name) },
  endpoint: { key: "endpoint", codec: orNull(url) },
  precision: { key: "precision", codec: orNull(oneOf("f32", "bf16", "f16", "int8", "int4")) },
  backend: { key: "backend", codec: orNull(oneOf(...BACKEND_NAMES)) },
  activation: { key: "gelu", codec: oneOf("tanh", "erf") },
  text: { key: "text", codec: text },
  feature: { key: "feature", codec: orNull(natural) },
  token: { key: "token", codec: orNull(natural) },
  colour: { key: "colour", codec: oneOf("feature", "l0", "error", "ce") },
  scale: { key: "scale", codec: oneOf("feature", "text") },
  mask: { key: "mask", codec: oneOf("all", "nonspecial") },
  units: { key: "units", codec: oneOf("folded", "raw") },
  ranking: { key: "rank", codec: oneOf("max", "sum", "count") },
  maxLogDensity: { key: "max-density", codec: orNull(logRate) },
  newlines: { key: "newlines", codec: oneOf("break", "inline") },
  spaces: { key: "spaces", codec: oneOf("implicit", "dot") },
  mergeBytes: { key: "bytes", codec: flag },
  layout: { key: "layout", codec: oneOf("prose", "table") },
  deadThreshold: { key: "dead", codec: logRate },
};

const FIELD_NAMES = Object.keys(FIELDS) as (keyof View)[];

/** The fragment without its "#"; empty for a plain visit. */
export function writeFragment(view: View): string {
  const params = new URLSearchParams();
  const write = <K extends keyof View>(field: K): void => {
    const { key, codec } = FIELDS[field];
    if (view[field] !== DEFAULT_VIEW[field]) params.set(key, codec.write(view[field]));
  };
  FIELD_NAMES.forEach(write);
  return params.toString();
}

export interface ParsedLink {
  readonly view: View;
  /** What could not be understood, in words for the reader. */
  readonly problems: readonly string[];
}

export function readFragment(fragment: string): ParsedLink {
  const params = new URLSearchParams(fragment.replace(/^#/, ""));
  const problems: string[] = [];
  let view = DEFAULT_VIEW;
  const read = <K extends keyof View>(field: K): void => {
    const { key, codec } = FIELDS[field];
    const written = params.get(key);
    params.delete(key);
    if (written === null) return;
    const value = codec.read(written);
    if (value === undefined) {
      problems.push(`The link's ${key} is ${quote(written)}, which is not understood; it was left out.`);
    } else {
      view = { ...view, [field]: value };
    }
  };
  FIELD_NAMES.forEach(read);
  for (const key of new Set(params.keys())) {
    if (key !== "") problems.push(`The link has a field ${quote(key)} that this version does not know.`);
  }
  return { view, problems };
}

/** Hostile text, short enough and safe to show in a sentence. */
function quote(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
