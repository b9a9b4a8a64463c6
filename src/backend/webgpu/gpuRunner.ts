// Records dispatches and copies, submits them in pieces that do not hold the device for long, and reads back.
// It owns the pool, the uniforms, the bind groups and the staging buffers: two equal runs make nothing new.

import { TURN_EVERY_MS } from "../turn.ts";
import { BindGroups } from "./bindGroups.ts";
import type { Device } from "./device.ts";
import { type Constants, PARAMS_STRIDE } from "./kernel.ts";
import type { Pipelines } from "./pipelines.ts";
import { BufferPool, type DeviceBuffer } from "./pool.ts";
import {
  type BytesOf,
  type Dispatch,
  type Limits,
  MAX_BINDING_BYTES,
  type Part,
  type Runner,
} from "./runner.ts";
import type { Variants } from "./variants.ts";
import { Staging } from "./staging.ts";

const ROOM_BYTES = 32 * 2 ** 20;
const MAX_GROUPS = 65535;
const UNIFORM_SLOTS = 256;
const NO_CONSTANTS: Constants = {};
/** A quarter of a second at most: from 2 GFLOP/s in software, from 200 on a weak GPU. */
const SUBMISSION_FLOPS = { software: 5e8, hardware: 5e10 };
/** Work beyond this share of a submission is sent at a checkpoint; less goes on being recorded. */
const WORTH_SENDING = 0.5;
/** Submissions that may wait on the device before `checkpoint` waits with them. */
const MAX_IN_FLIGHT = 2;

export class GpuRunner implements Runner {
  readonly device: Device;
  readonly pool: BufferPool;
  readonly variants: Variants;
  readonly limits: Limits;
  readonly #queue: GPUQueue;
  readonly #pipelines: Pipelines;
  readonly #bindGroups: BindGroups;
  readonly #uniforms: GPUBuffer;
  readonly #params = new Uint32Array((UNIFORM_SLOTS * PARAMS_STRIDE) / 4);
  readonly #floatParams = new Float32Array(this.#params.buffer);
  /** Where the slots begin, in bytes: setBindGroup takes offsets from here. */
  readonly #slotOffsets = Uint32Array.from({ length: UNIFORM_SLOTS }, (_, i) => i * PARAMS_STRIDE);
  #slot = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  /** Of the current pass. */
  #pipelineSet: GPUComputePipeline | null = null;
  #recordedFlops = 0;
  #recordingSince = 0;
  /** Counts submissions; commands being recorded belong to this one. */
  #serial = 0;
  #doomed: DeviceBuffer[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  readonly #staging: Staging;
  /** The submission that waits for further reads. */
  #sending: Promise<void> | null = null;

  constructor(
    device: Device,
    pipelines: Pipelines,
    variants: Variants,
    limits: Partial<Limits> = {},
  ) {
    this.device = device;
    this.variants = variants;
    this.#queue = device.gpu.queue;
    this.limits = {
      bindingBytes: MAX_BINDING_BYTES,
      submissionFlops: SUBMISSION_FLOPS[device.software ? "software" : "hardware"],
      sharedRows: !device.software,
      roomBytes: ROOM_BYTES,
      ...limits,
    };
    this.pool = new BufferPool(device.gpu, (buffer) => {
      this.#doomed.push(buffer);
    });
    device.onOutOfMemory = () => this.pool.distrust();
    this.#pipelines = pipelines;
    this.#staging = new Staging(device.gpu);
    this.#uniforms = device.gpu.createBuffer({
      label: "params",
      size: this.#params.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#bindGroups = new BindGroups(device.gpu, this.#uniforms);
  }

