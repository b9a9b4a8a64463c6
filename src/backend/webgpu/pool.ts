// Device buffers for activations: made by size class and used again once released. Everything runs in queue order,
// so a buffer may be handed on while work that reads it is still to run. Weights are not pooled.

/** A buffer with its owner's bookkeeping. */
export interface DeviceBuffer {
  /** Never used twice, unlike the buffer. */
  readonly id: number;
  readonly gpu: GPUBuffer;
  readonly bytes: number;
  /** Serial of the last submission that uses it; see Runner. */
  lastUse: number;
}

/** Steps of a quarter of the power of two below: at most a fifth of a class is slack. */
const MIN_CLASS_BYTES = 256;
/** Released buffers kept for use, together. */
const MAX_FREE_BYTES = 256 * 2 ** 20;

export function sizeClass(bytes: number): number {
  if (bytes <= MIN_CLASS_BYTES) return MIN_CLASS_BYTES;
  const step = Math.max(MIN_CLASS_BYTES, 2 ** (Math.floor(Math.log2(bytes - 1)) - 2));
  return Math.ceil(bytes / step) * step;
}

export class BufferPool {
  readonly #device: Pick<GPUDevice, "createBuffer">;
  readonly #destroy: (buffer: DeviceBuffer) => void;
  readonly #free = new Map<number, DeviceBuffer[]>();
  #freeBytes = 0;
  #heldBytes = 0;
  #nextId = 0;
  /** Buffers with a lower id may be invalid: they are destroyed instead of used again. */
  #firstTrusted = 0;

  /** `destroy` gets buffers that commands not yet submitted may still use. */
  constructor(device: Pick<GPUDevice, "createBuffer">, destroy: (buffer: DeviceBuffer) => void) {
    this.#device = device;
    this.#destroy = destroy;
  }

  /** Bytes held, released ones included. */
  get bytes(): number {
    return this.#heldBytes;
  }

  /** Buffers made so far. */
  get made(): number {
    return this.#nextId;
  }

  /** A new buffer of exactly `bytes`, outside the size classes. */
  make(bytes: number, label: string): DeviceBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const gpu = this.#device.createBuffer({ label, size: bytes, usage });
    this.#heldBytes += bytes;
    return { id: this.#nextId++, gpu, bytes, lastUse: -1 };
  }

  /** A buffer of at least `bytes`, with whatever is in it. */
  acquire(bytes: number, label: string): DeviceBuffer {
    const size = sizeClass(bytes);
    const free = this.#free.get(size);
    if (free && free.length > 0) {
      // The oldest first: the same sequence of operations gets the same buffers, and so the same bind groups.
      let oldest = 0;
      free.forEach((buffer, i) => {
        if (buffer.id < (free[oldest]?.id ?? 0)) oldest = i;
      });
      const [buffer] = free.splice(oldest, 1);
      if (buffer) {
        this.#freeBytes -= size;
        return buffer;
      }
    }
    return this.make(size, label);
  }

  release(buffer: DeviceBuffer): void {
    const size = buffer.bytes;
    if (!this.trusts(buffer) || this.#freeBytes + size > MAX_FREE_BYTES) {
      this.drop(buffer);
      return;
    }
    const free = this.#free.get(size);
    if (free) free.push(buffer);
    else this.#free.set(size, [buffer]);
    this.#freeBytes += size;
  }

  /** For a buffer that is not to be used again. */
  drop(buffer: DeviceBuffer): void {
    this.#heldBytes -= buffer.bytes;
    this.#destroy(buffer);
  }

  /** Whether the buffer was made after the last failed allocation; others may be invalid. */
  trusts(buffer: DeviceBuffer): boolean {
    return buffer.id >= this.#firstTrusted;
  }

  /** After a failed allocation: nothing made so far is handed out again. */
  distrust(): void {
    this.#firstTrusted = this.#nextId;
    for (const free of this.#free.values()) for (const buffer of free) this.drop(buffer);
    this.#free.clear();
    this.#freeBytes = 0;
  }
}
