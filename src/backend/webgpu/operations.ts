// The operations of ops/ on one runner, put together as a backend has them. No kernel and no buffer is handled here.

import type { Backend } from "../backend.ts";
import { Attention } from "./ops/attention.ts";
import { CachedAttention, GpuKvCache, gpuKvCache } from "./ops/cachedAttention.ts";
import { decode } from "./ops/decode.ts";
import { encode } from "./ops/encode.ts";
import { gpuFeatures, uploadFeatures } from "./ops/features.ts";
import { gatedMlp } from "./ops/gatedMlp.ts";
import { gather } from "./ops/gather.ts";
import { linear, linears } from "./ops/linear.ts";
import { logitStats } from "./ops/logitStats.ts";
import { normalizeRows } from "./ops/normalizeRows.ts";
import { rmsNorm } from "./ops/rmsNorm.ts";
import { RopeTables } from "./ops/ropeTables.ts";
import { concatRows, select, sliceRows } from "./ops/rows.ts";
import { rowStats } from "./ops/rowStats.ts";
import type { Runner } from "./runner.ts";
import { emptyTensor, gpuTensor } from "./tensor.ts";
import { gpuWeight } from "./weights.ts";
import { writeWeight } from "./weightWriter.ts";

/** What computes, of a backend. */
export type Operations = Omit<
  Backend,
  "name" | "adapter" | "lost" | "precompile" | "tune" | "checkpoint" | "memory" | "dispose"
>;

export function operationsOn(runner: Runner): Operations {
  const ropeTables = new RopeTables(runner);
  const attention = new Attention(runner, ropeTables);
  const cachedAttention = new CachedAttention(runner, attention, ropeTables);

  return {
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
    linears: (x, [a, b, c]) =>
      linears(runner, gpuTensor(x), [gpuWeight(a), gpuWeight(b), gpuWeight(c)]),
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
  };
}
