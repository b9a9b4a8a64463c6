// What is kept of hubs' repos: bytes of files, listings, and which commit a branch was. One folder for each repo at a
// commit, named by a hash, since names from a hub are a stranger's; a note in it says in words whose it is.
// The cache is a convenience: whatever goes wrong with it is told once, and the work goes on without it.

import { createSHA256 } from "hash-wasm";
import type { ByteSource } from "../../lib/byteSource.ts";
import { describe, FacetError, throwIfCancelled } from "../../lib/errors.ts";
import { isJsonObject } from "../../lib/json.ts";
import { isCommit, parseFile, type Commit, type RepoFile } from "../api.ts";
import type { HubFile } from "../rangedFetch.ts";
import { notAsListed, wholeFileCheck } from "../wholeFile.ts";
import { CachedSource } from "./cachedSource.ts";
import { CELL_BYTES, type Checksum } from "./cell.ts";
import { createChecksum } from "./checksum.ts";
import { readNote, writeNote } from "./note.ts";
import { OpenCells } from "./openCells.ts";
import type { CacheStore, FilePath } from "./store.ts";

/** A repo at a commit, wherever its hub is. */
export interface RepoAt {
  /** Endpoint.url. */
  readonly endpoint: string;
  readonly repo: string;
  readonly commit: string;
}

/** What the storage panel lists. */
export interface CacheEntry extends RepoAt {
  /** For `remove`. */
  readonly id: string;
  /** That it takes in the browser's storage. */
  readonly bytes: number;
}

export interface RememberedCommit extends Commit {
  /** When the hub was asked, in ms since 1970. */
  readonly asked: number;
}

const LISTING = "listing";
const REFS_FOLDER = "refs";

/** @param onTrouble told once of a storage that is full (`QuotaExceeded`) and once of one that fails otherwise. */
export async function openHubCache(
  store: CacheStore,
  onTrouble: (error: FacetError) => void,
): Promise<HubCache> {
  const [checksum, sha256] = await Promise.all([createChecksum(), createSHA256()]);
  return new HubCache(store, onTrouble, {
    checksum,
    id: (...parts) => sha256.init().update(JSON.stringify(parts)).digest("hex").slice(0, 40),
  });
}

interface Hashes {
  readonly checksum: Checksum;
  readonly id: (...parts: string[]) => string;
}

export class HubCache {
  readonly #store: CacheStore;
  readonly #tell: (error: FacetError) => void;
  readonly #hashes: Hashes;
  #full = false;
  #failed = false;

  constructor(store: CacheStore, onTrouble: (error: FacetError) => void, hashes: Hashes) {
    this.#store = store;
    this.#tell = onTrouble;
    this.#hashes = hashes;
  }

