// The folders of tests/fixtures/faults, opened through the engine: each holds only what differs from base/, which lends
// the rest.

import { readFileSync } from "node:fs";
import type { Backend } from "../../src/backend/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Library } from "../../src/engine/library.ts";
import { type FileTree, memorySource } from "../../src/lib/byteSource.ts";
import { nodeTree, repository } from "./nodeFiles.ts";

const FAULTS = "tests/fixtures/faults";

/** What the right values were made with. */
export const FAULT_TEXT = "The senator from Ohio said: “No!”";

/** Files that stand in a folder in place of its own; null takes one away. */
export type Files = Readonly<Record<string, Uint8Array | null>>;

export const faultFile = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(repository(`${FAULTS}/${path}`)));

function faultTree(folder: string, base: string, files: Files): FileTree {
  const trees = [nodeTree(`${FAULTS}/${folder}`), nodeTree(`${FAULTS}/${base}`)];
  return {
    name: folder,
    revision: "test",
    async open(path, options) {
      const given = files[path];
      if (given !== undefined) return given && memorySource(path, given);
      for (const tree of trees) {
        const source = await tree.open(path, options);
        if (source) return source;
      }
      return null;
    },
  };
}

export interface FaultFolders {
  readonly model?: string;
  readonly sae?: string;
  readonly modelFiles?: Files;
  readonly saeFiles?: Files;
}

/** An engine that opens these folders, whatever it is asked for; both are base's where nothing is said. */
export function faultEngine(
  { model = "base/model", sae = "base/sae", modelFiles = {}, saeFiles = {} }: FaultFolders,
  start: () => Promise<Backend>,
): Engine {
  const library: Library = {
    catalog: async () => ({ models: [], saes: [] }),
    model: async () => ({
      source: model,
      name: model,
      tree: faultTree(model, "base/model", modelFiles),
      presets: [],
      corpus: null,
    }),
    sae: async () => ({
      source: sae,
      folder: "",
      tree: faultTree(sae, "base/sae", saeFiles),
      files: [],
      published: [],
      normScalingFactor: null,
      labels: null,
      facts: null,
    }),
  };
  return new Engine({
    library,
    backends: {
      options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
      start,
    },
    onNotice: (text) => {
      throw new Error(`Unexpected notice: ${text}`);
    },
  });
}

export const REQUEST = { model: "fault", sae: "fault" } as const;
