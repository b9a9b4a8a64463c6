// The tensors of a folder, whether they stand in one safetensors file or in the shards of an index.
// Opens headers only, and a shard's header only once a tensor of it is asked for.

import { readFile, type ByteSource, type FileTree, type ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { isJsonObject, parseJsonObject, show } from "../lib/json.ts";
import { readSafetensorsHeader, type SafetensorsHeader, type TensorInfo } from "./safetensors.ts";

/** A tensor and the file it stands in. */
export interface StoredTensor {
  readonly info: TensorInfo;
  readonly source: ByteSource;
}

export interface TensorSet {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** `Format` where there is no such tensor, or where it has another shape than `shape`. */
  get(name: string, shape?: readonly number[], options?: ReadOptions): Promise<StoredTensor>;
}

/** gemma-2b's index has 14 KB; a model of a thousand layers would have about one MB. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;

interface OpenFile {
  readonly source: ByteSource;
  readonly header: SafetensorsHeader;
}

/** The tensors of `file` in `tree`, or of the shards in `file`.index.json; `EntryNotFound` where neither is there. */
export async function openTensors(
  tree: FileTree,
  file: string,
  options?: ReadOptions,
): Promise<TensorSet> {
  const source = await tree.open(file, options);
  if (source !== null) {
    const whole: OpenFile = { source, header: await readSafetensorsHeader(source, options) };
    return tensorSet(
      source.name,
      new Map([...whole.header.tensors.keys()].map((name) => [name, file])),
      () => Promise.resolve(whole),
    );
  }
  const index = `${file}.index.json`;
  if ((await tree.open(index, options)) === null) {
    throw new FacetError(
      "EntryNotFound",
      `Opening ${tree.name}: it has neither ${file} nor ${index}. Choose a folder with safetensors weights.`,
    );
  }
  const weightMap = parseIndex(
    await readFile(tree, index, MAX_INDEX_BYTES, options),
    `${tree.name}/${index}`,
  );
  const opened = new Map<string, OpenFile>();
  return tensorSet(tree.name, weightMap, async (shard, reading) => {
    let open = opened.get(shard);
    if (open === undefined) {
      open = await openShard(tree, shard, reading);
      opened.set(shard, open);
    }
    return open;
  });
}

async function openShard(tree: FileTree, shard: string, options?: ReadOptions): Promise<OpenFile> {
  const source = await tree.open(shard, options);
  if (source === null) {
    throw new FacetError(
      "EntryNotFound",
      `Opening ${tree.name}: its index names the shard ${shard}, which is not there. The upload may be incomplete.`,
    );
  }
  return { source, header: await readSafetensorsHeader(source, options) };
}

/** Tensor name to shard. */
function parseIndex(bytes: Uint8Array, name: string): ReadonlyMap<string, string> {
  const { weight_map: weightMap } = parseJsonObject(bytes, name);
  if (!isJsonObject(weightMap)) {
    throw new FacetError(
      "Format",
      `Reading ${name}: weight_map is ${show(weightMap)}, not an object.`,
    );
  }
  const shards = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    const path = typeof shard === "string" ? fileBeside(shard) : null;
    if (path === null) {
      throw new FacetError(
        "Format",
        `Reading ${name}: ${show(tensor)} is said to stand in ${show(shard)}, which is no safetensors file of this folder.`,
      );
    }
    shards.set(tensor, path);
  }
  return shards;
}

/** A safetensors file of the folder by its path, whatever it is called; null where the path leads out of the folder. */
function fileBeside(text: string): string | null {
  const path = text.replace(/^(\.\/)+/, "");
  const plain = path.endsWith(".safetensors") && !/[\p{C}\\]/u.test(path);
  return plain && path.split("/").every((part) => !/^(?:\.|%2e)*$/i.test(part)) ? path : null;
}

function tensorSet(
  where: string,
  fileOf: ReadonlyMap<string, string>,
  open: (file: string, options?: ReadOptions) => Promise<OpenFile>,
): TensorSet {
  return {
    names: [...fileOf.keys()],
    has: (name) => fileOf.has(name),
    async get(name, shape, options) {
      const file = fileOf.get(name);
      if (file === undefined) {
        throw new FacetError("Format", `Opening ${where}: it has no tensor ${show(name)}.`);
      }
      const { source, header } = await open(file, options);
      const info = header.tensors.get(name);
      if (info === undefined) {
        throw new FacetError(
          "Format",
          `Opening ${where}: the index says that ${show(name)} stands in ${file}, where it does not.`,
        );
      }
      if (shape !== undefined && !sameShape(info.shape, shape)) {
        throw new FacetError(
          "Format",
          `Opening ${where}: ${show(name)} should have shape [${shape.join(", ")}], ` +
            `found [${show(info.shape.join(", ")).slice(1, -1)}].`,
        );
      }
      return { info, source };
    },
  };
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dimension, i) => dimension === b[i]);
