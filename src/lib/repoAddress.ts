// The address of a page of a hub, as people copy it out of their browser, into the name that stands for the same
// (hub/repoId.ts): https://huggingface.co/owner/name/tree/branch/folder is owner/name@branch/folder there. A blob's or a
// resolve's address names a file: its folder is meant. Whether the name is one is seen to where it is read.

import { FacetError } from "./errors.ts";
import { show } from "./json.ts";

export type RepoKind = "model" | "dataset";

export interface NamedRepo {
  /** `owner/name[@revision][/folder]`; a text that is no address, as it was. */
  readonly name: string;
  /** Of the hub that an address is of; null: the public one, or none is named. */
  readonly endpoint: string | null;
}

const PUBLIC_HOST = "huggingface.co";
/** Hosts that lead there. */
const ALIASES: ReadonlySet<string> = new Set(["www.huggingface.co", "hf.co", "www.hf.co"]);

/** @param endpoint of the hub that is used; null: the public one. Its address may have a path before the repo's. */
export function namedRepo(text: string, endpoint: string | null, kind: RepoKind): NamedRepo {
  const typed = text.trim();
  const url = addressOf(typed, endpoint);
  if (url === null) return { name: typed, endpoint: null };
  const prefix = endpoint !== null && url.href.startsWith(`${endpoint}/`) ? endpoint : url.origin;
  const parts = decoded(url.href.slice(prefix.length).replace(/[?#].*$/s, ""));
  const name = parts && nameIn(parts, kind);
  if (name === null) {
    throw new FacetError(
      "BadLink",
      `Reading the address ${show(typed)}: it is not that of a ${kind} repo. Give owner/name, or the address of the repo's page such as https://${PUBLIC_HOST}/owner/name/tree/main.`,
    );
  }
  return { name, endpoint: url.host === PUBLIC_HOST ? null : prefix };
}

interface Asking {
  readonly model: string;
  readonly sae: string;
  readonly endpoint: string | null;
}

/** The same with names instead of addresses, whose hub becomes the endpoint. There is one hub for both. */
export function namedRepos({ model, sae, endpoint }: Asking): Asking {
  const found = [model, sae].map((text) => ({ text, ...namedRepo(text, endpoint, "model") }));
  const addresses = found.filter(({ text, name }) => name !== text.trim());
  const hubs = new Set(addresses.map((address) => address.endpoint));
  if (endpoint !== null) hubs.add(endpoint);
  if (hubs.size > 1) {
    const names = [...hubs].map((hub) => hub ?? `https://${PUBLIC_HOST}`).join(" and ");
    throw new FacetError(
      "BadLink",
      `Reading what to open: the addresses are of several hubs, ${names}. Model and SAE are read from one hub; name it once.`,
    );
  }
  const [hub = endpoint] = hubs;
  return { model: found[0]?.name ?? model, sae: found[1]?.name ?? sae, endpoint: hub };
}

/** null where the text is no address of a page, but a name. */
function addressOf(text: string, endpoint: string | null): URL | null {
  const used = URL.parse(endpoint ?? "");
  const host = /^[^/]*/.exec(text)?.[0].toLowerCase() ?? "";
  const url = /^https?:\/\//i.test(text)
    ? URL.parse(text)
    : host === used?.host
      ? URL.parse(`${used.protocol}//${text}`)
      : host === PUBLIC_HOST || ALIASES.has(host)
        ? URL.parse(`https://${text}`)
        : null;
  if (url === null) return null;
  if (ALIASES.has(url.host) || url.host === PUBLIC_HOST) {
    url.protocol = "https:";
    url.host = PUBLIC_HOST;
  }
  return url;
}

/** The parts of a path; null where one is not encoded as addresses are. */
function decoded(path: string): string[] | null {
  try {
    return path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    // A stray % stands for nothing.
    return null;
  }
}

function nameIn(parts: readonly string[], kind: RepoKind): string | null {
  const inKind = ["datasets", "spaces"].includes(parts[0] ?? "") ? parts.slice(1) : parts;
  if ((parts[0] === "datasets") !== (kind === "dataset") || parts[0] === "spaces") return null;
  const [owner, repo, verb = "", revision, ...path] = inKind;
  if (owner === undefined || repo === undefined) return null;
  const name = `${owner}/${repo.replace(/\.git$/, "")}`;
  if (revision === undefined || !["tree", "blob", "resolve", "raw", "commit"].includes(verb))
    return name;
  const isFolder = verb === "tree";
  const folder = verb === "commit" ? [] : isFolder ? path : path.slice(0, -1);
  // A slash of a folder's own name is none that a name could have.
  if (folder.some((part) => part.includes("/"))) return null;
  return [`${name}@${revision.replaceAll("/", "%2F")}`, ...folder].join("/");
}
