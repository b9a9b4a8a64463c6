// A repo of a hub, or a folder of it, as a FileTree pinned to a commit. What is known already (the listing of a commit,
// which never changes; a branch's commit, for a day) is not asked for again.

import type { ByteSource, FileTree, ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import {
  type Commit,
  isCommit,
  listFiles,
  listRefs,
  type RepoFile,
  resolveRevision,
} from "./api.ts";
import type { HubCache } from "./cache/hubCache.ts";
import { hubSource } from "./hubSource.ts";
import type { HubFile } from "./rangedFetch.ts";
import { DEFAULT_REVISION, readings, type RepoRef } from "./repoId.ts";
import type { Hub } from "./request.ts";
import { realTiming } from "./retry.ts";

export interface HubTree extends FileTree {
  /** Path in the repo, empty for the repo itself. */
  readonly folder: string;
  /** Only people who accepted the repo's licence may read it. */
  readonly gated: boolean;
  /** Paths are relative to the folder that was asked for. */
  readonly files: readonly RepoFile[];
}

/** So long a branch is taken to be the commit that it was; then the hub is asked again. */
const COMMIT_MS = 24 * 3_600_000;

/** @param cache null where the browser has no storage for it. */
export async function openHubTree(
  hub: Hub,
  ref: RepoRef,
  cache: HubCache | null,
  { signal }: ReadOptions = {},
): Promise<HubTree> {
  const endpoint = hub.endpoint.url;
  const { repo, folder, commit, gated } = await pinned(hub, ref, cache, signal);
  const at = { endpoint, repo, commit };
  let listed = (await cache?.listing(at, signal)) ?? null;
  if (listed === null) {
    listed = await listFiles(hub, repo, commit, signal);
    await cache?.keepListing(at, listed, signal);
  }
  const prefix = folder === "" ? "" : `${folder}/`;
  const inFolder = listed.filter(({ path }) => path.startsWith(prefix));
  if (inFolder.length === 0) {
    throw new FacetError(
      "EntryNotFound",
      `Opening ${repo} at ${commit}: it has no folder ${show(folder)} with files in it. Check the folder's name on the repo's page.`,
    );
  }
  const byPath = new Map(inFolder.map((file) => [file.path, file]));
  const open = new Map<string, ByteSource>();
  return {
    name: prefix === "" ? repo : `${repo}/${folder}`,
    revision: commit,
    folder,
    gated,
    files: inFolder.map((file) => ({ ...file, path: file.path.slice(prefix.length) })),
    open(path) {
      const file = byPath.get(prefix + path);
      if (file === undefined) return Promise.resolve(null);
      let source = open.get(file.path);
      if (source === undefined) {
        const hubFile: HubFile = { hub, repo, commit, file };
        source = hubSource(hubFile);
        if (cache) source = cache.source(hubFile, source);
        open.set(file.path, source);
      }
      return Promise.resolve(source);
    },
  };
}

/**
 * The commit and the folder that are meant. A branch that is called as the first part of what was typed is taken at its
 * word: git lets no other begin with its name and a slash. Else the hub's list of branches and tags says how far one goes.
 */
async function pinned(
  hub: Hub,
  ref: RepoRef,
  cache: HubCache | null,
  signal: AbortSignal | undefined,
): Promise<RepoRef & Commit> {
  const find = async (reading: RepoRef): Promise<RepoRef & Commit> => ({
    ...reading,
    ...(await commitOf(hub, ref.repo, reading.revision ?? DEFAULT_REVISION, cache, signal)),
  });
  try {
    return await find(ref);
  } catch (error) {
    const longer = readings(ref).slice(1);
    if (!(error instanceof FacetError) || longer.length === 0) throw error;
    if (error.code === "Network") {
      // Without a connection, what was read before can still be opened.
      for (const reading of longer) {
        const { revision } = reading;
        const known =
          revision && (await cache?.commit(hub.endpoint.url, ref.repo, revision, signal));
        if (known) return { ...reading, ...known };
      }
    }
    if (error.code !== "RevisionNotFound") throw error;
    const refs = await listRefs(hub, ref.repo, signal);
    const named = longer.findLast(({ revision }) => revision !== null && refs.has(revision));
    if (named === undefined) throw error;
    return find(named);
  }
}

async function commitOf(
  hub: Hub,
  repo: string,
  revision: string,
  cache: HubCache | null,
  signal: AbortSignal | undefined,
): Promise<Commit> {
  if (isCommit(revision)) return { commit: revision, gated: false };
  const endpoint = hub.endpoint.url;
  const now = (hub.timing ?? realTiming).now();
  const remembered = (await cache?.commit(endpoint, repo, revision, signal)) ?? null;
  // A note from the future is of a clock that was wrong; it could stand for years.
  const age = remembered === null ? Infinity : now - remembered.asked;
  if (remembered !== null && age >= 0 && age < COMMIT_MS) return remembered;
  try {
    const found = await resolveRevision(hub, repo, revision, signal);
    await cache?.keepCommit(endpoint, repo, revision, { ...found, asked: now }, signal);
    return found;
  } catch (error) {
    // Without a connection, what was read before can still be opened.
    if (remembered !== null && error instanceof FacetError && error.code === "Network") {
      return remembered;
    }
    throw error;
  }
}
