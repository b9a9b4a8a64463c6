// What the conformance suite cannot see: tensors left behind, the event loop, several backends in one tfjs engine,
// weights of several blocks, and what cannot be started.

import { engine } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { Backend, Tensor, Weight } from "../../../src/backend/backend.ts";
import { wasmDevice } from "../../../src/backend/tfjs/wasm.ts";
import { BLOCK_ROWS } from "../../../src/backend/tfjs/weight.ts";
import { expectNear, random, upload, uploadWeight } from "../../reference/support.ts";
import * as reference from "../../reference/ops.ts";
import { WASM_FOLDER, makeCpu, makeWasm } from "./backends.ts";

/** Every operation once; disposes all that it was given. */
async function everyOperation(backend: Backend): Promise<void> {
  const made: { dispose(): void }[] = [];
  const own = <T extends { dispose(): void }>(x: T): T => {
    made.push(x);
    return x;
  };
  const up = (rows: number, cols: number, seed: number): Tensor =>
    own(upload(backend, random(rows, cols, seed)));
  const weight = (rows: number, cols: number, seed: number): Weight =>
    own(uploadWeight(backend, random(rows, cols, seed)).weight);

  const x = up(6, 16, 1);
  const E = weight(BLOCK_ROWS + 3, 16, 2);
  own(backend.gather(E, Uint32Array.of(0, BLOCK_ROWS, 1), 2));
  const n = own(backend.rmsNorm(x, up(1, 16, 3), 1e-6));
  const kv = own(backend.linear(n, weight(8, 16, 4)));
  own(backend.linear(n, weight(16, 16, 5), x));
  const spec = { heads: 4, kvHeads: 2, headDim: 4, theta: 100, contexts: [4, 2] };
  own(backend.attention(n, kv, kv, spec));
  const cache = own(backend.kvCache(18, spec));
  for (const [past, shared] of [
    [0, 0],
    [6, 0],
    [0, 4],
  ] as const) {
    const contexts = [{ shared, first: shared === 0 ? 0 : 12, past, rows: 6 }];
    own(backend.cachedAttention(n, kv, kv, cache, { ...spec, contexts }));
  }
  own(backend.gatedMlp(n, weight(12, 16, 6), weight(12, 16, 7), "tanh"));
  own(backend.gatedMlp(n, weight(12, 16, 6), weight(12, 16, 7), "erf"));
  const W_enc = weight(16, 40, 8);
  const W_dec = weight(40, 16, 9);
  const [affine, b_dec, featureScale] = [up(4, 40, 10), up(1, 16, 11), up(1, 40, 12)];
  for (const kind of ["none", "constant_norm_rescale", "layer_norm"] as const) {
    const { rows, undo } = backend.normalizeRows(x, { kind }, b_dec);
    own(rows);
    own(undo);
    const features = own(await backend.encode(rows, { W_enc, affine, k: 5 }));
    const again = own(backend.features(await backend.readFeatures(features)));
    own(backend.decode(again, { W_dec, b_dec, featureScale }, undo));
  }
  own(backend.select(Uint8Array.of(0, 1, 0, 1, 0, 1), x, n));
  own(backend.concatRows([x, n]));
  own(backend.sliceRows(x, 1, 3));
  own(backend.rowStats(x, n));
  await backend.read(own(backend.logitStats(n, E, Uint32Array.of(0, 1, 2, 3, 4, 5), x)));
  const failing = backend.weight({ label: "w", rows: BLOCK_ROWS + 1, cols: 4, format: "f32" });
  failing.write(new Uint8Array(16 * BLOCK_ROWS));
  failing.abort();
  for (const each of made) each.dispose();
}

