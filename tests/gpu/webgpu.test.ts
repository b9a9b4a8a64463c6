// The WebGPU backend on Dawn: everything that every backend must do, and what is WebGPU's own (slices of weights, blocks
// of rows, objects used again, errors and loss of the device).

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type WebGpuBackend,
  type WebGpuOptions,
  createWebGpuBackend,
} from "../../src/backend/webgpu/createWebGpuBackend.ts";
import type { Backend, Tensor } from "../../src/backend/backend.ts";
import { Device } from "../../src/backend/webgpu/device.ts";
import { probeWebGpu } from "../../src/backend/webgpu/probe.ts";
import { describeBackend } from "../reference/conformance.ts";
import { denseSuite } from "../reference/conformance/dense.ts";
import { encodeSuite } from "../reference/conformance/encode.ts";
import * as reference from "../reference/ops.ts";
import { expectNear, random, upload, uploadWeight } from "../reference/support.ts";
import { embed, runBlocks } from "../../src/model/forward.ts";
import { openSaeGolden, openTiny } from "../support/tinyModels.ts";
import { requireAdapter, testGpu } from "./device.ts";

/** What devices reported by themselves; anything here fails the suite. */
const deviceErrors: string[] = [];
const onDeviceError = (message: string): void => {
  deviceErrors.push(message);
};

beforeAll(async () => {
  await requireAdapter();
});
afterAll(() => {
  expect(deviceErrors).toEqual([]);
});

const make = (options: WebGpuOptions = {}): Promise<WebGpuBackend> =>
  createWebGpuBackend({ gpu: testGpu(), onDeviceError, ...options });

/** Leaves released buffers full of NaN behind: an operation that reads what it did not write shows it. */
function poison(backend: WebGpuBackend): void {
  for (let values = 64; values <= 65536; values *= 2) {
    for (let quarter = 4; quarter < 8; quarter++) {
      const tensors = Array.from({ length: 8 }, () => {
        const length = (values * quarter) / 4;
        return backend.tensor(new Float32Array(length).fill(NaN), 1, length);
      });
      for (const x of tensors) x.dispose();
    }
  }
}

describeBackend("webgpu", async () => {
  const backend = await make();
  poison(backend);
  return backend;
});

// What each layout of products computes, whatever this device would take; and what is made of rows by several, as on
// hardware, and by one alone.
for (const layout of ["tile", "quad", "wide", "vector", "shared"] as const) {
  describe(`products laid out as ${layout}`, () => {
    let backend: WebGpuBackend;
    beforeAll(async () => {
      const sharedRows = layout === "vector" || layout === "shared";
      backend = await make({ layout, limits: { sharedRows } });
      poison(backend);
    });
    afterAll(() => backend.dispose());
    denseSuite(() => backend);
    encodeSuite(() => backend);
  });
}

