// The cache's files in the origin-private file system, for use in a worker: synchronous access handles, each open only
// as long as it is used and under a Web Lock, since a handle locks its file for all tabs.

import { offered } from "../../lib/offered.ts";
import type { CacheFile, CacheStore, FilePath, OpfsPlace } from "./store.ts";

/** What is kept of hubs' repos. */
export const HUB_PLACE: OpfsPlace = { name: "facet-hub", layout: 2 };
/**
 * So long another tab is waited for, which may be fetching what is wanted here, or may have been put to sleep by the
 * browser with the lock in its hands. Once one was waited for in vain, the next waits are short, until one succeeds.
 */
const PATIENCE_MS = 30_000;
const IMPATIENCE_MS = 1000;
/** A worker that was ended a moment ago may still hold its handle. */
const BUSY_TRIES = 20;
const BUSY_WAIT_MS = 50;

/**
 * null where the browser has no such storage for this page (an insecure context, some private windows, site data that the
 * reader blocks). Fails where it has one that does not open, which may go better the next time.
 */
export async function openOpfsStore({ name, layout }: OpfsPlace): Promise<CacheStore | null> {
  const storage = offered(() => navigator.storage);
  const locks = offered(() => navigator.locks);
  if (typeof FileSystemFileHandle === "undefined" || !storage || !locks) return null;
  if (!("createSyncAccessHandle" in FileSystemFileHandle.prototype)) return null;
  if (!("getDirectory" in storage)) return null;
  const root = await unlessForbidden(storage.getDirectory());
  if (root === null) return null;
  const current = `${name}-${layout}`;
  const folder = await root.getDirectoryHandle(current, { create: true });
  for await (const [entry] of root) {
    // What another tab still has open is deleted by a later visit.
    if (entry.startsWith(`${name}-`) && entry !== current)
      await root.removeEntry(entry, { recursive: true }).catch(() => undefined);
  }
  return new OpfsStore(current, folder, locks);
}

/** null where the browser's settings keep this page from storing anything. */
async function unlessForbidden<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    const forbidden =
      error instanceof DOMException && ["SecurityError", "NotAllowedError"].includes(error.name);
    if (forbidden) return null;
    throw error;
  }
}

class OpfsStore implements CacheStore {
  readonly #name: string;
  readonly #root: FileSystemDirectoryHandle;
  readonly #locks: LockManager;
  #patienceMs = PATIENCE_MS;

  constructor(name: string, root: FileSystemDirectoryHandle, locks: LockManager) {
    this.#name = name;
    this.#root = root;
    this.#locks = locks;
  }

  withFile<T>(
    path: FilePath,
    signal: AbortSignal | undefined,
    use: (file: CacheFile) => Promise<T> | T,
  ): Promise<T> {
    return this.#alone(path, signal, async () => {
      const directory = await this.#root.getDirectoryHandle(path.folder, { create: true });
      const handle = await openHandle(await directory.getFileHandle(path.name, { create: true }));
      try {
        return await use(cacheFile(handle));
      } finally {
        handle.close();
      }
    });
  }

  /** Under a lock of its own: that of a folder is taken again for each of its files. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#lock(`:${name}`, "exclusive", undefined, work);
  }

  async folders(): Promise<string[]> {
    const names: string[] = [];
    for await (const [name, handle] of this.#root)
      if (handle.kind === "directory") names.push(name);
    return names;
  }

  async files(folder: string): Promise<{ name: string; bytes: number }[]> {
    const directory = await this.#root.getDirectoryHandle(folder, { create: true });
    const files: { name: string; bytes: number }[] = [];
    for await (const [name, handle] of directory) {
      if (handle instanceof FileSystemFileHandle) {
        files.push({ name, bytes: (await handle.getFile()).size });
      }
    }
    return files;
  }

  removeFolder(folder: string): Promise<void> {
    return this.#lock(folder, "exclusive", undefined, () =>
      ignoreMissing(this.#root.removeEntry(folder, { recursive: true })),
    );
  }

  removeFile(path: FilePath): Promise<void> {
    return this.#alone(path, undefined, async () => {
      const directory = await this.#root.getDirectoryHandle(path.folder, { create: true });
      await ignoreMissing(directory.removeEntry(path.name));
    });
  }

  /** The folder's lock is shared by all who use its files, and taken alone by who deletes it. */
  #alone<T>(
    { folder, name }: FilePath,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.#lock(folder, "shared", signal, () =>
      this.#lock(`${folder}/${name}`, "exclusive", signal, work),
    );
  }

  async #lock<T>(
    name: string,
    mode: LockMode,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const waiting = new AbortController();
    const ms = this.#patienceMs;
    const timer = setTimeout(() => {
      this.#patienceMs = IMPATIENCE_MS;
      waiting.abort(
        new DOMException(
          `another tab of this page has held what is stored for ${ms / 1000} s`,
          "TimeoutError",
        ),
      );
    }, ms);
    const given = (): Promise<T> => {
      clearTimeout(timer);
      this.#patienceMs = PATIENCE_MS;
      return work();
    };
    try {
      const stop = signal ? AbortSignal.any([signal, waiting.signal]) : waiting.signal;
      return await this.#locks.request(`${this.#name}/${name}`, { mode, signal: stop }, given);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function openHandle(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      const busy = error instanceof DOMException && error.name === "NoModificationAllowedError";
      if (!busy || attempt === BUSY_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS));
    }
  }
}

function cacheFile(handle: FileSystemSyncAccessHandle): CacheFile {
  return {
    size: () => handle.getSize(),
    read: (into, at) => handle.read(into, { at }),
    write(bytes, at) {
      const written = handle.write(bytes, { at });
      // Browsers may write what fits and stop.
      if (written < bytes.byteLength)
        throw new DOMException("The disk is full.", "QuotaExceededError");
    },
    truncate: (size) => handle.truncate(size),
  };
}

async function ignoreMissing(removing: Promise<void>): Promise<void> {
  try {
    await removing;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error;
  }
}