  /** GPU objects made so far; a repeated run adds none. */
  get made(): { buffers: number; bindGroups: number } {
    return { buffers: this.pool.made, bindGroups: this.#bindGroups.made };
  }

  dispatch(work: Dispatch): void {
    const [x, y, z = 1] = work.groups;
    if (x > MAX_GROUPS || y > MAX_GROUPS || z > MAX_GROUPS) {
      throw new RangeError(
        `${work.kernel.name}: ${x} × ${y} × ${z} workgroups; at most ${MAX_GROUPS} fit`,
      );
    }
    this.device.check("Computing on the GPU");
    if (this.#slot === UNIFORM_SLOTS) this.submit();
    const slot = this.#slot++;
    let word = (slot * PARAMS_STRIDE) / 4;
    for (const value of work.u32) this.#params[word++] = value;
    if (work.f32) for (const value of work.f32) this.#floatParams[word++] = value;

    const pass = (this.#pass ??= this.#commands().beginComputePass());
    const pipeline = this.#pipelines.get(work.kernel, work.constants ?? NO_CONSTANTS);
    if (pipeline.gpu !== this.#pipelineSet) pass.setPipeline((this.#pipelineSet = pipeline.gpu));
    const group = this.#bindGroups.get(pipeline.layout, work.buffers);
    pass.setBindGroup(0, group, this.#slotOffsets, slot, 1);
    pass.dispatchWorkgroups(x, y, z);
    for (const buffer of work.buffers) buffer.lastUse = this.#serial;

    this.#recordedFlops += work.flops ?? 0;
    if (this.#recordedFlops >= this.limits.submissionFlops) this.submit();
  }

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

  write(buffer: DeviceBuffer, offset: number, data: Uint8Array | Uint32Array | Float32Array): void {
    this.device.check("Uploading to the GPU");
    // Writes overtake commands that were recorded but not submitted.
    if (buffer.lastUse === this.#serial) this.submit();
    // Views of shared memory are not used here; the type of `buffer` cannot tell.
    this.#queue.writeBuffer(buffer.gpu, offset, data as Uint8Array<ArrayBuffer>);
  }

  upload(data: Uint32Array | Float32Array, label: string): DeviceBuffer {
    const buffer = this.pool.acquire(data.byteLength, label);
    this.write(buffer, 0, data);
    return buffer;
  }

  submit(): void {
    this.#endPass();
    if (this.#encoder) {
      if (this.#slot > 0) {
        const words = (this.#slot * PARAMS_STRIDE) / 4;
        this.#queue.writeBuffer(this.#uniforms, 0, this.#params, 0, words);
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

  /** Whether recording should pause: much was recorded, or for long, or weights wait to be freed, or nothing is left. */
  get worthSending(): boolean {
    return (
      this.#encoder === null ||
      this.#doomed.length > 0 ||
      this.#recordedFlops >= WORTH_SENDING * this.limits.submissionFlops ||
      performance.now() - this.#recordingSince > TURN_EVERY_MS
    );
  }

  /** Submits, and waits until little enough is in flight. */
  async settle(doing: string): Promise<void> {
    this.submit();
    while (this.#inFlight.size > MAX_IN_FLIGHT) await this.#inFlight.values().next().value;
    this.device.check(doing);
  }

  async read<const P extends readonly Part[]>(parts: P, doing: string): Promise<BytesOf<P>> {
    this.device.check(doing);
    const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total === 0) return parts.map(() => new ArrayBuffer(0)) as BytesOf<P>;
    const staging = this.#staging.acquire(total);
    this.#endPass();
    let offset = 0;
    for (const { buffer, bytes } of parts) {
      if (bytes > 0) this.#commands().copyBufferToBuffer(buffer.gpu, 0, staging, offset, bytes);
      buffer.lastUse = this.#serial;
      offset += bytes;
    }
    await (this.#sending ??= Promise.resolve().then(() => {
      this.#sending = null;
      this.submit();
    }));
    const pieces = parts.map(({ bytes }) => bytes);
    const read = await this.#staging.take(staging, pieces).catch(async (error: unknown) => {
      throw await this.device.failed(doing, error);
    });
    this.device.check(doing);
    return read as BytesOf<P>;
  }

  #commands(): GPUCommandEncoder {
    if (this.#encoder === null) {
      this.#encoder = this.device.gpu.createCommandEncoder();
      this.#recordingSince = performance.now();
    }
    return this.#encoder;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
    this.#pipelineSet = null;
  }
}
