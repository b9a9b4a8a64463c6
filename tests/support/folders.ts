// Engines over folders in memory: those of the fixtures, with some of their numbers changed.

import { readdirSync, readFileSync } from "node:fs";
import type { Backend } from "../../src/backend/backend.ts";
import { Engine } from "../../src/session/engine.ts";
import { LocalLibrary } from "../../src/session/library/localLibrary.ts";
import type { BackendName } from "../../src/lib/report.ts";
import { repository } from "./nodeFiles.ts";

/** Bytes by file name. */
export type Folder = Readonly<Record<string, Uint8Array>>;

/** A small random Gemma with a tokenizer. */
export const baseModel = (): Folder => readFolder("tests/fixtures/faults/base/model");
/** A standard SAE of 128 features on its second block. */
export const baseSae = (): Folder => readFolder("tests/fixtures/faults/base/sae");

export const WEIGHTS = { model: "model.safetensors", sae: "sae_weights.safetensors" } as const;

function readFolder(path: string): Folder {
  const names = readdirSync(repository(path));
  return Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(repository(`${path}/${name}`)))]),
  );
}

/** The folder with the values of one f32 tensor changed. */
export function changed(
  folder: Folder,
  file: string,
  tensor: string,
  change: (values: Float32Array) => void,
): Folder {
  const bytes = (folder[file] ?? new Uint8Array()).slice();
  const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes))) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [start, end] = header[tensor]?.data_offsets ?? [0, 0];
  const from = 8 + headerBytes + start;
  const values = new Float32Array(bytes.slice(from, 8 + headerBytes + end).buffer);
  change(values);
  bytes.set(new Uint8Array(values.buffer), from);
  return { ...folder, [file]: bytes };
}

/** The folder's cfg.json with other fields. */
export function configured(folder: Folder, fields: Record<string, unknown>): Folder {
  const config = JSON.parse(new TextDecoder().decode(folder["cfg.json"])) as object;
  return {
    ...folder,
    "cfg.json": new TextEncoder().encode(JSON.stringify({ ...config, ...fields })),
  };
}

/** An engine that can open folders, each under the key that `add` gives. */
export function engineOnFolders(
  name: BackendName,
  start: () => Promise<Backend>,
): { engine: Engine; add: (name: string, folder: Folder) => string } {
  const library = new LocalLibrary();
  const engine = new Engine({
    library: {
      model: library.model,
      sae: library.sae,
      catalog: async () => ({ models: [], saes: [] }),
    },
    backends: {
      options: async () => [{ name, available: true, note: null }],
      start: async () => start(),
    },
    onNotice: (text) => {
      throw new Error(`Unexpected notice: ${text}`);
    },
  });
  const add = (folderName: string, folder: Folder): string =>
    library.add(
      folderName,
      Object.entries(folder).map(([path, bytes]) => ({
        path,
        file: new Blob([bytes.slice()]),
      })),
    );
  return { engine, add };
}
