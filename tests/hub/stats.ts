// What the test hub was asked and what it sent, for tests to count.

export interface RequestRecord {
  readonly server: "hub" | "cdn";
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly origin: string | null;
  readonly authorization: string | null;
  readonly range: string | null;
  /** Every header's name and value. */
  readonly headers: string;
  status: number;
}

export interface FileCount {
  /** Requests that were answered with bytes of the file. */
  requests: number;
  /** Bytes of it that were sent. */
  bytes: number;
}

export class Stats {
  readonly log: RequestRecord[] = [];
  readonly #files = new Map<string, FileCount>();

  /** @param file such as `owner/name/config.json`. */
  of(file: string): FileCount {
    let count = this.#files.get(file);
    if (count === undefined) {
      count = { requests: 0, bytes: 0 };
      this.#files.set(file, count);
    }
    return count;
  }

  get files(): ReadonlyMap<string, FileCount> {
    return this.#files;
  }

  /** Bytes of all files. */
  get bytes(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  clear(): void {
    this.log.length = 0;
    this.#files.clear();
  }
}
