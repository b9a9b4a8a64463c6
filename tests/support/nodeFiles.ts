// Folders on disk as the trees and bundles that the engine reads, for tests and benchmarks in Node.

import type { Bundle } from "../../src/hub/bundle.ts";
import { type FileTree, memorySource } from "../../src/lib/byteSource.ts";
import { isFile, readBytes, readText, repository } from "./files.ts";

export { repository } from "./files.ts";

/** Where the portable backend's .wasm files stand in Node. */
export const TFJS_WASM = repository("node_modules/@tensorflow/tfjs-backend-wasm/dist/");

export function nodeTree(folder: string, revision = "test"): FileTree {
  return {
    name: folder,
    revision,
    open: async (path) => {
      const file = `${folder}/${path}`;
      return isFile(file) ? memorySource(path, readBytes(file)) : null;
    },
  };
}

interface Manifest {
  documents: number;
  revisions: Record<string, string>;
  files: { path: string; size: number }[];
}

export const demoManifest = (): Manifest =>
  JSON.parse(readText("public/demo/manifest.json")) as Manifest;

/** public/demo as the page fetches it. */
export function demoBundle(): Bundle {
  const manifest = demoManifest();
  return {
    documents: manifest.documents,
    folder: (folder) =>
      nodeTree(
        folder === "" ? "public/demo" : `public/demo/${folder}`,
        manifest.revisions[folder] ?? "",
      ),
    files: (folder) =>
      manifest.files
        .filter(({ path }) => path.startsWith(`${folder}/`))
        .map(({ path, size }) => ({ path: path.slice(folder.length + 1), bytes: size })),
  };
}

/** Texts of the bundled corpus. */
export const demoDocuments = (): string[] =>
  readText("public/demo/corpus.jsonl")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { text: string }).text);
