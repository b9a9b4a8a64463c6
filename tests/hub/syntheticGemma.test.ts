// The synthetic model is what it claims: any range is the same as that part of the whole, its headers are sound, its
// tensors are gemma-2b's, and its numbers have the spread that was asked for.

import { describe, expect, it } from "vitest";
import { openTensors } from "../../src/formats/shards.ts";
import { decodeFloats } from "../../src/lib/dtype.ts";
import type { FileTree } from "../../src/lib/byteSource.ts";
import type { ServedFile } from "./repos.ts";
import { collect, same } from "./setting.ts";
import {
  gemmaTensors,
  SYNTHETIC_SAE_FOLDER,
  syntheticGemma,
  syntheticSae,
} from "./syntheticGemma.ts";
import { syntheticBytes } from "./syntheticTensors.ts";

const tree = (files: readonly ServedFile[]): FileTree => ({
  name: "synthetic",
  revision: "0",
  open: (path) => {
    const file = files.find((served) => served.path === path);
    return Promise.resolve(
      file === undefined
        ? null
        : {
            name: path,
            size: () => Promise.resolve(file.size),
            read: (start, end) => collect(file.stream(start, end)),
            stream: (start, end) => file.stream(start, end),
          },
    );
  },
});

describe("the synthetic gemma-2b", () => {
  it("has gemma-2b's size, nearly all of it in the first shard", async () => {
    const files = syntheticGemma();
    const sizes = new Map(files.map(({ path, size }) => [path, size]));
    // 2,506,172,416 parameters in bf16, and two headers.
    const [first = 0, second = 0] = [1, 2].map((n) =>
      sizes.get(`model-0000${n}-of-00002.safetensors`),
    );
    expect(first + second - 2 * 2_506_172_416).toBeLessThan(40_000);
    expect(first).toBeGreaterThan(4_900_000_000);
    const tensors = await openTensors(tree(files), "model.safetensors");
    expect(tensors.names).toHaveLength(164);
    const down = await tensors.get("model.layers.17.mlp.down_proj.weight", [2048, 16_384]);
    expect(down.source.name).toBe("model-00002-of-00002.safetensors");
  });

  it("is the same in any range", async () => {
    const shard = syntheticGemma({ blocks: 1 }).find(({ path }) => path.startsWith("model-00001"));
    if (!shard) throw new Error("no shard");
    // Over the end of the embedding, at odd bytes.
    const start = 256_000 * 2048 * 2 - 50_001;
    const whole = await collect(shard.stream(start, start + 3_000_003));
    for (const [from, to] of [
      [0, 1],
      [7, 20],
      [49_990, 60_013],
      [1_048_575, 2_500_000],
    ] as const) {
      const part = await collect(shard.stream(start + from, start + to));
      expect(same(part, whole.subarray(from, to))).toBe(true);
    }
  });

  it("has the spread it should, other values in every tensor, and the same for the same seed", () => {
    const rows = gemmaTensors().map((tensor) => ({
      tensor,
      values: decodeFloats(syntheticBytes(tensor, 0, 4096), tensor.dtype, tensor.name),
    }));
    for (const { tensor, values } of rows) {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread = Math.sqrt(
        values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
      );
      expect(Math.abs(mean - tensor.mean)).toBeLessThan(tensor.std * 0.1);
      expect(Math.abs(spread / tensor.std - 1)).toBeLessThan(0.1);
    }
    expect(new Set(rows.map(({ values }) => values[0])).size).toBeGreaterThan(rows.length / 2);
    const [again] = gemmaTensors();
    expect(again).toEqual(rows[0]?.tensor);
    expect(gemmaTensors({ seed: 2 })[0]?.seed).not.toBe(again?.seed);
  });

  it("keeps its first blocks whatever their number", () => {
    const two = gemmaTensors({ blocks: 2 });
    const all = new Map(gemmaTensors().map((tensor) => [tensor.name, tensor]));
    for (const tensor of two) expect(all.get(tensor.name)).toEqual(tensor);
  });
});

it("the synthetic SAE has the published layout, W_enc and W_dec of exactly 128 MiB", async () => {
  const tensors = await openTensors(
    tree(syntheticSae()),
    `${SYNTHETIC_SAE_FOLDER}/sae_weights.safetensors`,
  );
  for (const [name, shape] of [
    ["W_enc", [2048, 16_384]],
    ["W_dec", [16_384, 2048]],
  ] as const) {
    const { info } = await tensors.get(name, shape);
    expect(info.end - info.start).toBe(134_217_728);
    expect(info.dtype).toBe("F32");
  }
  const scaling = await tensors.get("scaling_factor");
  const bytes = await scaling.source.read(scaling.info.start, scaling.info.end);
  expect(new Set(decodeFloats(bytes, "F32", "scaling_factor"))).toEqual(new Set([1]));
});
