// What the machine can do at most, by kernels of the simplest kind on a device of their own: copying, multiplying and
// adding, dispatching next to nothing, and reading four bytes back. The operations' times are held against these.

import { spread } from "../statistics.mjs";

export interface Ceilings {
  readonly adapter: string;
  /** Bytes read and written a second, by the faster of a copy command and a kernel. */
  readonly copyBytesPerSecond: number;
  /** f32 multiplications and additions a second, by the fastest of four kernels. */
  readonly flopsPerSecond: number;
  /** Of one dispatch of one workgroup that waits for the one before it. */
  readonly dispatchUs: number;
  /** JavaScript of it: set pipeline, set bind group, dispatch. */
  readonly recordUs: number;
  /** From a submission of next to nothing to four bytes in JavaScript. */
  readonly readbackMs: number;
}

const COPY_BYTES = 2 ** 27; // the default limit of a binding
const GROUP = 256;
const LANES = 8;
const UNROLLED = 16;
const DISPATCHES = 1000;
/** Long enough that sending does not count. */
const ENOUGH_MS = 60;
const RUNS = 5;

const COPY = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> sink: array<vec4f>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * ${GROUP};
  for (var i = id.x; i < arrayLength(&source); i += stride) { sink[i] = source[i]; }
}`;

/** ${LANES} chains of vec4s that wait for nobody but themselves. */
const multiplyAdd = (step: string): string => /* wgsl */ `
override ROUNDS: u32;
@group(0) @binding(0) var<storage, read_write> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> sink: array<vec4f>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = source[0];
  let c = source[1];
  ${lanes((j) => `var a${j} = source[2 + ${j}] * f32(id.x);`)}
  for (var i = 0u; i < ROUNDS; i++) {
    ${Array.from({ length: UNROLLED }, () => lanes((j) => `a${j} = ${step.replace(/\ba\b/g, `a${j}`)};`)).join("\n")}
  }
  sink[id.x] = ${Array.from({ length: LANES }, (_, j) => `a${j}`).join(" + ")};
}`;

const NEXT_TO_NOTHING = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> sink: array<u32>;
@compute @workgroup_size(1)
fn main() { sink[0] += source[0]; }`;

function lanes(line: (lane: number) => string): string {
  return Array.from({ length: LANES }, (_, j) => line(j)).join(" ");
}

export async function measureCeilings(gpu: GPU): Promise<Ceilings> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new Error("There is no WebGPU adapter to measure.");
  const device = await adapter.requestDevice();
  let rejected: string | null = null;
  device.addEventListener("uncapturederror", ({ error }) => (rejected ??= error.message));
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = (size: number, usage = STORAGE | COPY_SRC | COPY_DST): GPUBuffer =>
    device.createBuffer({ size, usage });
  const [from, to] = [buffer(COPY_BYTES), buffer(COPY_BYTES)];
  const readable = buffer(4, COPY_DST | MAP_READ);

  const kernel = (code: string, constants: Record<string, number> = {}): Kernel => {
    const module = device.createShaderModule({ code });
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module, constants },
    });
    const bindings = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [from, to].map((one, binding) => ({ binding, resource: { buffer: one } })),
    });
    return { pipeline, bindings };
  };
  const send = (record: (encoder: GPUCommandEncoder) => void): void => {
    const encoder = device.createCommandEncoder();
    record(encoder);
    device.queue.submit([encoder.finish()]);
  };
  const dispatch = ({ pipeline, bindings }: Kernel, groups: number, times = 1) =>
    send((encoder) => {
      const pass = encoder.beginComputePass();
      for (let i = 0; i < times; i++) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(groups);
      }
      pass.end();
    });
  const wait = (): Promise<unknown> => device.queue.onSubmittedWorkDone();
  /** Milliseconds of one, the least of several runs: a ceiling is what can be had. */
  const best = async (work: (times: number) => void): Promise<number> => {
    let times = 1;
    for (;;) {
      const ms = await elapsed(() => work(times), wait);
      if (ms >= ENOUGH_MS) break;
      times *= 2;
    }
    let least = Infinity;
    for (let run = 0; run < RUNS; run++) {
      least = Math.min(least, (await elapsed(() => work(times), wait)) / times);
    }
    return least;
  };

  try {
    const copying = [
      await best((times) => {
        for (let i = 0; i < times; i++) {
          send((encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, COPY_BYTES));
        }
      }),
    ];
    const copy = kernel(COPY);
    for (const groups of [64, 2048, 32768]) {
      copying.push(await best((times) => dispatch(copy, groups, times)));
    }

    const rates: number[] = [];
    // Enough workgroups for any device; rounds so that the first dispatch is short on the slowest one.
    const [groups, rounds] = [1024, 4];
    const flops = groups * GROUP * rounds * UNROLLED * LANES * 4 * 2;
    for (const step of ["fma(a, m, c)", "a * m + c"]) {
      const multiply = kernel(multiplyAdd(step), { ROUNDS: rounds });
      const long = kernel(multiplyAdd(step), { ROUNDS: 64 * rounds });
      const ms = await best((times) => dispatch(multiply, groups, times));
      rates.push(flops / (ms / 1000));
      // A fast device spends much of a short dispatch on beginning and ending it.
      if (ms < 10) {
        const msLong = await best((times) => dispatch(long, groups, times));
        rates.push((64 * flops) / (msLong / 1000));
      }
    }

    const nothing = kernel(NEXT_TO_NOTHING);
    const many: number[] = [];
    const recording: number[] = [];
    const readback: number[] = [];
    for (let run = -1; run < 2 * RUNS; run++) {
      const one = await elapsed(() => dispatch(nothing, 1), wait);
      const start = performance.now();
      dispatch(nothing, 1, DISPATCHES);
      const recorded = performance.now() - start;
      await wait();
      const all = performance.now() - start;
      const read = await elapsed(
        () => {
          dispatch(nothing, 1);
          send((encoder) => encoder.copyBufferToBuffer(to, 0, readable, 0, 4));
        },
        () => readable.mapAsync(GPUMapMode.READ),
      );
      readable.unmap();
      if (run < 0) continue;
      many.push(((all - one) * 1000) / (DISPATCHES - 1));
      recording.push((recorded * 1000) / DISPATCHES);
      readback.push(read);
    }
    if (rejected !== null) throw new Error(`Measuring ceilings: ${String(rejected)}`);
    const { vendor, architecture, description } = adapter.info;
    return {
      adapter: [vendor, architecture].filter(Boolean).join(" ") || description,
      copyBytesPerSecond: (2 * COPY_BYTES) / (Math.min(...copying) / 1000),
      flopsPerSecond: Math.max(...rates),
      dispatchUs: spread(many).median,
      recordUs: spread(recording).median,
      readbackMs: spread(readback).median,
    };
  } finally {
    device.destroy();
  }
}

interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
}

async function elapsed(work: () => void, done: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  work();
  await done();
  return performance.now() - start;
}
