// What the cache asks of the place it keeps its files in: small named files in folders, each open to one user at a time.
// opfsStore.ts is that place in a browser; tests have one in memory.

/** An open file, as FileSystemSyncAccessHandle has it. */
export interface CacheFile {
  size(): number;
  /** Reads from byte `at` on until `into` is full or the file ends; how many bytes that were. */
  read(into: Uint8Array, at: number): number;
  /** Writes all of `bytes`, or throws; QuotaExceededError where there is no room. */
  write(bytes: Uint8Array, at: number): void;
  truncate(size: number): void;
}

export interface FilePath {
  readonly folder: string;
  readonly name: string;
}

export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
}

export interface CacheStore {
  /** Opens a file, made where it is missing, for the time that `use` takes, alone among all tabs. */
  withFile<T>(
    path: FilePath,
    signal: AbortSignal | undefined,
    use: (file: CacheFile) => Promise<T> | T,
  ): Promise<T>;
  /** Does work on several files while no other tab does any under this name. */
  inTurn<T>(name: string, work: () => Promise<T>): Promise<T>;
  folders(): Promise<string[]>;
  files(folder: string): Promise<StoredFile[]>;
  /** Waits until nobody has a file of the folder open. */
  removeFolder(folder: string): Promise<void>;
  /** As withFile; nothing happens where there is no such file. */
  removeFile(path: FilePath): Promise<void>;
}

/** A folder of the page's storage, and the layout of what is in it: what is there in an older layout is deleted. */
export interface OpfsPlace {
  readonly name: string;
  readonly layout: number;
}
