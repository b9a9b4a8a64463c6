// The view as a URL fragment and back. Only what differs from a plain visit is written; the fragment is never sent to
// a server. What cannot be understood is left at its default and named, in few words however much there is of it.

import { FacetError } from "../lib/errors.ts";
import { namedRepos } from "../lib/repoAddress.ts";
import { BACKEND_NAMES, PRECISIONS } from "../lib/report.ts";
import { cleanNote, readList, writeList } from "./list.ts";
import { readEdits, writeEdits } from "./editList.ts";
import { fitted, type Fitted, LEFT_OUT } from "./linkLength.ts";
import { COLOURS, DEFAULT_VIEW, SORT_KEYS, type View } from "./view.ts";

/** A field's value from its text, or undefined where the text is nonsense. */
interface Codec<T> {
  readonly read: (text: string) => T | undefined;
  readonly write: (value: T) => string;
}

const anyText: Codec<string> = { read: (value) => value, write: (value) => value };

/** Commits, and hashes of content. */
const revision: Codec<string> = {
  read: (value) => (/^[\w.@/-]{1,200}$/.test(value) ? value : undefined),
  write: (value) => value,
};

/** Keys of the catalogue, and owner/name before branches and folders of any name: nothing unseen, of bounded length. */
const repoName: Codec<string> = {
  read: (value) =>
    value.length <= 500 && /^[\w.-]+(?:\/[\w.-]+)?(?:[@/][^\p{C}\u2028\u2029]*)?$/u.test(value)
      ? value
      : undefined,
  write: (value) => value,
};

/** A hub's address as it is kept: no slash at its end, no password, no query; undefined where it is none. */
export function readEndpoint(text: string): string | undefined {
  const parsed = URL.parse(text);
  return parsed &&
    /^https?:$/.test(parsed.protocol) &&
    parsed.username === "" &&
    parsed.password === ""
    ? parsed.origin + parsed.pathname.replace(/\/+$/, "")
    : undefined;
}

const url: Codec<string> = { read: readEndpoint, write: (value) => value };

