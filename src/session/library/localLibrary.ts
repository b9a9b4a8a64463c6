// The library of folders that the reader opened from disk in this tab. A link cannot bring them back: whoever follows
// one is asked for the folder.

import { localTree, type LocalFile } from "../../hub/localTree.ts";
import { FacetError } from "../../lib/errors.ts";
import { show } from "../../lib/json.ts";
import type { Library } from "./library.ts";

/** What keys of local folders begin with. */
const PREFIX = "local/";

export const isLocal = (key: string): boolean => key.startsWith(PREFIX);

export class LocalLibrary implements Pick<Library, "model" | "sae"> {
  readonly #folders = new Map<string, readonly LocalFile[]>();

  /** Keeps the folder for this tab's life; its key. One of the same name may hold something new: it gets a number. */
  add(name: string, files: readonly LocalFile[]): string {
    const base = PREFIX + name.replaceAll(/[^\w.-]+/g, "-");
    let key = base;
    for (let n = 2; this.#folders.has(key); n++) key = `${base}-${n}`;
    this.#folders.set(key, files);
    return key;
  }

  readonly model: Library["model"] = async ({ model }) => ({
    source: model,
    name: model.slice(PREFIX.length),
    tree: localTree(model, this.#files(model)),
    presets: [],
    corpus: null,
  });

  readonly sae: Library["sae"] = async ({ sae }) => {
    const files = this.#files(sae);
    return {
      source: sae,
      folder: "",
      tree: localTree(sae, files),
      files: files.map(({ path, file }) => ({ path, bytes: file.size })),
      published: [],
      normScalingFactor: null,
      labels: null,
      facts: null,
    };
  };

  #files(key: string): readonly LocalFile[] {
    const files = this.#folders.get(key);
    if (files) return files;
    throw new FacetError(
      "RepoNotFound",
      `Opening ${show(key)}: a folder on disk can only be opened by whoever has it. Choose the folder again.`,
    );
  }
}
