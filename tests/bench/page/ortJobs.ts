// The jobs in ONNX Runtime Web: the bundled model and SAE as one graph, on its WebGPU or its WebAssembly (each in the
// build that it ships for that). Outputs come to JavaScript, the residual among them.

import type * as Ort from "onnxruntime-web";
import type { Bundle } from "../../../src/hub/bundle.ts";
import { parseSaeConfig } from "../../../src/formats/saeConfig.ts";
import { readFile } from "../../../src/lib/byteSource.ts";
import { type Ending, gemmaModel, readGemma } from "../measure/onnxGemma.ts";
import type { FoundToken } from "../measure/agreement.ts";
import type { Jobs, Task } from "../measure/jobs.ts";

export async function onOrt(
  bundle: Bundle,
  name: "ort-webgpu" | "ort-wasm",
  { sae, ids, contender }: Task,
): Promise<Jobs> {
  const ort: typeof Ort =
    name === "ort-webgpu"
      ? await import("onnxruntime-web/webgpu")
      : await import("onnxruntime-web/wasm");
  ort.env.wasm.numThreads = contender.threads ?? 1;
  ort.env.logLevel = "error";
  const folder = bundle.folder(`sae/${sae}`);
  const { layer } = parseSaeConfig(await readFile(folder, "cfg.json", 2 ** 20, {}));
  const gemma = await readGemma(bundle.folder("model"), folder);
  const T = ids.length;
  const feeds = { ids: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [T]) };
  const session = async (blocks: number, ending: Ending): Promise<Ort.InferenceSession> =>
    ort.InferenceSession.create(await gemmaModel(gemma, T, blocks, ending), {
      executionProviders: [name === "ort-webgpu" ? "webgpu" : "wasm"],
    });
  const encoding = await session(layer + 1, "encode");
  const withLoss = await session(gemma.config.layers, "loss");
  const floats = (tensor: Ort.Tensor | undefined): Float32Array => {
    if (tensor?.data instanceof Float32Array) return tensor.data;
    throw new Error("an output is no f32");
  };
  const none = (): never => {
    throw new Error("ONNX Runtime runs one graph, and no such job.");
  };
  return {
    adapter:
      name === "ort-webgpu"
        ? "SwiftShader or what Chromium has"
        : `${ort.env.wasm.numThreads} threads`,
    backend: encoding,
    async encode() {
      const { f } = await encoding.run(feeds);
      const dense = floats(f);
      return () => ({ tokens: activeIn(dense, T) });
    },
    analyze: null,
    async loss() {
      const { ce } = await withLoss.run(feeds);
      const found = floats(ce);
      return () => ({ losses: Array.from(found.subarray(0, T - 1)) });
    },
    tokens: none,
    stream: none,
  };
}

function activeIn(f: Float32Array, T: number): FoundToken[] {
  const dSae = f.length / T;
  return Array.from({ length: T }, (_, t) => {
    const features: { index: number; raw: number; folded: number }[] = [];
    f.subarray(t * dSae, (t + 1) * dSae).forEach((raw, index) => {
      if (raw > 0) features.push({ index, raw, folded: NaN });
    });
    return { features };
  });
}
