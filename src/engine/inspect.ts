// What a model's and an SAE's folder hold, from their configurations and headers alone: enough to refuse what cannot
// run, and to say what opening will read, before any weight is.

import { bytesOf } from "../formats/load.ts";
import { parseSaeConfig, type SaeConfig } from "../formats/saeConfig.ts";
import { assertSaeFits, checkSaeTensors, saeTensorShapes } from "../formats/saeTensors.ts";
import { openTensors, type TensorSet } from "../formats/shards.ts";
import { readFile } from "../lib/byteSource.ts";
import type { JobOptions } from "../lib/progress.ts";
import { type GemmaConfig, parseGemmaConfig } from "../model/config.ts";
import type { ModelSource, SaeSource } from "./library.ts";

export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

export async function inspectModel(
  { tree }: ModelSource,
  options: JobOptions,
): Promise<{ config: GemmaConfig; tensors: TensorSet }> {
  const config = parseGemmaConfig(await readFile(tree, "config.json", MAX_CONFIG_BYTES, options));
  return { config, tensors: await openTensors(tree, "model.safetensors", options) };
}

/** Throws where the SAE does not fit the model. */
export async function inspectSae(
  { tree }: SaeSource,
  model: GemmaConfig,
  options: JobOptions,
): Promise<{ config: SaeConfig; tensors: TensorSet }> {
  const config = parseSaeConfig(await readFile(tree, "cfg.json", MAX_CONFIG_BYTES, options));
  assertSaeFits(config, model);
  const tensors = await openTensors(tree, "sae_weights.safetensors", options);
  await checkSaeTensors(config, tensors, options);
  return { config, tensors };
}

/** Of the tensors that the SAE computes with. */
export const saeBytes = (
  config: SaeConfig,
  tensors: TensorSet,
  options: JobOptions,
): Promise<number> =>
  bytesOf(
    tensors,
    Array.from(saeTensorShapes(config), ([name, shape]) => ({ name, shape })),
    options,
  );
