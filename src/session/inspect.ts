// What a model's and an SAE's folder hold, from their configurations and headers alone: enough to refuse what cannot
// run, and to say what opening will read, before any weight is. Needs no backend, so it runs while one starts.

import { bytesOf, formatOf } from "../formats/load.ts";
import { parseSaeConfig, type SaeConfig } from "../formats/saeConfig.ts";
import { checkSaeTensors, saeTensorShapes } from "../formats/saeTensors.ts";
import { openTensors, type TensorSet } from "../formats/shards.ts";
import { type FileTree, readFile } from "../lib/byteSource.ts";
import type { WeightFormat } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import { type GemmaConfig, parseGemmaConfig, withRows } from "../model/config.ts";
import { blockTensors, embeddingTensor, HEAD_NAME, unembeddingTensor } from "../model/tensors.ts";
import { createTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import type { ModelSource, SaeSource } from "./library/library.ts";

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
/** Gemma's has 17.5 MB. */
const MAX_TOKENIZER_BYTES = 128 * 1024 * 1024;

export interface InspectedModel {
  readonly config: GemmaConfig;
  readonly tensors: TensorSet;
  /** Of the first matrix, which speaks for all. */
  readonly fileFormat: WeightFormat;
  /** For the reader: what the files say that is not as it should be, and what was made of it. */
  readonly notices: readonly string[];
}

export async function inspectModel(
  { tree }: ModelSource,
  options: JobOptions,
): Promise<InspectedModel> {
  const [json, tensors] = await Promise.all([
    readFile(tree, "config.json", MAX_CONFIG_BYTES, options),
    openTensors(tree, "model.safetensors", options),
  ]);
  const stated = parseGemmaConfig(json);
  const fileFormat = await formatOf(tensors, blockTensors(stated, 0).matrices.q, options);
  const { rows, notice } = await countRows(stated, tensors, options);
  // transformers 5 leaves a head of the file's own untied, whatever the configuration says. One that equals the embedding
  // gives the same logits either way.
  const tied = !tensors.has(HEAD_NAME);
  if (tied && !stated.tied) {
    throw new FacetError(
      "Format",
      `Opening ${tree.name}: tie_word_embeddings is false, but there is no ${HEAD_NAME}. The upload may be incomplete.`,
    );
  }
  const config = { ...withRows(stated, rows), tied };
  // Its shape is checked before anything is read of it.
  await bytesOf(tensors, [unembeddingTensor(config)], options);
  const untied =
    !tied && stated.tied
      ? [
          `The model's file has an output head of its own (${HEAD_NAME}), though its config.json ties it to the embedding: logits are made with the head, as in transformers 5.`,
        ]
      : [];
  return { config, tensors, fileFormat, notices: [...stated.notices, ...notice, ...untied] };
}

/**
 * Rows of the embedding, which are the tokens that the model knows. Its configuration may count more, where a vocabulary
 * was rounded up or tokens were added without resizing.
 */
async function countRows(
  config: GemmaConfig,
  tensors: TensorSet,
  options: JobOptions,
): Promise<{ rows: number; notice: string[] }> {
  const { name, shape } = embeddingTensor(config);
  const { info } = await tensors.get(name, undefined, options);
  const [rows = 0] = info.shape;
  // Throws, naming both shapes, where it is no matrix of the model's width.
  await tensors.get(name, rows > 0 ? [rows, config.dModel] : shape, options);
  if (rows === config.vocab) return { rows, notice: [] };
  return {
    rows,
    notice: [
      `The model's config.json counts ${config.vocab} tokens (vocab_size), its embedding has rows for ${rows}: these are used.`,
    ],
  };
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
  const { bosId, eosIds, padId } = (await model).config;
  const pad = padId === null ? [] : [padId];
  return createTokenizer(json, config, { bos: [bosId], eos: eosIds, pad });
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