/** As scans are named: a hash, or the one that ships. */
const scanId: Codec<string> = {
  read: (value) => (/^[\w-]{1,64}$/.test(value) ? value : undefined),
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

/** Short text on one line. */
const line: Codec<string> = {
  read: (value) => (cleanNote(value) === value ? value : undefined),
  write: (value) => value,
};

const oneOf = <const T extends string>(...values: readonly T[]): Codec<T> => ({
  read: (value) => values.find((known) => known === value),
  write: (value) => value,
});

const orNull = <T>(codec: Codec<T>): Codec<T | null> => ({
  read: codec.read,
  write: (value) => (value === null ? "" : codec.write(value)),
});

/** A field of the view with its key in the fragment. */
interface Field {
  readonly key: string;
  /** What to write; null where the value is that of a plain visit. */
  readonly write: (view: View) => string | null;
  /** The part of the view that the text stands for; undefined where it is nonsense. `tell` what was taken otherwise. */
  readonly read: (text: string, tell: (problem: string) => void) => Partial<View> | undefined;
}

function field<K extends keyof View>(name: K, key: string, codec: Codec<View[K]>): Field {
  return {
    key,
    write: (view) => (view[name] === DEFAULT_VIEW[name] ? null : codec.write(view[name])),
    read: (text) => {
      const value = codec.read(text);
      return value === undefined ? undefined : { [name]: value };
    },
  };
}

const FIELDS: readonly Field[] = [
  field("place", "place", oneOf("text", "feature", "find", "sae", "compare")),
  field("embed", "embed", flag),
  field("model", "model", repoName),
  field("sae", "sae", repoName),
  field("modelRevision", "model-rev", orNull(revision)),
  field("saeRevision", "sae-rev", orNull(revision)),
  field("endpoint", "endpoint", orNull(url)),
  field("precision", "precision", orNull(oneOf(...PRECISIONS))),
  field("backend", "backend", orNull(oneOf(...BACKEND_NAMES))),
  field("activation", "gelu", oneOf("tanh", "erf")),
  field("text", "text", anyText),
  field("feature", "feature", orNull(natural)),
  field("token", "token", orNull(natural)),
  field("colour", "colour", oneOf(...COLOURS)),
  field("scale", "scale", oneOf("feature", "text")),
  field("mask", "mask", oneOf("all", "nonspecial")),
  field("units", "units", oneOf("folded", "raw")),
  field("ranking", "rank", oneOf("max", "sum", "count")),
  field("maxLogDensity", "max-density", orNull(logRate)),
  field("newlines", "newlines", oneOf("break", "inline")),
  field("spaces", "spaces", oneOf("implicit", "dot")),
  field("mergeBytes", "bytes", flag),
  field("layout", "layout", oneOf("prose", "table")),
  field("deadThreshold", "dead", logRate),
  field("otherSae", "other", orNull(repoName)),
  field("otherRevision", "other-rev", orNull(revision)),
  field("otherPrecision", "other-precision", orNull(oneOf(...PRECISIONS))),
  field("otherActivation", "other-gelu", oneOf("tanh", "erf")),
  field("mapColour", "map", oneOf("file", "scan", "difference")),
  field("mapLayout", "map-layout", oneOf("number", "similarity")),
  field("countAxis", "counts", oneOf("linear", "log")),
  field("sort", "sort", oneOf(...SORT_KEYS)),
  field("descending", "descending", flag),
  field("minLogDensity", "min-density", orNull(logRate)),
  field("onlyListed", "only-list", flag),
  field("promotes", "promotes", orNull(natural)),
  field("lensNorm", "lens", oneOf("without", "with")),
  field("query", "find", line),
  {
    key: "list",
    write: ({ list }) => (list.length === 0 ? null : writeList(list)),
    read: (text) => {
      const list = readList(text);
      return list && { list };
    },
  },
  field("listName", "list-name", line),
  {
    key: "edits",
    write: ({ edits }) => (edits.length === 0 ? null : writeEdits(edits)),
    read: (text, tell) => {
      const edits = readEdits(text, tell);
      return edits && { edits };
    },
  },
  field("downstream", "downstream", orNull(repoName)),
  field("scan", "scan", orNull(scanId)),
];

/** A long text is asked for again and again, by every link on the page: what it was written as last. */
let lastLong = { key: "", value: "", field: "" };
const LONG = 10_000;

function fieldText(key: string, value: string): string {
  if (key === lastLong.key && value === lastLong.value) return lastLong.field;
  const text = new URLSearchParams([[key, value]]).toString();
  if (value.length > LONG) lastLong = { key, value, field: text };
  return text;
}

const fieldsOf = (view: View): string[] =>
  FIELDS.flatMap(({ key, write }) => {
    const written = write(view);
    return written === null ? [] : [fieldText(key, written)];
  });

/** The fragment without its "#", however long; empty for a plain visit. */
export const writeFragment = (view: View): string => fieldsOf(view).join("&");

/** The fragment of a link, which has an end: it names the fields that it leaves out. */
export const writeLink = (view: View): Fitted => fitted(fieldsOf(view));

export interface ParsedLink {
  readonly view: View;
  /** What could not be understood, in words for the reader. */
  readonly problems: readonly string[];
}

export function readFragment(fragment: string): ParsedLink {
  // The first of each name counts. A link may hold any number of them.
  const written = new Map<string, string>();
  const left = new Set<string>();
  for (const [key, value] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (key === LEFT_OUT) left.add(value);
    else if (!written.has(key)) written.set(key, value);
  }
  const problems: string[] = [];
  nameRepos(written, (problem) => void problems.push(problem));
  const view: { -readonly [K in keyof View]: View[K] } = { ...DEFAULT_VIEW };
  for (const { key, read } of FIELDS) {
    const text = written.get(key);
    written.delete(key);
    if (text === undefined) continue;
    const part = read(text, (problem) => void problems.push(problem));
    if (part !== undefined) Object.assign(view, part);
    else {
      problems.push(
        `The link's ${key} is ${quote(text)}, which is not understood; it was left out.`,
      );
    }
  }
  if (left.size > 0) {
    problems.push(
      `The link came without its ${someOf([...left])}: too long for a link, it stays in the tab where it was written.`,
    );
  }
  const unknown = [...written.keys()].filter((key) => key !== "");
  if (unknown.length > 0) {
    const fields = unknown.length === 1 ? "a field" : `${unknown.length} fields`;
    problems.push(`The link has ${fields} that this version does not know: ${someOf(unknown)}.`);
  }
  return { view, problems };
}

/** A link may name a repo by the address of its page, whose hub is then the endpoint. */
function nameRepos(params: Map<string, string>, tell: (problem: string) => void): void {
  const [model = "", sae = ""] = ["model", "sae"].map((key) => params.get(key) ?? "");
  const endpoint = readEndpoint(params.get("endpoint") ?? "") ?? null;
  try {
    const named = namedRepos({ model, sae, endpoint });
    if (named.model !== model) params.set("model", named.model);
    if (named.sae !== sae) params.set("sae", named.sae);
    if (named.endpoint !== endpoint && named.endpoint !== null) {
      params.set("endpoint", named.endpoint);
    }
  } catch (error) {
    if (!(error instanceof FacetError)) throw error;
    tell(error.message);
    params.delete("model");
    params.delete("sae");
  }
}

/** Hostile text, short enough and safe to show in a sentence. */
function quote(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}

/** Names in a sentence, however many there are. */
const NAMED = 5;
function someOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).map(quote).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