  /** The file, read through the cache. */
  source(hubFile: HubFile, inner: ByteSource): ByteSource {
    const { hub, repo, commit, file } = hubFile;
    const folder = this.#folder({ endpoint: hub.endpoint.url, repo, commit });
    const prefix = this.#hashes.id(file.path);
    return new CachedSource({
      inner,
      size: file.size,
      cells: new OpenCells(this.#store, folder, prefix, this.#hashes.checksum),
      onTrouble: (error) => this.#onTrouble(error),
      mayWrite: () => !this.#full,
      check: (bytes) => this.#check(inner.name, file, { folder, name: `${prefix}-whole` }, bytes),
    });
  }

  async listing(at: RepoAt, signal?: AbortSignal): Promise<RepoFile[] | null> {
    const note = await this.#read({ folder: this.#folder(at), name: LISTING }, signal);
    if (!isJsonObject(note) || !Array.isArray(note["files"])) return null;
    return note["files"].map((entry: unknown) => parseFile(entry, at.repo));
  }

  /** Also names the entry for the storage panel. */
  async keepListing(at: RepoAt, files: readonly RepoFile[], signal?: AbortSignal): Promise<void> {
    const listed = files.map(({ path, size, sha256, gitSha1 }) =>
      sha256 === null ? { path, size, oid: gitSha1 } : { path, size, lfs: { oid: sha256, size } },
    );
    await this.#write(
      { folder: this.#folder(at), name: LISTING },
      { ...at, files: listed },
      signal,
    );
  }

  /** Which commit a branch or tag was when the hub was last asked. */
  async commit(
    endpoint: string,
    repo: string,
    revision: string,
    signal?: AbortSignal,
  ): Promise<RememberedCommit | null> {
    const note = await this.#read(this.#ref(endpoint, repo, revision), signal);
    if (!isJsonObject(note)) return null;
    const { commit, gated, asked } = note;
    const sound = typeof commit === "string" && isCommit(commit) && typeof asked === "number";
    return sound ? { commit, gated: gated === true, asked } : null;
  }

  async keepCommit(
    endpoint: string,
    repo: string,
    revision: string,
    commit: RememberedCommit,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#write(this.#ref(endpoint, repo, revision), commit, signal);
  }

  async list(): Promise<CacheEntry[]> {
    const folders = (await this.#store.folders()).filter((folder) => folder !== REFS_FOLDER);
    return Promise.all(
      folders.map(async (id) => {
        const note = await this.#read({ folder: id, name: LISTING }, undefined);
        const at = isJsonObject(note) ? note : {};
        const files = await this.#store.files(id);
        const text = (value: unknown): string => (typeof value === "string" ? value : "unknown");
        return {
          id,
          endpoint: text(at["endpoint"]),
          repo: text(at["repo"]),
          commit: text(at["commit"]),
          bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        };
      }),
    );
  }

  async remove(id: string): Promise<void> {
    try {
      await this.#store.removeFolder(id);
    } catch (error) {
      throw new FacetError(
        "Network",
        `Deleting what is stored: it could not be deleted (${describe(error)}). Close other tabs of this page and try again.`,
        error,
      );
    }
    // There is room again.
    this.#full = false;
  }

  /** Throws, and throws the file's cells away, where the bytes are not those of the listed file. */
  async #check(
    name: string,
    file: RepoFile,
    mark: FilePath,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const listed = file.sha256 ?? file.gitSha1;
    if (listed === null || (await this.#read(mark, undefined)) === listed) return;
    const check = await wholeFileCheck(file);
    if (check === null) return;
    for await (const piece of bytes) check.update(piece);
    if (check.matches()) {
      await this.#write(mark, listed, undefined);
      return;
    }
    const prefix = mark.name.replace(/whole$/, "");
    for (let cell = 0; cell * CELL_BYTES < file.size; cell++) {
      await this.#store.removeFile({ folder: mark.folder, name: `${prefix}${cell}` });
    }
    throw notAsListed(name);
  }

  #folder({ endpoint, repo, commit }: RepoAt): string {
    return this.#hashes.id(endpoint, repo, commit);
  }

  #ref(endpoint: string, repo: string, revision: string): FilePath {
    return { folder: REFS_FOLDER, name: this.#hashes.id(endpoint, repo, revision) };
  }

  async #read(path: FilePath, signal: AbortSignal | undefined): Promise<unknown> {
    try {
      return await readNote(this.#store, this.#hashes.checksum, path, signal);
    } catch (error) {
      throwIfCancelled(signal, "reading the cache");
      this.#onTrouble(error);
      return undefined;
    }
  }

  async #write(path: FilePath, value: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (this.#full) return;
    try {
      await writeNote(this.#store, this.#hashes.checksum, path, value, signal);
    } catch (error) {
      throwIfCancelled(signal, "writing the cache");
      this.#onTrouble(error);
    }
  }

  #onTrouble(error: unknown): void {
    if (error instanceof Error && error.name === "QuotaExceededError") {
      if (!this.#full) {
        this.#tell(
          new FacetError(
            "QuotaExceeded",
            "The browser's storage for this page is full, so what is read from now on is not kept. The work goes on; delete stored models to make room.",
            error,
          ),
        );
      }
      this.#full = true;
    } else if (!this.#failed) {
      this.#failed = true;
      this.#tell(
        new FacetError(
          "Network",
          `The browser's storage for this page fails (${describe(error)}), so parts may be read from the network again. The work goes on.`,
          error,
        ),
      );
    }
  }
}
