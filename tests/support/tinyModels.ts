// The small random models and SAEs of tests/fixtures/goldens, opened on a backend, with what they must compute.

import type { Backend } from "../../src/backend/backend.ts";
import { parseSaeConfig, type SaeConfig } from "../../src/formats/saeConfig.ts";
import { openTensors, type TensorSet } from "../../src/formats/shards.ts";
import { layer } from "../../src/lib/ids.ts";
import { decodeFloats } from "../../src/lib/dtype.ts";
import type { GeluKind } from "../../src/lib/report.ts";
import { parseGemmaConfig } from "../../src/model/config.ts";
import type { Gemma } from "../../src/model/forward.ts";
import { GemmaWeights, type Keeping } from "../../src/model/weights.ts";
import { openSae } from "../../src/sae/open.ts";
import type { Sae } from "../../src/sae/sae.ts";
import { namesIn, readBytes, readText } from "./files.ts";
import { nodeTree } from "./nodeFiles.ts";

const GOLDENS = "tests/fixtures/goldens";
export const TINY_MODELS = ["tiny-mqa-bf16-sharded", "tiny-gqa-f32", "tiny-mha-f16"] as const;
export const SAE_KINDS: readonly string[] = namesIn(`${GOLDENS}/sae`);

export async function openTiny(
  backend: Backend,
  name: string,
  activation: GeluKind,
  keeping: Keeping = {},
): Promise<Gemma> {
  const tree = nodeTree(`${GOLDENS}/${name}`);
  const config = parseGemmaConfig(readBytes(`${GOLDENS}/${name}/config.json`));
  const tensors = await openTensors(tree, "model.safetensors");
  return {
    backend,
    config,
    activation,
    weights: new GemmaWeights(backend, config, tensors, keeping),
  };
}

export interface ModelGolden {
  readonly cases: readonly { ids: number[]; ce: number[] }[];
  readonly tensors: TensorSet;
}

export async function modelGolden(name: string, activation: GeluKind): Promise<ModelGolden> {
  const file = `goldens.${activation}`;
  const { cases } = JSON.parse(readText(`${GOLDENS}/${name}/${file}.json`)) as {
    cases: { ids: number[]; ce: number[] }[];
  };
  return {
    cases,
    tensors: await openTensors(nodeTree(`${GOLDENS}/${name}`), `${file}.safetensors`),
  };
}

export interface SaeGolden {
  readonly sae: Sae;
  readonly ids: readonly number[];
  /** [25, 48], [25, 200], [25, 48] */
  readonly x: Float32Array;
  readonly f: Float32Array;
  readonly xHat: Float32Array;
}

/** @param hookLayer another layer's hook than its own, to be read on. */
export async function openSaeGolden(
  backend: Backend,
  kind: string,
  hookLayer?: number,
): Promise<SaeGolden> {
  const folder = `${GOLDENS}/sae/${kind}`;
  const { ids, normScalingFactor } = JSON.parse(readText(`${folder}/golden.json`)) as {
    ids: number[];
    normScalingFactor: number | null;
  };
  const own = parseSaeConfig(readBytes(`${folder}/cfg.json`));
  const config =
    hookLayer === undefined
      ? own
      : { ...own, layer: layer(hookLayer), hook: `blocks.${hookLayer}.hook_resid_post` };
  const tensors = await openTensors(nodeTree(folder), "sae_weights.safetensors");
  const golden = await openTensors(nodeTree(folder), "golden.safetensors");
  return {
    sae: await openSae(backend, config, tensors, normScalingFactor, {}),
    ids,
    x: await floats(golden, "x"),
    f: await floats(golden, "f"),
    xHat: await floats(golden, "x_hat"),
  };
}

/** An SAE's own files, for references that compute from them. */
export async function saeFile(kind: string): Promise<{
  config: SaeConfig;
  normScalingFactor: number | null;
  tensor: (name: string) => Promise<Float32Array>;
}> {
  const folder = `${GOLDENS}/sae/${kind}`;
  const { normScalingFactor } = JSON.parse(readText(`${folder}/golden.json`)) as {
    normScalingFactor: number | null;
  };
  const tensors = await openTensors(nodeTree(folder), "sae_weights.safetensors");
  return {
    config: parseSaeConfig(readBytes(`${folder}/cfg.json`)),
    normScalingFactor,
    tensor: (name) => floats(tensors, name),
  };
}

export async function floats(tensors: TensorSet, name: string): Promise<Float32Array> {
  const { info, source } = await tensors.get(name);
  return decodeFloats(await source.read(info.start, info.end), info.dtype, name);
}
