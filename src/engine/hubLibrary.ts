// The library of models and SAEs on a hub: those of the catalogue by their keys, any other as owner/name[@revision][/folder].

import type { HubCache } from "../hub/cache/hubCache.ts";
import { DEFAULT_ENDPOINT, parseEndpoint, type Tokens } from "../hub/endpoint.ts";
import { type HubTree, openHubTree } from "../hub/hubTree.ts";
import { parseRepoRef, type RepoRef } from "../hub/repoId.ts";
import type { Hub } from "../hub/request.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { OpenRequest } from "../lib/report.ts";
import { GEMMA_2B_LAYER_6, GEMMA_2B_LAYER_6_FACTS } from "./facts.ts";
import { HUB_MODELS, HUB_SAES, type HubSae } from "./hubCatalog.ts";
import { splitKey } from "./keys.ts";
import type { Library } from "./library.ts";

export interface HubParts {
  readonly tokens: Tokens;
  /** null where the browser has no storage for it. */
  readonly cache: () => Promise<HubCache | null>;
}

export class HubLibrary implements Library {
  readonly #parts: HubParts;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  readonly catalog: Library["catalog"] = async () => ({
    models: [...HUB_MODELS],
    saes: [...HUB_SAES],
  });

  readonly model: Library["model"] = async (request, options) => {
    const { key, revision } = splitKey(request.model);
    const known = HUB_MODELS.find((model) => model.key === key);
    const ref = known ? inCatalog(known.source, revision, "") : parseRepoRef(request.model);
    const tree = await this.#open(request, ref, options);
    return {
      source: sourceOf(ref),
      name: known?.name ?? ref.repo,
      tree,
      presets: [],
      corpus: null,
    };
  };

  readonly sae: Library["sae"] = async (request, options) => {
    const { key, revision } = splitKey(request.sae);
    const known = findSae(key, splitKey(request.model).key);
    const ref = known ? inCatalog(known.source, revision, known.folder) : parseRepoRef(request.sae);
    const tree = await this.#open(request, ref, options);
    // The same SAE typed as a repo and a folder is still the one in the table.
    const entry =
      known ?? HUB_SAES.find(({ source, folder }) => source === ref.repo && folder === ref.folder);
    return {
      source: ref.repo,
      folder: ref.folder,
      tree,
      files: tree.files.map(({ path, size }) => ({ path, bytes: size })),
      published: entry?.published ?? [],
      normScalingFactor: entry?.normScalingFactor ?? null,
      labels: null,
      ...(entry && { neuronpediaId: entry.neuronpediaId }),
      facts: entry?.folder === GEMMA_2B_LAYER_6 ? GEMMA_2B_LAYER_6_FACTS : null,
    };
  };

  async #open(
    request: OpenRequest,
    ref: RepoRef,
    { signal, onProgress }: JobOptions,
  ): Promise<HubTree> {
    const { tokens, cache } = this.#parts;
    const endpoint =
      request.endpoint === undefined ? DEFAULT_ENDPOINT : parseEndpoint(request.endpoint);
    if (request.token !== undefined) tokens.set(endpoint, request.token);
    const hub: Hub = {
      endpoint,
      tokens,
      onWait: ({ ms, reason }) =>
        onProgress?.({
          stage: `Waiting ${Math.ceil(ms / 1000)} s to try again: ${reason}`,
          done: 0,
          total: null,
          unit: "bytes",
        }),
    };
    return openHubTree(hub, ref, await cache(), signal ? { signal } : {});
  }
}

/** An SAE's key is unique within its model; for a copy of the model under another name, the first of that key. */
function findSae(key: string, model: string): HubSae | undefined {
  const named = HUB_SAES.filter((sae) => sae.key === key);
  return named.find((sae) => sae.model === model) ?? named[0];
}

const inCatalog = (repo: string, revision: string | null, folder: string): RepoRef => ({
  repo,
  revision,
  folder,
});

const sourceOf = ({ repo, folder }: RepoRef): string =>
  folder === "" ? repo : `${repo}/${folder}`;
