// A Gemma forward as one ONNX graph with the residual as an output, and behind it an SAE's dense activations or the loss:
// the same weights and the same sums as src/model and src/sae, for ONNX Runtime to run.

import { readFile, type FileTree } from "../../../src/lib/byteSource.ts";
import { openTensors, type TensorSet } from "../../../src/formats/shards.ts";
import { decodeFloats } from "../../../src/lib/dtype.ts";
import { type GemmaConfig, parseGemmaConfig } from "../../../src/model/config.ts";
import { blockTensors, embeddingTensor, finalNormTensor } from "../../../src/model/tensors.ts";
import { OnnxGraph } from "./onnx.ts";
import { attention, rmsNorm, transposed } from "./onnxOperations.ts";

/** What follows the residual. */
export type Ending = "encode" | "loss";

/** Where a graph's weights come from: by name, as float32. */
export type Floats = (name: string) => Promise<Float32Array>;

export interface GemmaGraph {
  readonly config: GemmaConfig;
  readonly weights: Floats;
  /** Standard, without normalisation; b_dec is not subtracted. */
  readonly sae: Floats;
  readonly dSae: number;
}

/** A model's folder and an SAE's, as the page reads them. */
export async function readGemma(model: FileTree, sae: FileTree): Promise<GemmaGraph> {
  const config = parseGemmaConfig(await readFile(model, "config.json", 2 ** 20, {}));
  const saeTensors = await openTensors(sae, "sae_weights.safetensors");
  const { info } = await saeTensors.get("b_enc");
  return {
    config,
    weights: floatsOf(await openTensors(model, "model.safetensors")),
    sae: floatsOf(saeTensors),
    dSae: info.shape[0] ?? 0,
  };
}

const floatsOf =
  (tensors: TensorSet): Floats =>
  async (name) => {
    const { info, source } = await tensors.get(name);
    return decodeFloats(await source.read(info.start, info.end), info.dtype, name);
  };

/** Input `ids` [T]; outputs `residual` [T, d_model] after `blocks` blocks, and `f` [T, d_sae] or `ce` [T]. */
export async function gemmaModel(
  { config, weights, sae, dSae }: GemmaGraph,
  T: number,
  blocks: number,
  ending: Ending,
): Promise<Uint8Array<ArrayBuffer>> {
  const { dModel, eps } = config;
  const g = new OnnxGraph();
  const ids = g.input("ids", [T], "int64");
  const E = await weights(embeddingTensor(config).name);
  const table = g.floats(E, [config.vocab, dModel]);
  let x = g.node("Mul", [g.node("Gather", [table, ids]), g.scalar(Math.fround(Math.sqrt(dModel)))]);
  for (let i = 0; i < blocks; i++) x = await block(g, x, i, T, config, weights);
  g.output(x, "residual");
  if (ending === "encode") {
    const W = g.floats(await sae("W_enc"), [dModel, dSae]);
    const b = g.floats(await sae("b_enc"), [dSae]);
    g.output(g.node("Relu", [g.node("Add", [g.node("MatMul", [x, W]), b])]), "f");
    return g.encode();
  }
  const gain = (await weights(finalNormTensor(config).name)).map((value) => 1 + value);
  const unembedding = g.floats(transposed(E, config.vocab, dModel), [dModel, config.vocab]);
  const logits = g.node("MatMul", [rmsNorm(g, x, gain, eps), unembedding]);
  // −ln p of each next token; the last one's target is its own id and means nothing.
  const next = g.node(
    "Concat",
    [
      g.node("Slice", [ids, g.ints([1]), g.ints([T])]),
      g.node("Slice", [ids, g.ints([T - 1]), g.ints([T])]),
    ],
    { axis: 0 },
  );
  const target = g.node("GatherElements", [logits, g.node("Reshape", [next, g.ints([T, 1])])], {
    axis: 1,
  });
  const lse = g.node("ReduceLogSumExp", [logits, g.ints([1])], { keepdims: 1 });
  g.output(g.node("Sub", [lse, target]), "ce");
  return g.encode();
}

async function block(
  g: OnnxGraph,
  x: string,
  index: number,
  T: number,
  config: GemmaConfig,
  weights: Floats,
): Promise<string> {
  const { matrices, vectors } = blockTensors(config, index);
  const times = async (input: string, which: keyof typeof matrices): Promise<string> => {
    const { name, shape } = matrices[which];
    const [N = 0, K = 0] = shape;
    const W = transposed(await weights(name), N, K);
    return g.node("MatMul", [input, g.floats(W, [K, N])]);
  };
  const norm = async (input: string, which: keyof typeof vectors): Promise<string> => {
    const gain = (await weights(vectors[which].name)).map((value) => 1 + value);
    return rmsNorm(g, input, gain, config.eps);
  };
  const n = await norm(x, "inputGain");
  const [q, k, v] = [await times(n, "q"), await times(n, "k"), await times(n, "v")];
  const shape = { ...config, theta: config.ropeTheta };
  const h = g.node("Add", [await times(attention(g, q, k, v, T, shape), "o"), x]);
  const m = await norm(h, "postAttentionGain");
  const gate = g.node("Gelu", [await times(m, "gate")], { approximate: "tanh" });
  return g.node("Add", [await times(g.node("Mul", [gate, await times(m, "up")]), "down"), h]);
}
