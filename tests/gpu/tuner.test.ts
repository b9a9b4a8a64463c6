// Which layout of a product is taken: only one that compiles and computes right on this device, and the same again.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Device, openDevice } from "../../src/backend/webgpu/device.ts";
import type { Kernel } from "../../src/backend/webgpu/kernel.ts";
import productLinear from "../../src/backend/webgpu/kernels/product_linear.wgsl?raw";
import { operation } from "../../src/backend/webgpu/ops/product.ts";
import type { Operation } from "../../src/backend/webgpu/variants.ts";
import { Pipelines } from "../../src/backend/webgpu/pipelines.ts";
import { Tuner } from "../../src/backend/webgpu/tuner.ts";
import { CANDIDATES, type Layout, Variants } from "../../src/backend/webgpu/variants.ts";
import type { Precision } from "../../src/lib/report.ts";
import { testGpu } from "./device.ts";

const ADD = { ADD: 0 };
/** Of four sums: as many as keep a device busy. */
const BLOCKS = 256;
let device: Device;
const errors: string[] = [];

beforeAll(async () => {
  device = await openDevice({ gpu: testGpu(), onDeviceError: (message) => errors.push(message) });
});
afterAll(() => {
  device.dispose();
  expect(errors).toEqual([]);
});

const variants = (memory: Map<string, string>): Variants =>
  new Variants({ adapter: "test", software: true, subgroups: true, memory });

const linear = (): Operation =>
  operation({
    name: "linear",
    code: productLinear,
    floats: { 2: (rows, columns) => new Float32Array(rows * columns) },
  });

/** The operation with another f32 kernel for some layouts. */
function withKernels(of: Operation, change: (layout: Layout, kernel: Kernel) => string): Operation {
  const changed = (layout: Layout): Readonly<Record<Precision, Kernel>> => {
    const kernels = of.kernels[layout];
    return { ...kernels, f32: { ...kernels.f32, code: change(layout, kernels.f32) } };
  };
  return {
    ...of,
    kernels: {
      tile: changed("tile"),
      quad: changed("quad"),
      wide: changed("wide"),
      vector: changed("vector"),
      shared: changed("shared"),
    },
  };
}

/** Settles everything that was asked for; how much that was. */
async function settle(choices: Variants): Promise<number> {
  const tuner = new Tuner(device, new Pipelines(device.gpu), choices);
  let settled = 0;
  while (await tuner.settleNext()) settled++;
  return settled;
}

describe("a layout", () => {
  test("that computes something else is left out, however fast", async () => {
    // All but the first do nothing, and so are done at once.
    const of = withKernels(linear(), (layout, { code }) =>
      layout === "tile"
        ? code
        : code
            .replace("fn store(", "fn unused(")
            .concat("fn store(row: u32, block: u32, sums: vec4<f32>) {}\n"),
    );
    const choices = variants(new Map());
    expect(choices.choose(of, "f32", 1, BLOCKS, ADD).layout).toBe("wide");
    expect(await settle(choices)).toBe(1);
    expect(choices.choose(of, "f32", 1, BLOCKS, ADD).layout).toBe("tile");
  });

  test("that is a little off in one column is left out", async () => {
    const of = withKernels(linear(), (layout, { code }) =>
      layout === "tile"
        ? code
        : code.replace("let column = 4 * block;", "let column = 4 * block + u32(block == 7);"),
    );
    const choices = variants(new Map());
    choices.choose(of, "f32", 64, BLOCKS, ADD);
    await settle(choices);
    expect(choices.choose(of, "f32", 64, BLOCKS, ADD).layout).toBe("tile");
  });

  test("that does not compile is left out, and no error comes of it", async () => {
    const of = withKernels(linear(), (layout, { code }) =>
      layout === "tile" || layout === "vector" ? code : `${code} fn broken( {`,
    );
    const choices = variants(new Map());
    choices.choose(of, "f32", 4, BLOCKS, ADD);
    await settle(choices);
    expect(["tile", "vector"]).toContain(choices.choose(of, "f32", 4, BLOCKS, ADD).layout);
  });
});

test("what was measured is remembered, on the next visit too", async () => {
  const of = linear();
  const memory = new Map<string, string>();
  const choices = variants(memory);
  const shapes = [
    [1, 64],
    [1, BLOCKS],
    [3, BLOCKS],
    [16, BLOCKS],
    [17, BLOCKS],
  ] as const;
  for (const [rows, blocks] of shapes) choices.choose(of, "bf16", rows, blocks, ADD);
  expect(await settle(choices)).toBe(5);
  expect(await settle(choices)).toBe(0);
  const again = variants(memory);
  for (const [rows, blocks] of shapes) {
    const taken = choices.choose(of, "bf16", rows, blocks, ADD);
    expect(again.choose(of, "bf16", rows, blocks, ADD)).toBe(taken);
  }
  expect(again.unsettled()).toBeNull();
  expect(choices.choose(of, "f32", 1, BLOCKS, ADD).layout).toBe("wide");
  expect(choices.unsettled()?.format).toBe("f32");
});

test("a name that nobody knows any more is measured anew", () => {
  const memory = new Map<string, string>();
  const remembering = {
    get: () => "gone 9",
    set: (key: string, value: string) => memory.set(key, value),
  };
  const choices = new Variants({
    adapter: "test",
    software: true,
    subgroups: false,
    memory: remembering,
  });
  expect(choices.choose(linear(), "f32", 1, BLOCKS, ADD).layout).toBe("wide");
  expect(choices.unsettled()).not.toBeNull();
});

test("one row with few columns is measured by itself, for it keeps no device busy", () => {
  const choices = variants(new Map());
  expect(choices.choose(linear(), "bf16", 1, 128, ADD).layout).toBe("quad");
  expect(choices.choose(linear(), "bf16", 1, 129, ADD).layout).toBe("wide");
  const hardware = new Variants({
    adapter: "test",
    software: false,
    subgroups: true,
    memory: new Map(),
  });
  // Its weights along k are shared by as many as there are.
  expect(hardware.choose(linear(), "bf16", 1, 128, ADD).name).toBe("vector 1 split 64");
  expect(hardware.choose(linear(), "bf16", 1, 129, ADD).name).toBe("vector 1 split 16");
});

test("measuring stops where somebody waits, and nothing is settled by that", async () => {
  const choices = variants(new Map());
  choices.choose(linear(), "f32", 1, BLOCKS, ADD);
  const controller = new AbortController();
  controller.abort();
  const tuner = new Tuner(device, new Pipelines(device.gpu), choices);
  expect(await tuner.settleNext(controller.signal)).toBe(false);
  expect(choices.unsettled()).not.toBeNull();
});

test("each class of shapes begins with a layout that needs no feature and no barrier", () => {
  for (const candidates of Object.values(CANDIDATES)) expect(candidates[0]?.layout).toBe("tile");
});
