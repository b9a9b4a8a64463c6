// Measures the layouts of a product on the device at hand, on random data, and settles which one is taken. A layout
// that does not compile there, or gives other numbers than the safest one, is left out: driver bugs are real.

import { defined } from "../../lib/defined.ts";
import { isQuantFormat, quantizeRow, rowWords } from "../../lib/quantize.ts";
import { rowBytes } from "../../lib/precision.ts";
import type { Precision } from "../../lib/report.ts";
import type { Device } from "./device.ts";
import { PARAMS_BYTES } from "./kernel.ts";
import { blocksOf, type Extent, groupsOf, productParams } from "./ops/product.ts";
import type { Pipeline, Pipelines } from "./pipelines.ts";
import type { Choice, ShapeClass, Variant, Variants } from "./variants.ts";

type Size = readonly [inputs: number, columns: number];

/**
 * What is measured: enough to tell layouts apart, and little enough to take no time. A few rows are
 * limited by memory: in software their weights are to be larger than the processor's caches, at least the first ones.
 */
const SIZE: Readonly<Record<"software" | "hardware", Readonly<Record<ShapeClass, Size>>>> = {
  software: {
    narrow: [2048, 256],
    one: [1024, 1024],
    four: [1024, 1024],
    few: [256, 256],
    many: [256, 256],
  },
  hardware: {
    narrow: [2048, 256],
    one: [2048, 2048],
    four: [2048, 2048],
    few: [2048, 2048],
    many: [2048, 2048],
  },
};
const ROWS: Readonly<Record<ShapeClass, number>> = {
  narrow: 1,
  one: 1,
  four: 4,
  few: 16,
  many: 64,
};
/** Dispatches in one measurement, and measurements of each variant; the fastest counts. */
const REPEATS = { software: 1, hardware: 16 };
const ROUNDS = 4;
/** Of the largest output: rounding alone differs. */
const TOLERANCE = 1e-4;
/** What is taken by default stays, unless another is faster by more than noise. */
const WORTH = 0.9;

interface Runnable {
  readonly variant: Variant;
  run(times: number): GPUCommandBuffer;
}

export class Tuner {
  readonly #device: Device;
  readonly #pipelines: Pipelines;
  readonly #variants: Variants;

  constructor(device: Device, pipelines: Pipelines, variants: Variants) {
    this.#device = device;
    this.#pipelines = pipelines;
    this.#variants = variants;
  }

  /** Settles one choice; false where there is none left, or the signal came first. */
  async settleNext(signal?: AbortSignal): Promise<boolean> {
    const choice = this.#variants.unsettled();
    if (choice === null || stopped(signal)) return false;
    const bench = new Bench(this.#device, choice);
    try {
      const passing: Runnable[] = [];
      let expected: Float32Array | null = null;
      for (const variant of choice.candidates) {
        const kernel = choice.operation.kernels[variant.layout][choice.format];
        const constants = { ...choice.constants, ...variant.constants };
        const pipeline = await this.#pipelines.attempt(kernel, constants);
        if (stopped(signal)) return false;
        if (pipeline === null) continue;
        const runnable = bench.runnable(variant, pipeline);
        const found = await bench.outputs(runnable);
        expected ??= found;
        if (agree(found, expected)) passing.push(runnable);
      }
      const best = await fastest(bench, passing, choice.variant, signal);
      if (best === null) return false;
      this.#variants.settle(choice, best);
      return true;
    } finally {
      bench.dispose();
    }
  }
}

const stopped = (signal: AbortSignal | undefined): boolean => signal?.aborted ?? false;

async function fastest(
  bench: Bench,
  passing: readonly Runnable[],
  preferred: Variant,
  signal?: AbortSignal,
): Promise<Variant | null> {
  const times = new Map<Variant, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const runnable of passing) {
      if (stopped(signal)) return null;
      const ms = await bench.time(runnable);
      times.set(runnable.variant, Math.min(ms, times.get(runnable.variant) ?? Infinity));
    }
  }
  let best: Variant | null = null;
  const cost = (variant: Variant): number =>
    (times.get(variant) ?? Infinity) * (variant === preferred ? WORTH : 1);
  for (const { variant } of passing) {
    if (best === null || cost(variant) < cost(best)) best = variant;
  }
  return best;
}

function agree(found: Float32Array, expected: Float32Array): boolean {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (
    largest > 0 &&
    found.every((value, i) => Math.abs(value - defined(expected[i])) <= TOLERANCE * largest)
  );
}

/** Random data of one choice on the device. */
class Bench {
  readonly #device: Device;
  readonly #choice: Choice;
  readonly #rows: number;
  readonly #extent: Extent;
  readonly #params: GPUBuffer;
  /** In the order of the kernel's bindings. */
  readonly #buffers: readonly GPUBuffer[];
  readonly #staging: GPUBuffer;