describe("weights in slices and rows in blocks", () => {
  let backend: WebGpuBackend;
  // Every block is 32 rows, and 512 bytes are rows of 32 values: 4 in f32, 8 in bf16, 12 in int8, 24 in int4. Features
  // get room for a 32nd of all there could be, and so have to be encoded again.
  beforeAll(async () => {
    backend = await make({ limits: { bindingBytes: 512, submissionFlops: 1, roomBytes: 8 } });
  });
  afterAll(() => backend.dispose());

  for (const format of ["f32", "bf16", "int8", "int4"] as const) {
    test(`gather, ${format}`, async () => {
      const { weight, values } = uploadWeight(backend, random(37, 32, 1), format, [511]);
      const ids = Uint32Array.of(36, 0, 3, 4, 7, 8, 31, 32, 35);
      const found = await backend.read(backend.gather(weight, ids, 2));
      expectNear(found, reference.gather(values, ids, 2), 1e-6);
    });

    test(`linear and gatedMlp, ${format}`, async () => {
      const x = random(70, 32, 2);
      const { weight, values } = uploadWeight(backend, random(37, 32, 3, 0.2), format, [513]);
      const other = uploadWeight(backend, random(37, 32, 4, 0.2), format);
      const add = random(70, 37, 5);
      const tx = upload(backend, x);
      for (const y of backend.linears(tx, [weight, weight, weight])) {
        expectNear(await backend.read(y), reference.linear(x, values), 1e-5);
      }
      expectNear(
        await backend.read(backend.linear(tx, weight, upload(backend, add))),
        reference.linear(x, values, add),
        1e-5,
      );
      expectNear(
        await backend.read(backend.gatedMlp(tx, weight, other.weight, "tanh")),
        reference.gatedMlp(x, values, other.values, "tanh"),
        1e-5,
      );
    });

    test(`encode and decode, ${format}`, async () => {
      const x = random(70, 12, 6);
      const W_enc = uploadWeight(backend, random(12, 32, 7, 0.3), format);
      const W_dec = uploadWeight(backend, random(32, 12, 8, 0.3), format);
      const affine = reference.build(4, 32, (r) => [0.25, 0.5, 1, 0.25][r] ?? NaN);
      const [b_dec, undo] = [random(1, 12, 9), random(70, 2, 10)];
      for (const k of [null, 5]) {
        const features = await backend.encode(upload(backend, x), {
          W_enc: W_enc.weight,
          affine: upload(backend, affine),
          k,
        });
        const rows = await backend.readFeatures(features);
        const active = reference.encode(x, W_enc.values, affine, k);
        expect([...rows.index]).toEqual(active.flat().map((f) => f.index));
        expectNear(
          rows.value,
          reference.build(1, rows.value.length, (_, i) => active.flat()[i]?.value ?? NaN),
          1e-5,
        );
        const found = backend.decode(
          features,
          { W_dec: W_dec.weight, b_dec: upload(backend, b_dec), featureScale: null },
          upload(backend, undo),
        );
        expectNear(
          await backend.read(found),
          reference.decode(active, W_dec.values, b_dec, null, undo),
          1e-5,
        );
      }
    });

    test(`logitStats, ${format}`, async () => {
      const [a, b] = [random(33, 32, 11), random(33, 32, 12)];
      const E = uploadWeight(backend, random(131, 32, 13, 0.2), format);
      const targets = Uint32Array.from({ length: 33 }, (_, t) => (t * 37) % 131);
      const found = backend.logitStats(upload(backend, a), E.weight, targets, upload(backend, b));
      expectNear(await backend.read(found), reference.logitStats(a, E.values, targets, b), 1e-5);
    });
  }

  test("attention over several tiles of keys and blocks of rows", async () => {
    const spec = { heads: 2, kvHeads: 1, headDim: 6, theta: 10000, contexts: [300, 70, 200, 5] };
    const [q, k, v] = [random(575, 12, 14), random(575, 6, 15), random(575, 6, 16)];
    const [tq, tk, tv] = [upload(backend, q), upload(backend, k), upload(backend, v)];
    const found = await backend.read(backend.attention(tq, tk, tv, spec));
    expectNear(found, reference.attention(q, k, v, spec), 5e-5);
  });

  test("cachedAttention in several blocks of rows", async () => {
    const heads = { heads: 2, kvHeads: 1, headDim: 8, theta: 100 };
    const cache = backend.kvCache(80, heads);
    const expected: reference.CachedRow[] = [];
    for (const contexts of [
      [{ shared: 0, first: 0, past: 0, rows: 7 }],
      [{ shared: 5, first: 7, past: 0, rows: 70 }],
    ]) {
      const T = contexts[0]?.rows ?? 0;
      const [q, k, v] = [random(T, 16, 16), random(T, 8, 17), random(T, 8, 18)];
      const [tq, tk, tv] = [upload(backend, q), upload(backend, k), upload(backend, v)];
      const spec = { ...heads, contexts };
      const found = await backend.read(backend.cachedAttention(tq, tk, tv, cache, spec));
      expectNear(found, reference.cachedAttention(q, k, v, expected, spec), 5e-5);
    }
  });

  test("a row that no slice can hold is Unsupported", () => {
    const spec = { label: "wide", rows: 4, cols: 256, format: "f32" } as const;
    expect(() => backend.weight(spec)).toThrow(expect.objectContaining({ code: "Unsupported" }));
  });
});

