// JavaScript's own share of a run: how long the worker's thread is busy inside the backend's operations and the WebGPU
// calls, and how many of those there are. What the thread waits for (the GPU, the event loop) does not count.
// Off, it costs nothing: methods are wrapped when a metered run starts and put back when it ends. What is called several
// times for every dispatch is counted in a run of its own, since a wrapping costs as much as such a call does; the clock
// covers it through the backend's method that calls it.

export interface Metered {
  /** Of each run. */
  readonly jsMs: readonly number[];
  readonly dispatches: number;
  readonly submissions: number;
  /** That came to JavaScript through mapped buffers. */
  readonly readBytes: number;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Calls of one method. */
interface Count {
  calls: number;
}

class Meter {
  jsMs = 0;
  readBytes = 0;
  readonly #counts = new Map<string, Count>();
  #depth = 0;
  #since = 0;

  count(name: string): Count {
    const known = this.#counts.get(name) ?? { calls: 0 };
    this.#counts.set(name, known);
    return known;
  }

  reset(): void {
    this.jsMs = 0;
    this.readBytes = 0;
    for (const count of this.#counts.values()) count.calls = 0;
  }

  /** An async method counts up to its first wait; what it calls after that counts by itself. */
  wrapped(name: string, method: Method): Method {
    const count = this.count(name);
    const maps = name === "getMappedRange";
    const nested = (): boolean => this.#depth > 0;
    const run = (target: unknown, args: unknown[]): unknown => {
      if (this.#depth++ === 0) this.#since = performance.now();
      try {
        const result = method.apply(target, args);
        if (maps && result instanceof ArrayBuffer) this.readBytes += result.byteLength;
        return result;
      } finally {
        if (--this.#depth === 0) this.jsMs += performance.now() - this.#since;
      }
    };
    return function (...args) {
      count.calls++;
      return nested() && !maps ? method.apply(this, args) : run(this, args);
    };
  }
}

/** Only named once there is a run: Node has them by then. */
const gpuObjects = (): readonly { readonly prototype: object }[] => [
  GPUQueue,
  GPUDevice,
  GPUBuffer,
  GPUCommandEncoder,
  GPUComputePipeline,
];

/**
 * Runs the work with the backend's methods and WebGPU's wrapped. Counts are those of the last run.
 * @param warmUp runs before those that are metered: wrapping a method throws away what the engine had compiled around it.
 */
export async function metered(
  backend: object,
  work: () => Promise<void>,
  { warmUp, runs }: { readonly warmUp: number; readonly runs: number },
): Promise<Metered> {
  const [recording, endRecording] = wrapped([GPUComputePassEncoder.prototype]);
  await work().finally(endRecording);

  const [meter, end] = wrapped([backend, ...gpuObjects().map(({ prototype }) => prototype)]);
  const jsMs: number[] = [];
  try {
    for (let run = 0; run < warmUp; run++) await work();
    for (let run = 0; run < runs; run++) {
      meter.reset();
      await work();
      jsMs.push(meter.jsMs);
    }
  } finally {
    end();
  }
  return {
    jsMs,
    dispatches:
      recording.count("dispatchWorkgroups").calls +
      recording.count("dispatchWorkgroupsIndirect").calls,
    submissions: meter.count("submit").calls,
    readBytes: meter.readBytes,
  };
}

/** What is called of these objects' methods from now on, and how to end that. */
function wrapped(targets: readonly object[]): [meter: Meter, end: () => void] {
  const meter = new Meter();
  const restore = targets.map((target) => wrapMethods(target, meter));
  const end = (): void => {
    for (const undo of restore) undo();
  };
  return [meter, end];
}

function wrapMethods(target: object, meter: Meter): () => void {
  const undo: (() => void)[] = [];
  for (const [name, method] of methodsOf(target)) {
    const own = Object.getOwnPropertyDescriptor(target, name);
    const value = meter.wrapped(name, method);
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
