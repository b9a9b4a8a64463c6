// ONNX Runtime Web on WebGPU in the operations' benchmark. Inputs and outputs stay on its device: what is timed is its
// kernels and what its run costs, not copies.

import * as ort from "onnxruntime-web/webgpu";
import type { Contender, Prepared } from "./contender.ts";
import { type OperationGraph, operationGraph } from "./onnxOperations.ts";
import type { Operation } from "./operations.ts";
import { INPUT_SEEDS } from "./contender.ts";
import { INPUT_AMPLITUDE, values } from "./values.ts";

export async function onnx(gpu: GPU): Promise<Contender> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new Error("There is no WebGPU adapter.");
  // It asks navigator.gpu for its device by itself, with the features it can use.
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return {
    adapter: [adapter.info.vendor, adapter.info.architecture].join(" "),
    backend: {},
    async prepare(operation) {
      const graph = operationGraph(operation);
      return graph && prepare(operation, graph);
    },
  };
}

async function prepare(
  { T }: Operation,
  { model, inputs, cols }: OperationGraph,
): Promise<Prepared> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
  });
  const device = await ort.env.webgpu.device;
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const buffers = inputs.map((width) =>
    device.createBuffer({ size: 4 * T * width, usage: STORAGE | COPY_SRC | COPY_DST }),
  );
  const feeds = Object.fromEntries(
    buffers.map((buffer, i) => [
      `x${i}`,
      ort.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: [T, inputs[i] ?? 0] }),
    ]),
  );
  let result: ort.Tensor | null = null;
  return {
    input(seed) {
      buffers.forEach((buffer, i) => {
        const data = values(
          seed + i * INPUT_SEEDS.second,
          0,
          T * (inputs[i] ?? 0),
          INPUT_AMPLITUDE,
        );
        device.queue.writeBuffer(buffer, 0, data);
      });
    },
    async run() {
      const { y } = await session.run(feeds);
      result?.dispose();
      result = y ?? null;
    },
    done: async () => {
      await device.queue.onSubmittedWorkDone();
    },
    async output() {
      const data = await result?.getData(false);
      if (!(data instanceof Float32Array)) throw new Error(`y is no f32 [${T}, ${cols}]`);
      return data;
    },
    dispose() {
      result?.dispose();
      for (const buffer of buffers) buffer.destroy();
      void session.release();
    },
  };
}
