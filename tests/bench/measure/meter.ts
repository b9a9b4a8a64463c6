// JavaScript's own share of a run: how long the worker's thread is busy inside the backend's operations and the WebGPU
// calls, and how many of those there are. What the thread waits for (the GPU, the event loop) does not count.
// Off, it costs nothing: methods are wrapped when a metered run starts and put back when it ends.

export interface Metered {
  readonly jsMs: number;
  readonly dispatches: number;
  readonly submissions: number;
  /** That came to JavaScript through mapped buffers. */
  readonly readBytes: number;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

class Meter {
  jsMs = 0;
  readBytes = 0;
  readonly calls = new Map<string, number>();
  #depth = 0;
  #since = 0;

  /** An async method counts up to its first wait; what it calls after that counts by itself. */
  time<T>(name: string, work: () => T): T {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    if (this.#depth++ === 0) this.#since = performance.now();
    try {
      const result = work();
      if (result instanceof ArrayBuffer && name === "getMappedRange") {
        this.readBytes += result.byteLength;
      }
      return result;
    } finally {
      if (--this.#depth === 0) this.jsMs += performance.now() - this.#since;
    }
  }
}

/** Runs the work with the backend's methods and WebGPU's wrapped. */
export async function metered(backend: object, work: () => Promise<void>): Promise<Metered> {
  const meter = new Meter();
  const gpu = [
    GPUQueue,
    GPUDevice,
    GPUBuffer,
    GPUCommandEncoder,
    GPUComputePassEncoder,
    GPUComputePipeline,
  ].map(({ prototype }): object => prototype);
  const restore = [backend, ...gpu].map((target) => wrapMethods(target, meter));
  try {
    await work();
  } finally {
    for (const undo of restore) undo();
  }
  return {
    jsMs: meter.jsMs,
    dispatches:
      (meter.calls.get("dispatchWorkgroups") ?? 0) +
      (meter.calls.get("dispatchWorkgroupsIndirect") ?? 0),
    submissions: meter.calls.get("submit") ?? 0,
    readBytes: meter.readBytes,
  };
}

function wrapMethods(target: object, meter: Meter): () => void {
  const undo: (() => void)[] = [];
  for (const [name, method] of methodsOf(target)) {
    const own = Object.getOwnPropertyDescriptor(target, name);
    const value: Method = function (...args) {
      return meter.time(name, () => method.apply(this, args));
    };
    Object.defineProperty(target, name, { configurable: true, writable: true, value });
    undo.push(() => {
      if (own) Object.defineProperty(target, name, own);
      else Reflect.deleteProperty(target, name);
    });
  }
  return () => {
    for (const step of undo) step();
  };
}

/** Its own and those of its class, by name. */
function methodsOf(target: object): Map<string, Method> {
  const methods = new Map<string, Method>();
  for (
    let owner: object | null = target;
    owner !== null && owner !== Object.prototype && owner !== EventTarget.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (name === "constructor" || typeof value !== "function" || methods.has(name)) continue;
      methods.set(name, value as Method);
    }
  }
  return methods;
}
