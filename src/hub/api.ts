// The two questions a hub's API is asked: which commit a revision is, and which files a commit has.
// https://huggingface.co/docs/hub/api; what comes back is a stranger's, and is checked field by field.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject, show } from "../lib/json.ts";
import { readBody } from "./body.ts";
import { apiPath } from "./repoId.ts";
import { get, type Hub, retryOptions, type Target } from "./request.ts";
import { TransientFailure, withRetry } from "./retry.ts";

export interface Commit {
  readonly commit: string;
  /** Only people who accepted its licence may read it. */
  readonly gated: boolean;
}

export interface RepoFile {
  readonly path: string;
  readonly size: number;
  /** Of its content, where the hub keeps it as a large file. */
  readonly sha256: string | null;
  /** Git's hash of its content, where it is a small one. */
  readonly gitSha1: string | null;
}

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** The Hub gives a thousand files a page. */
const MAX_PAGES = 100;

export const isCommit = (text: string): boolean => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);

export async function resolveRevision(
  hub: Hub,
  repo: string,
  revision: string,
  signal?: AbortSignal,
): Promise<Commit> {
  const name = `${repo} at ${revision}`;
  const url = `${hub.endpoint.url}/api/${apiPath(repo)}/revision/${encodeURIComponent(revision)}`;
  const { value } = await getJson(hub, { url, repo, revision, path: null }, signal);
  const { sha, gated } = isJsonObject(value) ? value : {};
  if (typeof sha !== "string" || !isCommit(sha)) {
    throw new FacetError(
      "Format",
      `Opening ${name}: the hub names the commit ${show(sha)}, which is none. Check the hub's address.`,
    );
  }
  return { commit: sha, gated: gated !== undefined && gated !== false && gated !== null };
}

/** Every file of a commit. */
export async function listFiles(
  hub: Hub,
  repo: string,
  commit: string,
  signal?: AbortSignal,
): Promise<RepoFile[]> {
  const files: RepoFile[] = [];
  let url: string | null =
    `${hub.endpoint.url}/api/${apiPath(repo)}/tree/${encodeURIComponent(commit)}?recursive=true`;
  for (let page = 0; url !== null; page++) {
    if (page === MAX_PAGES) {
      throw new FacetError(
        "Unsupported",
        `Opening ${repo}: it has more than ${files.length} files, too many to list. Choose another repo.`,
      );
    }
    const target: Target = { url, repo, revision: commit, path: null };
    const { value, link } = await getJson(hub, target, signal);
    for (const file of parseTree(value, repo)) files.push(file);
    const next = nextPage(link);
    url = next === null ? null : nextAddress(next, url, repo);
  }
  return files;
}

/** Every branch and tag by its name; a hub that keeps no list of them has none. */
export async function listRefs(hub: Hub, repo: string, signal?: AbortSignal): Promise<Set<string>> {
  const url = `${hub.endpoint.url}/api/${apiPath(repo)}/refs`;
  const { value } = await getJson(hub, { url, repo, revision: "", path: null }, signal);
  const lists = isJsonObject(value) ? [value["branches"], value["tags"]] : [];
  const refs = lists.flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  return new Set(
    refs.flatMap((ref) => {
      const name = isJsonObject(ref) ? ref["name"] : null;
      return typeof name === "string" ? [name] : [];
    }),
  );
}

async function getJson(
  hub: Hub,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<{ value: unknown; link: string | null }> {
  const doing = `asking ${hub.endpoint.origin} about ${target.repo}`;
  return withRetry(doing, retryOptions(hub, signal), async () => {
    const response = await get(hub, target, null, signal);
    const bytes = await readBody(response, MAX_ANSWER_BYTES, doing, signal);
    const link = response.headers.get("Link");
    try {
      return { value: JSON.parse(new TextDecoder().decode(bytes)) as unknown, link };
    } catch (cause) {
      // Cut short, or a proxy's page of excuses: it may be whole the next time.
      throw new TransientFailure(`what ${hub.endpoint.origin} answered is not JSON`, { cause });
    }
  });
}

function parseTree(entries: unknown, repo: string): RepoFile[] {
  if (!Array.isArray(entries)) {
    throw new FacetError(
      "Format",
      `Listing ${repo}: the hub sent ${show(entries)} instead of a list of files. Check the hub's address.`,
    );
  }
  return entries
    .filter((entry: unknown) => !isJsonObject(entry) || entry["type"] !== "directory")
    .map((entry: unknown) => parseFile(entry, repo));
}

/** Also of what was stored from an earlier listing. */
export function parseFile(entry: unknown, repo: string): RepoFile {
  const { path, size, oid, lfs } = isJsonObject(entry) ? entry : {};
  const large = isJsonObject(lfs) ? lfs : null;
  const bytes = large?.["size"] ?? size;
  if (typeof path !== "string" || !isPlainPath(path) || !isNatural(bytes)) {
    throw new FacetError(
      "Format",
      `Listing ${repo}: the hub lists a file ${show(path)} of ${show(bytes)} bytes, which is no file of a repo. Check the hub's address.`,
    );
  }
  const isHash = (value: unknown, digits: number): value is string =>
    typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
  return {
    path,
    size: bytes,
    sha256: isHash(large?.["oid"], 64) ? large["oid"] : null,
    gitSha1: large === null && isHash(oid, 40) ? oid : null,
  };
}

const isNatural = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/** Relative, and without a part that an address would take for a step or cannot spell (half a surrogate pair). */
const isPlainPath = (path: string): boolean =>
  path.length <= 1000 &&
  !/\p{Surrogate}/u.test(path) &&
  path.split("/").every((part) => part !== "" && !/^\.{1,2}$/.test(part));

/** Where a listing goes on; that it stays at the hub is seen to where it is asked for. */
function nextAddress(next: string, base: string, repo: string): string {
  const url = URL.parse(next, base);
  if (url !== null) return url.href;
  throw new FacetError(
    "Format",
    `Listing ${repo}: the hub says that its list of files goes on at ${show(next)}, which is no address. Check the hub's address.`,
  );
}

/** The address of rel="next" in a Link header (RFC 8288). */
function nextPage(link: string | null): string | null {
  for (const [, address, parameters = ""] of (link ?? "").matchAll(/<([^>]*)>([^,<]*)/g)) {
    if (address !== undefined && /;\s*rel="?next"?\s*(;|$)/i.test(parameters)) return address;
  }
  return null;
}
