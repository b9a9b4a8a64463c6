// What opening a model and an SAE would read, so that a reader can decide before it is read.

import { bytesOf } from "../formats/load.ts";
import { assertSaeFits } from "../formats/saeTensors.ts";
import type { FileTree } from "../lib/byteSource.ts";
import { FORMAT_DTYPES } from "../lib/dtype.ts";
import type { OpenPlan } from "../lib/openCard.ts";
import type { JobOptions } from "../lib/progress.ts";
import { precisionsOf, rowBytes } from "../lib/precision.ts";
import type { OpenRequest, Precision } from "../lib/report.ts";
import type { GemmaConfig } from "../model/config.ts";
import { blockTensors, unembeddingTensor } from "../model/tensors.ts";
import { inspectModel, inspectSae, saeBytes } from "./inspect.ts";
import type { Library } from "./library/library.ts";

export async function planOpen(
  library: Library,
  request: OpenRequest,
  options: JobOptions,
): Promise<OpenPlan> {
  const [model, sae] = await Promise.all([
    library.model(request, options),
    library.sae(request, options),
  ]);
  const { config, tensors, fileFormat } = await inspectModel(model, options);
  const inspected = await inspectSae(sae, options);
  assertSaeFits(inspected.config, config);
  const blocks = async (from: number, to: number): Promise<number> => {
    const wanted = Array.from({ length: to - from }, (_, i) => {
      const { matrices, vectors } = blockTensors(config, from + i);
      return [...Object.values(matrices), ...Object.values(vectors)];
    });
    return bytesOf(tensors, wanted.flat(), options);
  };
  const { layer, hook, dSae } = inspected.config;
  const saeSize = await saeBytes(inspected, options);
  return {
    model: { name: model.name, source: model.source, revision: model.tree.revision },
    sae: { source: sae.source, folder: sae.folder, revision: sae.tree.revision, hook, dSae },
    bytes:
      (await fileSize(model.tree, "tokenizer.json", options)) +
      (await blocks(0, layer + 1)) +
      saeSize,
    lossBytes:
      (await blocks(layer + 1, config.layers)) +
      (await bytesOf(tensors, [unembeddingTensor(config)], options)),
    fileFormat: FORMAT_DTYPES[fileFormat],
    memory: precisionsOf(fileFormat).map((precision) => ({
      precision,
      bytes: (layer + 1) * blockMemory(config, precision) + saeSize,
    })),
  };
}

/** Bytes that a block takes on the device: matrices in `precision`, vectors in f32. */
function blockMemory(config: GemmaConfig, precision: Precision): number {
  const { matrices, vectors } = blockTensors(config, 0);
  const sizes = [
    ...Object.values(matrices).map(
      ({ shape: [rows = 0, cols = 0] }) => rows * rowBytes(precision, cols),
    ),
    ...Object.values(vectors).map(({ shape: [cols = 0] }) => rowBytes("f32", cols)),
  ];
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function fileSize(tree: FileTree, path: string, options: JobOptions): Promise<number> {
  return (await (await tree.open(path, options))?.size(options)) ?? 0;
}
