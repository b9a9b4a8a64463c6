// The pages of the repos that an opening reads, for people to look at: where a licence is accepted. Pure.

import type { Catalog } from "../../lib/report.ts";
import { PUBLIC_HUB } from "../../state/memory.ts";
import type { Asked } from "../../state/requests.ts";

export interface RepoPage {
  readonly repo: string;
  readonly href: string;
}

/** Of the model's repo and of the SAE's; of the one that the message names, where it names one. */
export function repoPages(
  { model, sae, endpoint }: Asked,
  catalog: Catalog | null,
  message: string,
): RepoPage[] {
  const knownModel = catalog?.models.find(({ key }) => key === withoutRevision(model));
  const knownSae = catalog?.saes.find(
    (entry) => entry.key === withoutRevision(sae) && entry.model === withoutRevision(model),
  );
  const repos = [knownModel?.source ?? model, knownSae?.source ?? sae].flatMap(repoOf);
  const named = repos.filter((repo) => message.includes(repo));
  const pages = named.length > 0 ? named : repos;
  return [...new Set(pages)].map((repo) => ({ repo, href: `${endpoint ?? PUBLIC_HUB}/${repo}` }));
}

const withoutRevision = (key: string): string => key.replace(/@[^/]*$/, "");

/** owner/name of a repo as it is typed; nothing where it is none, or lies on this computer. */
function repoOf(source: string): string[] {
  const found = /^([\w.-]+)\/([\w.-]+)(?=[@/]|$)/.exec(source);
  return found === null || found[1] === "local" ? [] : [found[0]];
}