describe.each([
  ["tfjs-wasm", makeWasm],
  ["tfjs-cpu", makeCpu],
])("%s", (_name, make) => {
  test("leaves no tensor behind", async () => {
    const backend = await make();
    const before = engine().state.numTensors;
    await everyOperation(backend);
    const afterOne = engine().state.numTensors;
    await everyOperation(backend);
    expect(engine().state.numTensors).toBe(afterOne);
    // cos and sin of the last contexts stay for the next pass.
    expect(afterOne - before).toBe(2);
    upload(backend, random(3, 4, 1));
    uploadWeight(backend, random(3, 4, 1));
    backend.dispose();
    backend.dispose();
    expect(engine().state.numTensors).toBe(before);
  });

  test("says that it was disposed", async () => {
    const backend = await make();
    backend.dispose();
    expect(() => backend.tensor(new Float32Array(1), 1, 1)).toThrow(
      expect.objectContaining({ code: "NoBackend" }),
    );
  });

  test("lets messages through at a checkpoint", async () => {
    const backend = await make();
    const { port1, port2 } = new MessageChannel();
    const controller = new AbortController();
    port1.addEventListener("message", () => controller.abort());
    port1.start();
    port2.postMessage("cancel");
    await expect(
      (async () => {
        for (let i = 0; i < 100; i++) await backend.checkpoint(controller.signal);
      })(),
    ).rejects.toMatchObject({ code: "Cancelled" });
    port1.close();
    backend.dispose();
  });

  test("multiplies by and reads rows of weights of several blocks, in either order", async () => {
    const backend = await make();
    const rows = 2 * BLOCK_ROWS + 5;
    const ids = Uint32Array.of(rows - 1, 0, BLOCK_ROWS, 2 * BLOCK_ROWS, BLOCK_ROWS - 1, 0);
    const [x, tall] = [random(3, 4, 20), random(rows, 4, 21)];
    for (const rowsFirst of [true, false]) {
      const { weight } = uploadWeight(backend, tall);
      const readRows = async (): Promise<void> =>
        expectNear(
          await backend.read(backend.gather(weight, ids, 1)),
          reference.gather(tall, ids, 1),
          0,
        );
      if (rowsFirst) await readRows();
      const product = await backend.read(backend.linear(upload(backend, x), weight));
      expectNear(product, reference.linear(x, tall), 1e-5);
      await readRows();
      weight.dispose();
    }
    // W_enc of more than one block: the sum runs over blocks.
    const wide = random(2, rows, 22);
    const affine = reference.build(4, 4, (r) => (r === 2 ? 1 : 0));
    const features = await backend.encode(upload(backend, wide), {
      W_enc: uploadWeight(backend, tall).weight,
      affine: upload(backend, affine),
      k: null,
    });
    const { value } = await backend.readFeatures(features);
    const expected = reference.encode(wide, tall, affine, null).flat();
    expect(value.length).toBe(expected.length);
    value.forEach((v, i) => expect(v).toBeCloseTo(expected[i]?.value ?? NaN, 3));
    backend.dispose();
  });
});

test("two backends take turns in one engine, and one outlives the other", async () => {
  const [wasm, cpu, wasm2] = [await makeWasm(), await makeCpu(), await makeWasm()];
  const [m, W] = [random(5, 8, 30), random(6, 8, 31)];
  const expected = reference.linear(m, W);
  const check = async (backend: Backend): Promise<void> => {
    const { weight } = uploadWeight(backend, W);
    const y = backend.linear(upload(backend, m), weight);
    expectNear(await backend.read(y), expected, 1e-5);
  };
  await Promise.all([check(wasm), check(cpu), check(wasm2)]);
  const kept = upload(wasm2, m);
  wasm.dispose();
  cpu.dispose();
  await check(wasm2);
  expect(await wasm2.read(kept)).toEqual(Float32Array.from(m.data));
  wasm2.dispose();
  const anew = await makeWasm();
  await check(anew);
  anew.dispose();
});

test("a tensor of another backend, or a disposed one, is refused", async () => {
  const [wasm, cpu] = [await makeWasm(), await makeCpu()];
  const [ofCpu, gone] = [upload(cpu, random(2, 2, 1)), upload(wasm, random(2, 2, 1))];
  gone.dispose();
  expect(() => wasm.sliceRows(ofCpu, 0, 1)).toThrow(/another backend/);
  expect(() => wasm.sliceRows(gone, 0, 1)).toThrow(/disposed/);
  wasm.dispose();
  cpu.dispose();
});

test("more than WebAssembly can hold is an OutOfMemory error", async () => {
  const device = await wasmDevice(WASM_FOLDER).make();
  device.reserve(2 ** 20, "small");
  for (const bytes of [3.99 * 2 ** 30, 4 * 2 ** 30, 100 * 2 ** 30]) {
    expect(() => device.reserve(bytes, "model.embed_tokens.weight")).toThrow(
      expect.objectContaining({ code: "OutOfMemory" }),
    );
  }
});
