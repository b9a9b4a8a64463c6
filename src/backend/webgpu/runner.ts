// Records dispatches and copies, submits them in pieces that do not hold the device for long, and reads back.
// It owns the pool, the uniforms, the bind groups and the staging buffers: two equal runs make nothing new.

import type { Device } from "./device.ts";
import { type Constants, type Kernel, PARAMS_BYTES, PARAMS_STRIDE, Pipelines } from "./kernel.ts";
import { BufferPool, type DeviceBuffer, sizeClass } from "./pool.ts";

export interface Dispatch {
  readonly kernel: Kernel;
  readonly constants?: Constants;
  /** In the order of the kernel's bindings. */
  readonly buffers: readonly DeviceBuffer[];
  /** The words of `Params`: first the u32 ones, then the f32 ones. */
  readonly u32: readonly number[];
  readonly f32?: readonly number[];
  /** Workgroups in x and y. */
  readonly groups: readonly [number, number];
  /** Multiplications and additions, roughly; 0 where they do not count. */
  readonly flops?: number;
}

export interface Limits {
  /** A slice of a weight, or scratch, holds no more bytes. */
  readonly bindingBytes: number;
  /** Work of more than this goes in several dispatches and submissions. */
  readonly submissionFlops: number;
}

/** WebGPU's default limits. */
export const MAX_BINDING_BYTES = 128 * 2 ** 20;
const MAX_GROUPS = 65535;
const UNIFORM_SLOTS = 256;
/** More than any model's forward needs; texts of ever other lengths would add to them for ever. */
const MAX_BIND_GROUPS = 4096;
/** About a quarter of a second: 2 GFLOP/s in software, from 200 on a weak GPU. */
const SUBMISSION_FLOPS = { software: 5e8, hardware: 5e10 };
/** Submissions that may wait on the device before `checkpoint` waits with them. */
const MAX_IN_FLIGHT = 2;

export class Runner {
  readonly device: Device;
  readonly pool: BufferPool;
  readonly limits: Limits;
  readonly #queue: GPUQueue;
  readonly #pipelines: Pipelines;
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  #bindGroupsMade = 0;
  readonly #uniforms: GPUBuffer;
  readonly #params = new ArrayBuffer(UNIFORM_SLOTS * PARAMS_STRIDE);
  #slot = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #recordedFlops = 0;
  /** Counts submissions; commands being recorded belong to this one. */
  #serial = 0;
  #doomed: DeviceBuffer[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  readonly #staging = new Map<number, GPUBuffer[]>();

