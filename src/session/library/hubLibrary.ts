// The library of models and SAEs on a hub: those of the catalogue by their keys, any other as owner/name[@revision][/folder].

import type { HubCache } from "../../hub/cache/hubCache.ts";
import { DEFAULT_ENDPOINT, parseEndpoint, type Tokens } from "../../hub/endpoint.ts";
import { type HubTree, openHubTree } from "../../hub/hubTree.ts";
import { parseDatasetRef, parseRepoRef, type RepoRef } from "../../hub/repoId.ts";
import type { Hub } from "../../hub/request.ts";
import type { TextSource } from "../../corpus/textSource.ts";
import type { ReadOptions } from "../../lib/byteSource.ts";
import { FacetError } from "../../lib/errors.ts";
import { show } from "../../lib/json.ts";
import type { JobOptions } from "../../lib/progress.ts";
import { namedRepo, type RepoKind } from "../../lib/repoAddress.ts";
import type { OpenRequest } from "../../lib/report.ts";
import type { OpenDataset } from "./corpus.ts";
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
    const ref = known
      ? inCatalog(known.source, revision, "")
      : parseRepoRef(nameAt(request.model, request.endpoint, "model"));
    const tree = await this.#open(request, ref, options);
    return {
      source: tree.name,
      name: known?.name ?? ref.repo,
      tree,
      presets: [],
      corpus: null,
    };
  };

  readonly sae: Library["sae"] = async (request, options) => {
    const { key, revision } = splitKey(request.sae);
    const known = findSae(key, splitKey(request.model).key);
    const ref = known
      ? inCatalog(known.source, revision, known.folder)
      : parseRepoRef(nameAt(request.sae, request.endpoint, "model"));
    const tree = await this.#open(request, ref, options);
    // The same SAE typed as a repo and a folder is still the one in the table.
    const entry =
      known ?? HUB_SAES.find(({ source, folder }) => source === ref.repo && folder === tree.folder);
    return {
      source: ref.repo,
      folder: tree.folder,
      tree,
      files: tree.files.map(({ path, size }) => ({ path, bytes: size })),
      published: entry?.published ?? [],
      normScalingFactor: entry?.normScalingFactor ?? null,
      labels: null,
      ...(entry && { neuronpediaId: entry.neuronpediaId }),
      facts: entry?.folder === GEMMA_2B_LAYER_6 ? GEMMA_2B_LAYER_6_FACTS : null,
    };
  };

  /** The Parquet files of a dataset, in the order of their names. They are read once: nothing of them is kept. */
  readonly dataset: OpenDataset = async ({ dataset, column = "text", ...where }, options) => {
    const ref = parseDatasetRef(nameAt(dataset, where.endpoint, "dataset"));
    const tree = await openHubTree(this.#hub(where, options), ref, null, signalOf(options));
    const paths = tree.files.map(({ path }) => path).filter((path) => /\.parquet$/i.test(path));
    if (paths.length === 0) {
      throw new FacetError(
        "EntryNotFound",
        `Scanning ${dataset}: it has no Parquet files there. Name a folder that has; on the Hub every dataset has some at @refs/convert/parquet.`,
      );
    }
    const { parquetSource } = await import("../../corpus/parquet.ts");
    const sources: TextSource[] = [];
    for (const path of paths.toSorted()) {
      const source = await tree.open(path, options);
      if (source) sources.push(parquetSource(source, await source.size(options), column));
    }
    return { name: dataset, key: `dataset ${tree.name}@${tree.revision} ${column}`, sources };
  };

  async #open(request: OpenRequest, ref: RepoRef, options: JobOptions): Promise<HubTree> {
    const hub = this.#hub(request, options);
    return openHubTree(hub, ref, await this.#parts.cache(), signalOf(options));
  }

  #hub(request: { endpoint?: string; token?: string }, { onProgress }: JobOptions): Hub {
    const { tokens } = this.#parts;
    const endpoint =
      request.endpoint === undefined ? DEFAULT_ENDPOINT : parseEndpoint(request.endpoint);
    if (request.token !== undefined) tokens.set(endpoint, request.token);
    return {
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
  }
}

const signalOf = ({ signal }: JobOptions): ReadOptions => (signal ? { signal } : {});

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

/** What was asked for by its address; that must be one of the hub that is read. */
function nameAt(text: string, endpoint: string | undefined, kind: RepoKind): string {
  const { name, endpoint: hub } = namedRepo(text, endpoint ?? null, kind);
  const isAddress = name !== text.trim();
  if (!isAddress || (hub ?? DEFAULT_ENDPOINT.url) === (endpoint ?? DEFAULT_ENDPOINT.url))
    return name;
  throw new FacetError(
    "BadLink",
    `Reading ${show(text)}: it lies at another hub than ${endpoint ?? DEFAULT_ENDPOINT.url}. Give ${hub ?? DEFAULT_ENDPOINT.url} as the hub.`,
  );
}
