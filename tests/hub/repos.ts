// What the test hub serves: repos of files, each from a folder on disk or made on the fly. No file is held in memory.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface ServedFile {
  readonly path: string;
  readonly size: number;
  /** Bytes [start, end) in order. */
  stream(start: number, end: number): AsyncIterable<Uint8Array>;
  /** SHA-256 of the content where it is known already; else it is computed when the repo is first listed. */
  sha256?(): Promise<string>;
}

export interface RepoOptions {
  /** A folder, or files made by the test. */
  readonly files: string | readonly ServedFile[];
  /** Only the test hub's `readers` may read its files; everyone sees that it is there. */
  readonly gated?: boolean;
  /** Only the test hub's `readers` may know of it. */
  readonly private?: boolean;
  /** The hub has taken it out of everyone's reach. */
  readonly disabled?: boolean;
  /** Branches besides `main`; each is the one commit there is. */
  readonly revisions?: readonly string[];
  readonly tags?: readonly string[];
}

export interface HostedFile extends ServedFile {
  /** Kept on the other origin, behind a signed address, as the Hub keeps large files. */
  readonly large: boolean;
  /** SHA-256 of the content for a large file, git's SHA-1 for a small one. */
  readonly oid: string;
}

export interface HostedRepo {
  readonly commit: string;
  /** Every name of the commit: branches, tags, its hash. */
  readonly revisions: ReadonlySet<string>;
  readonly tags: ReadonlySet<string>;
  readonly gated: boolean;
  readonly private: boolean;
  readonly disabled: boolean;
  readonly files: ReadonlyMap<string, HostedFile>;
}

/** What the Hub's default .gitattributes and its limit for plain files come to. */
const isLarge = ({ path, size }: ServedFile): boolean =>
  path.endsWith(".safetensors") || size > 10_000_000;

export async function hostRepo(options: RepoOptions): Promise<HostedRepo> {
  const served =
    typeof options.files === "string" ? await filesOf(options.files) : [...options.files];
  served.sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = new Map<string, HostedFile>();
  for (const file of served) {
    const large = isLarge(file);
    const oid = large ? await (file.sha256?.() ?? sha256Of(file)) : await gitSha1Of(file);
    files.set(file.path, { ...file, stream: file.stream.bind(file), large, oid });
  }
  const content = [...files].map(([path, { oid }]) => `${oid} ${path}\n`).join("");
  const commit = createHash("sha1").update(content).digest("hex");
  return {
    commit,
    revisions: new Set(["main", commit, ...(options.revisions ?? []), ...(options.tags ?? [])]),
    tags: new Set(options.tags),
    gated: options.gated ?? false,
    private: options.private ?? false,
    disabled: options.disabled ?? false,
    files,
  };
}

async function filesOf(folder: string): Promise<ServedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const { size } = await stat(path);
        return {
          path: relative(folder, path).split(sep).join("/"),
          size,
          stream: (start: number, end: number) =>
            createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 }),
        };
      }),
  );
}

export async function sha256Of(file: ServedFile): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of file.stream(0, file.size)) hash.update(bytes);
  return hash.digest("hex");
}

async function gitSha1Of(file: ServedFile): Promise<string> {
  const hash = createHash("sha1").update(`blob ${file.size}\0`);
  if (file.size > 0) for await (const bytes of file.stream(0, file.size)) hash.update(bytes);
  return hash.digest("hex");
}

/** A file in memory. */
export function memoryFile(path: string, bytes: Uint8Array): ServedFile {
  return {
    path,
    size: bytes.byteLength,
    async *stream(start, end) {
      yield bytes.subarray(start, end);
    },
  };
}
