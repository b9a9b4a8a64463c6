// `owner/name[@revision][/folder]`, as people type it and links carry it, into its parts. Anything that could lead out
// of the repo, or to another address than the one it seems to be, is refused.

import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";

export interface RepoRef {
  /** `owner/name`; of a dataset `datasets/owner/name`. */
  readonly repo: string;
  /**
   * Branch, tag, commit or `refs/pr/N`; null where none was given. Of a branch with a slash in its name that was typed as
   * it is, the first part: where the rest of it ends and the folder begins is the hub's to say (hubTree.ts).
   */
  readonly revision: string | null;
  /** Path in the repo without slashes at its ends; empty for the repo itself. */
  readonly folder: string;
}

/** What a branch is called where nobody says otherwise. */
export const DEFAULT_REVISION = "main";

/** huggingface_hub's REPO_ID_REGEX: 1 to 96 of these, no `..` or `--`, no `-` or `.` at an end. */
const REPO_PART = /^(?![-.])(?!.*(?:--|\.\.))[\w.-]{1,96}(?<![-.])$/;
/** Refs that the Hub makes itself. */
const HUB_REF = /^refs\/(?:pr\/\d{1,6}|convert\/[\w.-]{1,100})$/;
/** A part between slashes of what git calls a branch or a tag (git check-ref-format). */
const REF_PART = /^(?![.-])(?!.*(?:\.\.|@\{))[^\p{C}\s~^:?*[\\/]{1,100}(?<!\.|\.lock)$/u;
/** Any name that a folder can have: no step, nothing that is not seen, nothing that reorders what is. */
const FOLDER_PART = /^(?!\.+$)[^\p{C}\u2028\u2029/]{1,200}$/u;

const WHOLE = /^([^/@]+)\/([^/@]+)(?:@(refs\/\w+\/[^/]+|[^/]+))?(?:\/(.*))?$/s;

export function parseRepoRef(text: string): RepoRef {
  const match = text.length <= 500 ? WHOLE.exec(text) : null;
  const [, owner = "", name = "", given = null, rest = ""] = match ?? [];
  // As addresses have it: then it is all of the revision.
  const revision = given?.replaceAll(/%2f/gi, "/") ?? null;
  const folder = rest.replace(/\/$/, "");
  const parts = folder === "" ? [] : folder.split("/");
  if (
    !REPO_PART.test(owner) ||
    !REPO_PART.test(name) ||
    name.endsWith(".git") ||
    (revision !== null && !isRevision(revision)) ||
    !parts.every((part) => FOLDER_PART.test(part))
  ) {
    throw new FacetError(
      "BadLink",
      `Reading the repo's name ${show(text)}: it must be owner/name, with @revision (a branch, a tag or a commit) ` +
        `and /folder after it where needed, such as google/gemma-2b@main.`,
    );
  }
  return { repo: `${owner}/${name}`, revision, folder };
}

/** The same of a dataset. Hubs keep datasets beside models, and name them `datasets/owner/name` in addresses. */
export function parseDatasetRef(text: string): RepoRef {
  const ref = parseRepoRef(text);
  return { ...ref, repo: `datasets/${ref.repo}` };
}

/**
 * What a revision and a folder can mean, since branches have slashes too: `a` and `b/c`, `a/b` and `c`, `a/b/c` and none.
 * One alone where the revision is known whole.
 */
export function readings({ repo, revision, folder }: RepoRef): RepoRef[] {
  const parts =
    folder === "" || revision === null || revision.includes("/") ? [] : folder.split("/");
  const longer = parts.map((_, i) => ({
    repo,
    revision: [revision, ...parts.slice(0, i + 1)].join("/"),
    folder: parts.slice(i + 1).join("/"),
  }));
  return [{ repo, revision, folder }, ...longer.filter((ref) => isRevision(ref.revision))];
}

/** Where a hub's API keeps what it knows of a repo: `models/owner/name`, `datasets/owner/name`. */
export const apiPath = (repo: string): string =>
  repo.split("/").length === 3 ? repo : `models/${repo}`;

const isRevision = (text: string): boolean =>
  text.startsWith("refs/")
    ? HUB_REF.test(text)
    : text.length <= 200 && text.split("/").every((part) => REF_PART.test(part));
