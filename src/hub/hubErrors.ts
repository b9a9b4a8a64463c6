// What a hub's refusals mean, and what a reader can do about each. The hub's own words are quoted, shortened and with
// nothing in them that could reorder text; addresses are not, since they may carry signatures.

import { describe, type ErrorCode, FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";

/** What was asked for, for messages. */
export interface About {
  /** Where the hub is: its origin. */
  readonly hub: string;
  readonly repo: string;
  readonly revision: string;
  /** null where the repo itself was asked for. */
  readonly path: string | null;
  readonly hasToken: boolean;
}

const HUB_CODES = ["GatedRepo", "RepoNotFound", "RevisionNotFound", "EntryNotFound"] as const;
type Meaning = (typeof HUB_CODES)[number] | "BadToken" | "Disabled" | "Forbidden";

/** What the Hub says with these, it says with no code (huggingface_hub, utils/_http.py, hf_raise_for_status). */
const BAD_TOKEN = "Invalid credentials in Authorization header";
const DISABLED = "Access to this resource is disabled.";

/** The error for an answer of the hub that trying again will not change. */
export function refusal(response: Response, about: About): FacetError {
  const meaning = meaningOf(response, about);
  const words = response.headers.get("X-Error-Message");
  const said = words === null ? "" : ` The hub says: ${show(words)}.`;
  const { facetCode, text } = explain(meaning, response.status, about);
  return new FacetError(facetCode, `${text}${said}`);
}

/** X-Error-Code where the hub gives one that is known, else what the status can mean. */
function meaningOf({ status, headers }: Response, { path }: About): Meaning | null {
  const given = headers.get("X-Error-Code");
  const known = HUB_CODES.find((code) => code === given);
  if (known !== undefined) return known;
  const words = headers.get("X-Error-Message")?.trim();
  // Without a code a 401 is the Hub's answer for what is not there, or not for those who do not say who they are.
  if (status === 401) return words === BAD_TOKEN ? "BadToken" : "RepoNotFound";
  if (status === 403) return words === DISABLED ? "Disabled" : "Forbidden";
  if (status === 404 || status === 410) return path === null ? "RepoNotFound" : "EntryNotFound";
  return null;
}

function explain(
  meaning: Meaning | null,
  status: number,
  { hub, repo, revision, path, hasToken }: About,
): { facetCode: ErrorCode; text: string } {
  switch (meaning) {
    case "GatedRepo":
      return {
        facetCode: "GatedRepo",
        text: hasToken
          ? `Opening ${repo}: ${hub} does not let this account or token read it (${status}). Accept the licence on the repo's page with the same account, give the token read access to it, or choose another repo.`
          : `Opening ${repo}: ${hub} lets only people who accepted its licence read it (${status}). Accept it on the repo's page, then sign in or paste an access token here; or choose an ungated copy.`,
      };
    case "BadToken":
      return {
        facetCode: "BadToken",
        text: `Opening ${repo}: ${hub} does not accept the access token that was entered for it (${status}): it may be mistyped, revoked or expired, and with it not even public repos open. Forget the token, or enter another one.`,
      };
    case "Disabled":
      return {
        facetCode: "Forbidden",
        text: `Opening ${repo}: ${hub} has disabled this repo (${status}), and neither a token nor a licence opens it. Choose another repo or a copy of it.`,
      };
    case "Forbidden":
      return {
        facetCode: "Forbidden",
        text: `Opening ${repo}: ${hub} forbids it (${status}) and gives no known reason. ${hasToken ? "Check on the repo's page that the token's account may read it and that the token has read access to it" : "If the repo is not public, sign in or paste an access token"}; or choose another repo.`,
      };
    case "RepoNotFound":
      return {
        facetCode: "RepoNotFound",
        text: `Opening ${repo}: ${hub} has no such model repo${hasToken ? " that this account may see" : ", or it is private"} (${status}). Check the owner and the name${hasToken ? (status === 401 ? ", and that the access token is still good" : "") : "; for a private one, sign in or paste an access token"}.`,
      };
    case "RevisionNotFound":
      return {
        facetCode: "RevisionNotFound",
        text: `Opening ${repo}: it has no branch, tag or commit ${show(revision)} (${status}). Leave the revision out, or choose one from the repo's list of commits.`,
      };
    case "EntryNotFound":
      return {
        facetCode: "EntryNotFound",
        text: `Reading ${repo} at ${revision}: it has no ${path === null ? "such folder" : show(path)} (${status}). Check the folder's name on the repo's page.`,
      };
    case null:
      return {
        facetCode: "Network",
        text: `Reading ${path === null ? repo : `${repo}/${path}`}: ${hub} answered with status ${status}, which is not one that a hub gives. Check the hub's address.`,
      };
  }
}

/** A failure's description as a cause: without what follows a `?` in addresses, where signatures stand. */
export const withoutQueries = (error: unknown): string =>
  describe(error).replace(/(https?:\/\/[^\s?"']*)\?[^\s"']*/g, "$1?…");
