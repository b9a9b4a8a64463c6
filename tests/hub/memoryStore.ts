// The cache's storage in memory, with locks as a browser's: for tests in Node. Two caches over one of these are two tabs.

import type { CacheFile, CacheStore, FilePath, StoredFile } from "../../src/hub/cache/store.ts";

export class MemoryStore implements CacheStore {
  /** `folder/name` → content. */
  readonly contents = new Map<string, Uint8Array>();
  /** Bytes there is room for. */
  quota = Infinity;
  /** Thrown by everything, while it is set. */
  failure: Error | null = null;
  readonly #queues = new Map<string, Promise<unknown>>();

  withFile<T>(
    { folder, name }: FilePath,
    signal: AbortSignal | undefined,
    work: (file: CacheFile) => Promise<T> | T,
  ): Promise<T> {
    const path = `${folder}/${name}`;
    return this.#alone(path, signal, async () => {
      if (this.failure) throw this.failure;
      return work(this.#open(path));
    });
  }

  inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#alone(`:${name}`, undefined, work);
  }

  folders(): Promise<string[]> {
    return Promise.resolve([
      ...new Set([...this.contents.keys()].map((path) => path.split("/")[0] ?? "")),
    ]);
  }

  files(folder: string): Promise<StoredFile[]> {
    return Promise.resolve(
      [...this.contents]
        .filter(([path]) => path.startsWith(`${folder}/`))
        .map(([path, { byteLength }]) => ({
          name: path.slice(folder.length + 1),
          bytes: byteLength,
        })),
    );
  }

  async removeFolder(folder: string): Promise<void> {
    for (const { name } of await this.files(folder)) await this.removeFile({ folder, name });
  }

  async removeFile({ folder, name }: FilePath): Promise<void> {
    const path = `${folder}/${name}`;
    await this.#alone(path, undefined, () => Promise.resolve(this.contents.delete(path)));
  }

  #open(path: string): CacheFile {
    const content = (): Uint8Array => this.contents.get(path) ?? new Uint8Array(0);
    const resize = (size: number): void => {
      const grown = new Uint8Array(size);
      grown.set(content().subarray(0, size));
      this.contents.set(path, grown);
    };
    return {
      size: () => content().byteLength,
      read: (into, at) => {
        const bytes = content().subarray(at, at + into.byteLength);
        into.set(bytes);
        return bytes.byteLength;
      },
      write: (bytes, at) => {
        const grows = Math.max(0, at + bytes.byteLength - content().byteLength);
        const taken = [...this.contents.values()].reduce(
          (sum, { byteLength }) => sum + byteLength,
          0,
        );
        if (taken + grows > this.quota) throw new DOMException("No room.", "QuotaExceededError");
        if (grows > 0) resize(at + bytes.byteLength);
        content().set(bytes, at);
      },
      truncate: resize,
    };
  }

  async #alone<T>(
    path: string,
    signal: AbortSignal | undefined,
    use: () => Promise<T>,
  ): Promise<T> {
    const before = this.#queues.get(path) ?? Promise.resolve();
    const turn = before.then(() => {
      signal?.throwIfAborted();
      return use();
    });
    this.#queues.set(
      path,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