describe("GPU objects", () => {
  /** A small forward: every kind of buffer a model needs. */
  async function forward(
    backend: Backend,
    weights: Weights,
    alongside: (x: Tensor) => Promise<unknown> = async () => null,
  ): Promise<Float32Array> {
    const spec = { heads: 2, kvHeads: 1, headDim: 16, theta: 10000, contexts: [9, 3] };
    const gain = backend.tensor(new Float32Array(32).fill(1), 1, 32);
    const affine = backend.tensor(
      new Float32Array(4 * 52).map((_, i) => (i < 104 ? 0 : i < 156 ? 1 : 0)),
      4,
      52,
    );
    let x = backend.gather(weights.embedding, Uint32Array.from(Array(12).keys()), 1);
    for (let layer = 0; layer < 3; layer++) {
      const n = backend.rmsNorm(x, gain, 1e-6);
      const [q, k, v] = backend.linears(n, [weights.q, weights.k, weights.v]);
      const attended = backend.attention(q, k, v, spec);
      const h = backend.linear(attended, weights.q, x);
      const mlp = backend.gatedMlp(h, weights.gate, weights.gate, "tanh");
      const next = backend.linear(mlp, weights.down, h);
      for (const t of [x, n, q, k, v, attended, h, mlp]) t.dispose();
      x = next;
      await backend.checkpoint();
    }
    const features = await backend.encode(x, { W_enc: weights.encoder, affine, k: null });
    const [{ value }] = await Promise.all([backend.readFeatures(features), alongside(x)]);
    for (const t of [x, gain, affine, features]) t.dispose();
    return value;
  }
  type Weights = ReturnType<typeof makeWeights>;
  function makeWeights(backend: WebGpuBackend) {
    const weight = (rows: number, cols: number) =>
      uploadWeight(backend, random(rows, cols, rows, 0.2), "bf16").weight;
    return {
      embedding: weight(40, 32),
      q: weight(32, 32),
      k: weight(16, 32),
      v: weight(16, 32),
      gate: weight(52, 32),
      down: weight(32, 52),
      encoder: weight(32, 52),
    };
  }

  test("a repeated run makes no new buffer and no new bind group, and the same bits", async () => {
    const backend = await make();
    const weights = makeWeights(backend);
    const first = await forward(backend, weights);
    await forward(backend, weights);
    const made = backend.made();
    const again = await forward(backend, weights);
    expect(backend.made()).toEqual(made);
    expect(again).toEqual(first);
    expect(first.length).toBeGreaterThan(0);
    backend.dispose();
  });

  test("a forward, its features and more that is read with them are one submission and no wait before", async () => {
    const backend = await make();
    const weights = makeWeights(backend);
    await forward(backend, weights);
    const { queue } = backend.device;
    const submit = vi.spyOn(queue, "submit");
    // However slow the machine is: recording for long is a reason to send.
    const clock = vi.spyOn(performance, "now").mockReturnValue(0);
    await forward(backend, weights, (x) => Promise.all([backend.read(x), backend.read(x)]));
    expect(submit).toHaveBeenCalledTimes(1);
    clock.mockRestore();
    backend.dispose();
  });

  test("a block takes eight dispatches, encoding four: gemma-2b to block 6 and its features are 60", async () => {
    const backend = await make();
    const gemma = await openTiny(backend, "tiny-gqa-f32", "tanh");
    const { layers } = gemma.config;
    // A small embedding is gathered on the device; of gemma-2b's, rows come from the file.
    const x0 = await embed(gemma, { ids: Uint32Array.of(2, 5, 7), contexts: [3] }, {});
    const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups");
    await runBlocks(gemma, x0, [3], 0, layers, {});
    expect(dispatch).toHaveBeenCalledTimes(8 * layers);
    const { sae, x } = await openSaeGolden(backend, "standard-defaults");
    dispatch.mockClear();
    await sae.encode(backend.tensor(x, x.length / sae.config.dIn, sae.config.dIn));
    expect(dispatch).toHaveBeenCalledTimes(4);
    dispatch.mockRestore();
    backend.dispose();
  });

  test("what was precompiled compiles nothing when it runs, holds nothing and changes no number", async () => {
    const [backend, other] = [await make(), await make()];
    const weights = makeWeights(backend);
    const memory = backend.memory();
    const compile = vi.spyOn(backend.device, "createComputePipeline");
    const twice = async (stage: Backend) => {
      await forward(stage, weights);
      await forward(stage, weights);
    };
    await backend.precompile?.(twice);
    await backend.precompile?.(twice);
    expect(backend.memory()).toBe(memory);
    const values = await forward(backend, weights);
    expect(compile).not.toHaveBeenCalled();
    expect(values).toEqual(await forward(other, makeWeights(other)));
    backend.dispose();
    other.dispose();
  });

  test("memory comes back when a model is closed and opened again", async () => {
    const backend = await make();
    for (const W of Object.values(makeWeights(backend))) W.dispose();
    const before = backend.memory();
    const weights = makeWeights(backend);
    const values = await forward(backend, weights);
    for (const W of Object.values(weights)) W.dispose();
    const between = backend.memory();
    const reopened = makeWeights(backend);
    expect(await forward(backend, reopened)).toEqual(values);
    for (const W of Object.values(reopened)) W.dispose();
    expect(before).toBe(0);
    expect(backend.memory()).toBe(between);
    backend.dispose();
  });

  test("used after their disposal are an error, not another's numbers", async () => {
    const backend = await make();
    const x = upload(backend, random(2, 4, 1));
    x.dispose();
    x.dispose();
    await expect(backend.read(x)).rejects.toThrow(/disposal/);
    backend.dispose();
  });
});

