// `owner/name[@revision][/folder]`, as people type it and links carry it, into its parts. Anything that could lead out
// of the repo, or to another address than the one it seems to be, is refused.

import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";

export interface RepoRef {
  /** `owner/name`; of a dataset `datasets/owner/name`. */
  readonly repo: string;
  /** Branch, tag, commit or `refs/pr/N`; null where none was given. */
  readonly revision: string | null;
  /** Path in the repo without slashes at its ends; empty for the repo itself. */
  readonly folder: string;
}

/** What a branch is called where nobody says otherwise. */
export const DEFAULT_REVISION = "main";

/** huggingface_hub's REPO_ID_REGEX: 1 to 96 of these, no `..` or `--`, no `-` or `.` at an end. */
const REPO_PART = /^(?![-.])(?!.*(?:--|\.\.))[\w.-]{1,96}(?<![-.])$/;
/** No slash in a revision, but for the two kinds of ref that the Hub makes itself. */
const REVISION = /^(?:refs\/(?:pr\/\d{1,6}|convert\/[\w.-]{1,100})|[\w.+-]{1,100})$/;
const FOLDER_PART = /^(?!\.+$)[\w.+=@ -]{1,200}$/;

const WHOLE = /^([^/@]+)\/([^/@]+)(?:@(refs\/\w+\/[^/]+|[^/]+))?(?:\/(.*))?$/s;

export function parseRepoRef(text: string): RepoRef {
  const match = text.length <= 500 ? WHOLE.exec(text) : null;
  const [, owner = "", name = "", revision = null, rest = ""] = match ?? [];
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

/** Where a hub's API keeps what it knows of a repo: `models/owner/name`, `datasets/owner/name`. */
export const apiPath = (repo: string): string =>
  repo.split("/").length === 3 ? repo : `models/${repo}`;

const isRevision = (text: string): boolean =>
  REVISION.test(text) && !text.includes("..") && !/^\.+$/.test(text);
