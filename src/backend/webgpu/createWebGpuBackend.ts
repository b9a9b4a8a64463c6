// The WebGPU backend: the operations of ops/ on one device, put together. No kernel and no buffer is handled here.

import { throwIfCancelled } from "../../lib/errors.ts";
import type { Backend } from "../backend.ts";
import { turn } from "../turn.ts";
import { type DeviceOptions, openDevice } from "./device.ts";
import { Attention } from "./ops/attention.ts";
import { CachedAttention, GpuKvCache, gpuKvCache } from "./ops/cachedAttention.ts";
import { decode } from "./ops/decode.ts";
import { encode } from "./ops/encode.ts";
import { gpuFeatures, uploadFeatures } from "./ops/features.ts";
import { gatedMlp } from "./ops/gatedMlp.ts";
import { gather } from "./ops/gather.ts";
import { linear } from "./ops/linear.ts";
import { logitStats } from "./ops/logitStats.ts";
import { normalizeRows } from "./ops/normalizeRows.ts";
import { rmsNorm } from "./ops/rmsNorm.ts";
import { RopeTables } from "./ops/ropeTables.ts";
import { concatRows, select, sliceRows } from "./ops/rows.ts";
import { rowStats } from "./ops/rowStats.ts";
import { type Limits, Runner } from "./runner.ts";
import { emptyTensor, gpuTensor } from "./tensor.ts";
import { gpuWeight } from "./weights.ts";
import { writeWeight } from "./weightWriter.ts";

export interface WebGpuOptions extends DeviceOptions {
  /** Smaller than the device's own; for tests of what is cut. */
  readonly limits?: Partial<Limits>;
}

export interface WebGpuBackend extends Backend {
  /** For a peer that shares the device (tfjs) and for tests. */
  readonly device: GPUDevice;
  /** GPU objects made so far; a repeated run adds none. */
  made(): { buffers: number; bindGroups: number };
}

/** Throws `NoBackend` where there is no adapter. */
export async function createWebGpuBackend(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  const device = await openDevice(options);
  const runner = new Runner(device, options.limits);
  const ropeTables = new RopeTables(runner);
  const attention = new Attention(runner, ropeTables);
  const cachedAttention = new CachedAttention(runner, attention, ropeTables);

  return {
    name: "webgpu",
    adapter: device.adapter,
    lost: device.lost,
    device: device.gpu,
    made: () => runner.made,

    tensor(values, rows, cols) {
      if (values.length !== rows * cols) {
        throw new RangeError(`${values.length} values for a tensor of ${rows} × ${cols}`);
      }
      const x = emptyTensor(runner, rows, cols, "tensor");
      runner.write(x.buffer, 0, values);
      return x;
    },
    weight: (spec) => writeWeight(runner, spec),

    gather: (W, ids, scale) => gather(runner, gpuWeight(W), ids, scale),
    rmsNorm: (x, gain, eps) => rmsNorm(runner, gpuTensor(x), gpuTensor(gain), eps),
    linear: (x, W, add) =>
      linear(runner, gpuTensor(x), gpuWeight(W), add === undefined ? null : gpuTensor(add)),
    attention: (q, k, v, spec) => attention.run(gpuTensor(q), gpuTensor(k), gpuTensor(v), spec),
    kvCache: (rows, heads) => new GpuKvCache(runner, rows, heads),
    cachedAttention: (q, k, v, cache, spec) =>
      cachedAttention.run(gpuTensor(q), gpuTensor(k), gpuTensor(v), gpuKvCache(cache), spec),
    gatedMlp: (x, gate, up, act) =>
      gatedMlp(runner, gpuTensor(x), gpuWeight(gate), gpuWeight(up), act),

    normalizeRows: (x, how, subtract) =>
      normalizeRows(runner, gpuTensor(x), how, subtract && gpuTensor(subtract)),
    encode: (x, encoder) => encode(runner, gpuTensor(x), encoder),
    features: (rows) => uploadFeatures(runner, rows),
    decode: (features, decoder, undo) =>
      decode(runner, gpuFeatures(features), decoder, gpuTensor(undo)),

    select: (mask, a, b) => select(runner, mask, gpuTensor(a), gpuTensor(b)),
    concatRows: (parts) => concatRows(runner, parts.map(gpuTensor)),
    sliceRows: (x, start, end) => sliceRows(runner, gpuTensor(x), start, end),
    rowStats: (x, y) => rowStats(runner, gpuTensor(x), gpuTensor(y)),
    logitStats: (a, E, targets, b) =>
      logitStats(
        runner,
        gpuTensor(a),
        gpuWeight(E),
        targets,
        b === undefined ? null : gpuTensor(b),
      ),

    async read(x) {
      const [bytes] = await runner.read([gpuTensor(x)], "Reading a tensor");
      return new Float32Array(bytes);
    },
    readFeatures: (features) => gpuFeatures(features).read(),

    async checkpoint(signal) {
      device.check("Computing on the GPU");
      if (runner.worthSending) {
        await runner.settle("Waiting for the GPU");
        await turn();
      }
      throwIfCancelled(signal, "computing on the GPU");
    },
    memory: () => runner.pool.bytes,
    dispose: () => device.dispose(),
  };
}