  constructor(device: Device, choice: Choice) {
    this.#device = device;
    this.#choice = choice;
    const { format, operation, shape } = choice;
    const [inputs, columns] = SIZE[device.software ? "software" : "hardware"][shape];
    const rows = (this.#rows = ROWS[shape]);
    this.#extent = {
      firstRow: 0,
      inputs,
      slice: [0, inputs],
      columns,
      furtherColumns: operation.three ? [columns, columns] : [0, 0],
      firstWeight: 0,
      firstColumn: 0,
      stride: columns,
      firstSlice: true,
      lastSlice: true,
    };
    const make = (bytes: number, usage: number, data?: GPUAllowSharedBufferSource): GPUBuffer => {
      const buffer = device.gpu.createBuffer({ label: "tuning", size: bytes, usage });
      if (data) device.gpu.queue.writeBuffer(buffer, 0, data);
      return buffer;
    };
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    this.#params = make(
      PARAMS_BYTES,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      Uint32Array.from(productParams(this.#extent, { first: 0, rows })),
    );
    const { bindings } = operation.kernels.tile[format];
    this.#buffers = bindings.map((access, i) => {
      if (i === 0) return make(rows * inputs * 4, storage, noise(rows * inputs));
      if (access === "write") return make(rows * columns * 4, storage);
      const floats = operation.floats[i]?.(rows, columns);
      if (floats) return make(Math.max(rows, 4) * columns * 4, storage, new Float32Array(floats));
      const random = operation.weightsByInput
        ? weights(format, inputs, columns)
        : weights(format, columns, inputs);
      return make(random.byteLength, storage, random);
    });
    const outputs = bindings.filter((access) => access === "write").length;
    this.#staging = make(
      outputs * rows * columns * 4,
      GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    );
  }

  runnable(variant: Variant, { gpu, layout }: Pipeline): Runnable {
    const { operation } = this.#choice;
    const groups = groupsOf(variant, this.#rows, blocksOf(operation, this.#extent));
    const group = this.#device.gpu.createBindGroup({
      layout: layout.bindings,
      entries: [
        { binding: 0, resource: { buffer: this.#params, size: PARAMS_BYTES } },
        ...this.#buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
      ],
    });
    return {
      variant,
      run: (times) => {
        const encoder = this.#device.gpu.createCommandEncoder();
        const pass = encoder.beginComputePass();
        const [x, y, z] = groups;
        pass.setPipeline(gpu);
        pass.setBindGroup(0, group, [0]);
        for (let i = 0; i < times; i++) pass.dispatchWorkgroups(x, y, z);
        pass.end();
        return encoder.finish();
      },
    };
  }

  async outputs(runnable: Runnable): Promise<Float32Array> {
    const { queue } = this.#device.gpu;
    const encoder = this.#device.gpu.createCommandEncoder();
    const { bindings } = this.#choice.operation.kernels.tile[this.#choice.format];
    const written = this.#buffers.filter((_, i) => bindings[i] === "write");
    const clear = this.#device.gpu.createCommandEncoder();
    // What is not written must not look like what the variant before wrote.
    for (const buffer of written) clear.clearBuffer(buffer);
    written.forEach((buffer, i) => {
      encoder.copyBufferToBuffer(buffer, 0, this.#staging, i * buffer.size, buffer.size);
    });
    queue.submit([clear.finish(), runnable.run(1), encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(this.#staging.getMappedRange().slice(0));
    this.#staging.unmap();
    return values;
  }

  /** Milliseconds. */
  async time(runnable: Runnable): Promise<number> {
    const { queue } = this.#device.gpu;
    const commands = runnable.run(REPEATS[this.#device.software ? "software" : "hardware"]);
    const start = performance.now();
    queue.submit([commands]);
    await queue.onSubmittedWorkDone();
    return performance.now() - start;
  }

  dispose(): void {
    for (const buffer of [this.#params, this.#staging, ...this.#buffers]) buffer.destroy();
  }
}

/** Within ±1, ever the same. */
function noise(length: number): Float32Array<ArrayBuffer> {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/** Rows that one matrix repeats: making random numbers would take longer than measuring. */
const DISTINCT_ROWS = 64;

/** [rows, cols] in the format. */
function weights(format: Precision, rows: number, cols: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(rows * rowBytes(format, cols));
  const some = new Uint8Array(someRows(format, noise(DISTINCT_ROWS * cols), cols).buffer);
  for (let at = 0; at < bytes.length; at += some.length) {
    bytes.set(some.subarray(0, Math.min(some.length, bytes.length - at)), at);
  }
  return bytes;
}

function someRows(
  format: Precision,
  values: Float32Array<ArrayBuffer>,
  cols: number,
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  if (format === "f32") return values;
  if (isQuantFormat(format)) {
    const length = rowWords(format, cols);
    const words = new Uint32Array((values.length / cols) * length);
    for (let row = 0; row * cols < values.length; row++) {
      quantizeRow(format, values, row * cols, cols, words, row * length, "noise");
    }
    return words;
  }
  const bits = new Uint32Array(values.buffer);
  // The upper half is bf16; for f16, any sign and fraction with the exponent of ½.
  return Uint16Array.from(bits, (word) =>
    format === "bf16" ? word >>> 16 : ((word >>> 16) & 0x8000) | 0x3800 | ((word >>> 8) & 0x3ff),
  );
}