  constructor(device: Device, limits: Partial<Limits> = {}) {
    this.device = device;
    this.#queue = device.gpu.queue;
    this.limits = {
      bindingBytes: MAX_BINDING_BYTES,
      submissionFlops: SUBMISSION_FLOPS[device.software ? "software" : "hardware"],
      ...limits,
    };
    this.pool = new BufferPool(device.gpu, (buffer) => {
      this.#doomed.push(buffer);
    });
    device.onOutOfMemory = () => this.pool.distrust();
    this.#pipelines = new Pipelines(device.gpu);
    this.#uniforms = device.gpu.createBuffer({
      label: "params",
      size: this.#params.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** GPU objects made so far; a repeated run adds none. */
  get made(): { buffers: number; bindGroups: number } {
    return { buffers: this.pool.made, bindGroups: this.#bindGroupsMade };
  }

  dispatch(work: Dispatch): void {
    const [x, y] = work.groups;
    if (x > MAX_GROUPS || y > MAX_GROUPS) {
      throw new RangeError(
        `${work.kernel.name}: ${x} × ${y} workgroups; at most ${MAX_GROUPS} fit`,
      );
    }
    this.device.check(`Running ${work.kernel.name}`);
    if (this.#slot === UNIFORM_SLOTS) this.submit();
    const offset = this.#slot++ * PARAMS_STRIDE;
    const { u32, f32 = [] } = work;
    new Uint32Array(this.#params, offset, u32.length).set(u32);
    new Float32Array(this.#params, offset + 4 * u32.length, f32.length).set(f32);

    this.#pass ??= this.#commands().beginComputePass({ label: "facet" });
    const pipeline = this.#pipelines.get(work.kernel, work.constants ?? {});
    this.#pass.setPipeline(pipeline.gpu);
    this.#pass.setBindGroup(0, this.#bindGroup(pipeline, work), [offset]);
    this.#pass.dispatchWorkgroups(x, y);
    for (const buffer of work.buffers) buffer.lastUse = this.#serial;

    this.#recordedFlops += work.flops ?? 0;
    if (this.#recordedFlops >= this.limits.submissionFlops) this.submit();
  }

  #bindGroup(pipeline: { id: number; layout: GPUBindGroupLayout }, work: Dispatch): GPUBindGroup {
    const key = `${pipeline.id}:${work.buffers.map((buffer) => buffer.id).join(",")}`;
    let group = this.#bindGroups.get(key);
    if (!group) {
      if (this.#bindGroups.size === MAX_BIND_GROUPS) this.#bindGroups.clear();
      this.#bindGroupsMade++;
      group = this.device.gpu.createBindGroup({
        label: work.kernel.name,
        layout: pipeline.layout,
        entries: [
          { binding: 0, resource: { buffer: this.#uniforms, size: PARAMS_BYTES } },
          ...work.buffers.map(({ gpu }, i) => ({ binding: i + 1, resource: { buffer: gpu } })),
        ],
      });
      this.#bindGroups.set(key, group);
    }
    return group;
  }

  /** Bytes; offsets and length are multiples of 4. */
  copy(
    from: DeviceBuffer,
    fromOffset: number,
    to: DeviceBuffer,
    toOffset: number,
    bytes: number,
  ): void {
    this.device.check("Copying on the GPU");
    if (bytes === 0) return;
    this.#endPass();
    this.#commands().copyBufferToBuffer(from.gpu, fromOffset, to.gpu, toOffset, bytes);
    from.lastUse = to.lastUse = this.#serial;
  }

  /** Uploads in order with what was recorded; the length is a multiple of 4 bytes. */
  write(buffer: DeviceBuffer, offset: number, data: Uint8Array | Uint32Array | Float32Array): void {
    this.device.check("Uploading to the GPU");
    // Writes overtake commands that were recorded but not submitted.
    if (buffer.lastUse === this.#serial) this.submit();
    // Views of shared memory are not used here; the type of `buffer` cannot tell.
    this.#queue.writeBuffer(buffer.gpu, offset, data as Uint8Array<ArrayBuffer>);
  }

  /** A pooled buffer with these values. */
  upload(data: Uint32Array | Float32Array, label: string): DeviceBuffer {
    const buffer = this.pool.acquire(data.byteLength, label);
    this.write(buffer, 0, data);
    return buffer;
  }

  submit(): void {
    this.#endPass();
    if (this.#encoder) {
      if (this.#slot > 0) {
        this.#queue.writeBuffer(this.#uniforms, 0, this.#params, 0, this.#slot * PARAMS_STRIDE);
      }
      this.#queue.submit([this.#encoder.finish()]);
      this.#encoder = null;
      this.#slot = 0;
      this.#recordedFlops = 0;
      this.#serial++;
      this.#follow(this.#queue.onSubmittedWorkDone());
    }
    if (this.#doomed.length > 0) {
      // Rare (a model was closed): bind groups made of them are found by no simple key, so all go.
      this.#bindGroups.clear();
      for (const buffer of this.#doomed) buffer.gpu.destroy();
      this.#doomed = [];
    }
  }

  #follow(done: Promise<void>): void {
    // Losing the device ends the wait as well; that it was lost is told by `lost`.
    const settled: Promise<void> = done
      .catch(() => undefined)
      .finally(() => this.#inFlight.delete(settled));
    this.#inFlight.add(settled);
  }

  /** Submits, and waits until little enough is in flight. */
  async settle(doing: string): Promise<void> {
    this.submit();
    while (this.#inFlight.size > MAX_IN_FLIGHT) await this.#inFlight.values().next().value;
    this.device.check(doing);
  }

  /** The first `bytes` of the buffer, once everything recorded so far has run. */
  async read(buffer: DeviceBuffer, bytes: number, doing: string): Promise<ArrayBuffer> {
    this.device.check(doing);
    if (bytes === 0) return new ArrayBuffer(0);
    const size = sizeClass(bytes);
    const free = this.#staging.get(size);
    const staging =
      free?.pop() ??
      this.device.gpu.createBuffer({
        label: "staging",
        size,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
    this.#endPass();
    this.#commands().copyBufferToBuffer(buffer.gpu, 0, staging, 0, bytes);
    buffer.lastUse = this.#serial;
    this.submit();
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, bytes);
    } catch (error) {
      staging.destroy();
      throw await this.device.failed(doing, error);
    }
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    const list = this.#staging.get(size);
    if (list) list.push(staging);
    else this.#staging.set(size, [staging]);
    this.device.check(doing);
    return copy;
  }

  #commands(): GPUCommandEncoder {
    return (this.#encoder ??= this.device.gpu.createCommandEncoder({ label: "facet" }));
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
  }
}