describe("measuring", () => {
  test("every operation's layouts: what is taken then computes the same", async () => {
    const backend = await make();
    const [x, W] = [random(1, 32, 1), random(36, 32, 2, 0.2)];
    const { weight, values } = uploadWeight(backend, W, "bf16");
    const enc = uploadWeight(backend, random(32, 36, 3, 0.2), "f32");
    const tx = upload(backend, x);
    const affine = upload(
      backend,
      reference.build(4, 36, (r) => [0, 0, 1, 0][r] ?? NaN),
    );
    const run = async () => {
      const features = await backend.encode(tx, { W_enc: enc.weight, affine, k: null });
      const products = [
        backend.linear(tx, weight),
        ...backend.linears(tx, [weight, weight, weight]),
      ];
      return {
        index: (await backend.readFeatures(features)).index,
        products: await Promise.all(products.map((y) => backend.read(y))),
        gated: await backend.read(backend.gatedMlp(tx, weight, weight, "tanh")),
      };
    };
    const before = await run();
    await backend.tune?.();
    const after = await run();
    expect(after.index).toEqual(before.index);
    for (const y of after.products) expectNear(y, reference.linear(x, values), 1e-5);
    expectNear(after.gated, reference.gatedMlp(x, values, values, "tanh"), 1e-5);
    backend.dispose();
  });

  for (const format of ["f16", "int8", "int4"] as const) {
    test(`${format}: what is taken then computes the same`, async () => {
      const backend = await make();
      const x = random(1, 32, 1);
      const { weight, values } = uploadWeight(backend, random(36, 32, 2, 0.2), format);
      const tx = upload(backend, x);
      const before = await backend.read(backend.linear(tx, weight));
      await backend.tune?.();
      const after = await backend.read(backend.linear(tx, weight));
      for (const y of [before, after]) expectNear(y, reference.linear(x, values), 1e-5);
      backend.dispose();
    });
  }
});

