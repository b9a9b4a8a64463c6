// What a model's and an SAE's folder hold, from their configurations and headers alone: enough to refuse what cannot
// run, and to say what opening will read, before any weight is. Needs no backend, so it runs while one starts.

import { bytesOf, formatOf } from "../formats/load.ts";
import { parseSaeConfig, type SaeConfig } from "../formats/saeConfig.ts";
import { checkSaeTensors, saeTensorShapes } from "../formats/saeTensors.ts";
import { openTensors, type TensorSet } from "../formats/shards.ts";
import { type FileTree, readFile } from "../lib/byteSource.ts";
import type { WeightFormat } from "../lib/dtype.ts";
import type { JobOptions } from "../lib/progress.ts";
import { type GemmaConfig, parseGemmaConfig } from "../model/config.ts";
import { blockTensors } from "../model/tensors.ts";
import { createTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ModelSource, SaeSource } from "./library.ts";

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
/** Gemma's has 17.5 MB. */
const MAX_TOKENIZER_BYTES = 128 * 1024 * 1024;

export interface InspectedModel {
  readonly config: GemmaConfig;
  readonly tensors: TensorSet;
  /** Of the first matrix, which speaks for all. */
  readonly fileFormat: WeightFormat;
}

export async function inspectModel(
  { tree }: ModelSource,
  options: JobOptions,
): Promise<InspectedModel> {
  const [json, tensors] = await Promise.all([
    readFile(tree, "config.json", MAX_CONFIG_BYTES, options),
    openTensors(tree, "model.safetensors", options),
  ]);
  const config = parseGemmaConfig(json);
  const fileFormat = await formatOf(tensors, blockTensors(config, 0).matrices.q, options);
  return { config, tensors, fileFormat };
}

export interface InspectedSae {
  readonly config: SaeConfig;
  readonly tensors: TensorSet;
}

export async function inspectSae({ tree }: SaeSource, options: JobOptions): Promise<InspectedSae> {
  const [cfg, tensors] = await Promise.all([
    readFile(tree, "cfg.json", MAX_CONFIG_BYTES, options),
    openTensors(tree, "sae_weights.safetensors", options),
  ]);
  const config = parseSaeConfig(cfg);
  await checkSaeTensors(config, tensors, options);
  return { config, tensors };
}

/** null where the folder has no tokenizer.json. @param model its special ids are asked for last. */
export async function openTokenizer(
  { tree }: ModelSource,
  model: Promise<InspectedModel>,
  options: JobOptions,
): Promise<Tokenizer | null> {
  const [json, config] = await Promise.all([
    readOptional(tree, "tokenizer.json", MAX_TOKENIZER_BYTES, options),
    readOptional(tree, "tokenizer_config.json", MAX_CONFIG_BYTES, options),
  ]);
  if (json === null) return null;
  const { bosId, eosId, padId } = (await model).config;
  return createTokenizer(json, config, { bos: [bosId], eos: [eosId], pad: [padId] });
}

async function readOptional(
  tree: FileTree,
  path: string,
  limit: number,
  options: JobOptions,
): Promise<Uint8Array | null> {
  return (await tree.open(path, options)) === null ? null : readFile(tree, path, limit, options);
}

/** Of the tensors that the SAE computes with. */
export const saeBytes = ({ config, tensors }: InspectedSae, options: JobOptions): Promise<number> =>
  bytesOf(
    tensors,
    Array.from(saeTensorShapes(config), ([name, shape]) => ({ name, shape })),
    options,
  );
