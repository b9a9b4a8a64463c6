// One of tfjs' backends, installed in its engine, with the facts about it that our operations need to know.
// tfjs has one global engine with one current backend; this file is the only place that touches either.

import {
  type KernelBackend,
  type Tensor,
  findBackendFactory,
  getBackend,
  registerBackend,
  removeBackend,
  setBackend,
} from "@tensorflow/tfjs-core";

export type TfjsKind = "tfjs-wasm" | "tfjs-cpu";

export interface Device {
  /** tfjs' own name for it. */
  readonly tfName: "wasm" | "cpu" | "webgpu";
  readonly kernels: KernelBackend;
  /** What runs it, for reports. */
  readonly adapter: string;
  /** Resolves with the reason when the device is lost; never rejects. */
  readonly lost: Promise<string>;
  /** A tensor's values where they lie, not copied, good until the next operation; null where they lie on a GPU. */
  readonly view: ((x: Tensor) => Float32Array) | null;
  /** Whether a·Bᵀ and batches of products run as fast as one a·B. */
  readonly anyProduct: boolean;
  /** Throws `OutOfMemory` unless that many more bytes can be had. `label` is for the message. */
  reserve(bytes: number, label: string): void;
  /** Sends what was recorded and waits until it is done. */
  flush(): Promise<void>;
}

export interface DeviceMaker {
  readonly tfName: Device["tfName"];
  readonly make: () => Promise<Device>;
}

export interface Lease {
  readonly device: Device;
  /** Makes it tfjs' current backend; before every batch of operations. */
  makeCurrent(): void;
  /** The last one to let go takes it out of tfjs and frees its memory. */
  release(): void;
}

interface Installed {
  readonly device: Promise<Device>;
  users: number;
}

const installed = new Map<Device["tfName"], Installed>();

/** tfjs keeps at most one backend of a name, so those who ask for the same one share it. */
export async function acquire({ tfName, make }: DeviceMaker): Promise<Lease> {
  const entry = installed.get(tfName) ?? { device: make().then(install), users: 0 };
  installed.set(tfName, entry);
  entry.users++;
  let device: Device;
  try {
    device = await entry.device;
  } catch (error) {
    forget(tfName, entry);
    throw error;
  }
  void device.lost.then(() => forget(tfName, entry));

  let released = false;
  return {
    device,
    makeCurrent() {
      // With the backend already made, setBackend does all its work before it returns its promise.
      if (getBackend() !== tfName) void setBackend(tfName);
    },
    release() {
      if (released) return;
      released = true;
      entry.users--;
      if (entry.users > 0 || installed.get(tfName) !== entry) return;
      installed.delete(tfName);
      removeBackend(tfName);
    },
  };
}

/** Whoever asks next gets a new one. */
function forget(tfName: Device["tfName"], entry: Installed): void {
  if (installed.get(tfName) === entry) installed.delete(tfName);
}

async function install(device: Device): Promise<Device> {
  const { tfName, kernels } = device;
  // The package's own factory, or a backend whose device was lost.
  if (findBackendFactory(tfName) !== null) removeBackend(tfName);
  registerBackend(tfName, () => kernels);
  if (!(await setBackend(tfName))) throw new Error(`tfjs could not set up its ${tfName} backend`);
  return device;
}