describe("adapters", () => {
  const none = { requestAdapter: async () => null } as unknown as GPU;

  test("a software adapter is told as such", async () => {
    const probe = await probeWebGpu(testGpu());
    expect(probe).toEqual({ available: true, software: true, adapter: "google swiftshader" });
  });
  test("no adapter: not available, and NoBackend", async () => {
    expect(await probeWebGpu(none)).toEqual({ available: false, software: false, adapter: "" });
    await expect(createWebGpuBackend({ gpu: none })).rejects.toMatchObject({ code: "NoBackend" });
  });
  test("an adapter without a device: NoBackend with the cause", async () => {
    const adapter = await requireAdapter();
    const gpu = {
      requestAdapter: async () => ({
        info: adapter.info,
        features: adapter.features,
        requestDevice: () => Promise.reject(new Error("no more devices")),
      }),
    } as unknown as GPU;
    await expect(createWebGpuBackend({ gpu })).rejects.toMatchObject({
      code: "NoBackend",
      message: expect.stringContaining("no more devices") as string,
    });
  });
});

describe("a device in trouble", () => {
  test("lost: told once, and every later operation says DeviceLost", async () => {
    const backend = await make();
    const x = upload(backend, random(8, 32, 1));
    const { weight } = uploadWeight(backend, random(8, 32, 2));
    const pending = backend.read(backend.linear(x, weight));
    backend.device.destroy();
    await expect(pending).rejects.toMatchObject({ code: "DeviceLost" });
    expect(await backend.lost).toEqual(expect.any(String));
    const lost = expect.objectContaining({ code: "DeviceLost" });
    expect(() => backend.linear(x, weight)).toThrow(lost);
    expect(() => backend.tensor(new Float32Array(4), 1, 4)).toThrow(lost);
    await expect(backend.read(x)).rejects.toThrow(lost);
    await expect(backend.checkpoint()).rejects.toThrow(lost);
    // Cleaning up still works.
    x.dispose();
    weight.dispose();
    backend.dispose();
  });

  test("disposed by us: not lost", async () => {
    const backend = await make();
    backend.dispose();
    backend.dispose();
    const first = await Promise.race([
      backend.lost,
      new Promise((resolve) => setTimeout(() => resolve("still pending"), 50)),
    ]);
    expect(first).toBe("still pending");
  });

  test("out of memory: an OutOfMemory error at the next wait, and what was made before is distrusted", () => {
    testGpu(); // For GPUOutOfMemoryError.
    let report: ((event: unknown) => void) | null = null;
    const gpu = {
      lost: new Promise<never>(() => undefined),
      addEventListener: (_type: string, listener: (event: unknown) => void) => {
        report = listener;
      },
    } as unknown as GPUDevice;
    const info = { vendor: "v", architecture: "a", isFallbackAdapter: false } as GPUAdapterInfo;
    const device = new Device(gpu, info);
    let distrusted = 0;
    device.onOutOfMemory = () => distrusted++;
    const failure = (error: GPUError) => report?.({ error, preventDefault: () => undefined });
    failure(new GPUOutOfMemoryError("no room"));
    failure(new GPUValidationError("an invalid buffer was used"));
    expect(distrusted).toBe(1);
    const error = expect.objectContaining({ code: "OutOfMemory", cause: "no room" });
    expect(() => device.check("Loading")).toThrow(error);
    // The echo is gone with it.
    expect(() => device.check("Loading")).not.toThrow();
  });

  test("an error that nobody waited for comes up at the next wait, once", async () => {
    const seen: string[] = [];
    const backend = await make({ onDeviceError: (message) => seen.push(message) });
    const x = upload(backend, random(2, 4, 1));
    backend.device.createBuffer({ label: "bad", size: 4, usage: 0 });
    await expect(backend.read(x)).rejects.toThrow(/rejected a command/);
    expect(seen).toHaveLength(1);
    expect(await backend.read(x)).toHaveLength(8);
    backend.dispose();
  });
});
