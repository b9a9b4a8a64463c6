// The files that the app ships beside itself, read from the app's own origin. Each file is small and is fetched whole,
// once, so that any static host will do, with or without range requests.

import type { ByteSource, FileTree, ReadOptions } from "../lib/byteSource.ts";
import { memorySource } from "../lib/byteSource.ts";
import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import { once } from "../lib/once.ts";

/** public/demo/manifest.json, written by scripts/demoManifest.mjs. */
interface Manifest {
  /** Lines of corpus.jsonl. */
  documents: number;
  /** Folder → hash of its content. */
  revisions: Record<string, string>;
  files: { path: string; size: number }[];
}

/** Any folder of files as a tree, with its folders' revisions. */
export interface Bundle {
  /** Number of documents in its corpus. */
  readonly documents: number;
  folder(path: string): FileTree;
  files(folder: string): { path: string; bytes: number }[];
}

/** @param base address of the folder that holds manifest.json, with a slash at its end. */
export async function openBundle(base: URL, options?: ReadOptions): Promise<Bundle> {
  const manifestBytes = await fetchWhole(new URL("manifest.json", base), null, options);
  const manifest = JSON.parse(new TextDecoder().decode(manifestBytes)) as Manifest;
  const known = new Map(manifest.files.map(({ path, size }) => [path, size]));
  const fetched = new Map<string, (signal?: AbortSignal) => Promise<Uint8Array>>();

  const bytesOf = (path: string, size: number, reading: ReadOptions = {}): Promise<Uint8Array> => {
    let bytes = fetched.get(path);
    if (!bytes) {
      bytes = once(`reading ${path}`, (signal) =>
        fetchWhole(new URL(path, base), size, { signal }),
      );
      fetched.set(path, bytes);
    }
    return bytes(reading.signal);
  };

  return {
    documents: manifest.documents,
    folder: (folder) => ({
      name: `demo/${folder}`,
      revision: manifest.revisions[folder] ?? "",
      open: async (file) => {
        const path = folder === "" ? file : `${folder}/${file}`;
        const size = known.get(path);
        return size === undefined ? null : lazySource(path, size, bytesOf);
      },
    }),
    files: (folder) =>
      manifest.files
        .filter(({ path }) => path.startsWith(`${folder}/`))
        .map(({ path, size }) => ({ path: path.slice(folder.length + 1), bytes: size })),
  };
}

function lazySource(
  path: string,
  size: number,
  bytesOf: (path: string, size: number, options?: ReadOptions) => Promise<Uint8Array>,
): ByteSource {
  const open = async (options?: ReadOptions): Promise<ByteSource> =>
    memorySource(path, await bytesOf(path, size, options));
  return {
    name: path,
    size: async () => size,
    read: async (start, end, options) => (await open(options)).read(start, end, options),
    async *stream(start, end, options) {
      yield* (await open(options)).stream(start, end, options);
    },
  };
}

async function fetchWhole(
  url: URL,
  size: number | null,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const doing = `fetching ${url.pathname}`;
  throwIfCancelled(options.signal, doing);
  try {
    const response = await fetch(url, options.signal ? { signal: options.signal } : {});
    if (!response.ok) {
      throw new FacetError(
        "Network",
        `While ${doing}: the app's server answered ${response.status}. Check that the whole build was deployed.`,
      );
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (size !== null && bytes.byteLength !== size) {
      throw new FacetError(
        "Network",
        `While ${doing}: ${bytes.byteLength} bytes came, ${size} were expected. Reload the page; if it stays, deploy the build again.`,
      );
    }
    return bytes;
  } catch (error) {
    if (error instanceof FacetError) throw error;
    throwIfCancelled(options.signal, doing);
    throw new FacetError(
      "Network",
      `While ${doing}: the app's server could not be reached. Check the connection and try again.`,
      error,
    );
  }
}
