// The GPU device: found, watched for loss and for errors that nobody waits for. Not buffers, not work.

import { FacetError, describe } from "../../lib/errors.ts";
import { type AdapterOptions, adapterName, findAdapter, isSoftware } from "./probe.ts";

export interface DeviceOptions extends AdapterOptions {
  /**
   * Called with every error that the device reports by itself. They are thrown at the next wait in any case: this is
   * for tests, which fail on any.
   */
  readonly onDeviceError?: (message: string) => void;
}

/** Some layouts of products use them (variants.ts). */
const USEFUL = ["subgroups"] as const satisfies GPUFeatureName[];

/** How long a failed wait waits for the news that the device was lost. */
const LOSS_GRACE_MS = 500;

/** One GPUDevice with what went wrong on it. It owns the device and destroys it. */
export class Device {
  readonly gpu: GPUDevice;
  readonly adapter: string;
  readonly software: boolean;
  /** Resolves with the reason when the device is lost; stays pending when it is disposed by us. */
  readonly lost: Promise<string>;
  #lostReason: string | null = null;
  #disposed = false;
  #error: Error | null = null;
  #onOutOfMemory: (() => void) | null = null;

  constructor(gpu: GPUDevice, info: GPUAdapterInfo, onDeviceError?: (message: string) => void) {
    this.gpu = gpu;
    this.adapter = adapterName(info);
    this.software = isSoftware(info);
    this.lost = new Promise((resolve) => {
      void gpu.lost.then(({ message, reason }) => {
        if (this.#disposed) return;
        this.#lostReason = message || reason || "no reason given";
        resolve(this.#lostReason);
      });
    });
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      onDeviceError?.(event.error.message);
      const outOfMemory = event.error instanceof GPUOutOfMemoryError;
      if (outOfMemory) this.#onOutOfMemory?.();
      // The first error is the cause; what follows it is usually its echo.
      this.#error ??= outOfMemory
        ? new FacetError(
            "OutOfMemory",
            `Reserving memory on ${this.adapter}: the device has none left. Close other pages, choose a smaller model or SAE, or a shorter text.`,
            event.error.message,
          )
        : new Error(`The GPU rejected a command: ${event.error.message}`);
    });
  }

  /** Called when an allocation failed: buffers made so far may be invalid. */
  set onOutOfMemory(listener: () => void) {
    this.#onOutOfMemory = listener;
  }

  /** Throws what the device reported since the last check, or `DeviceLost`. */
  check(doing: string): void {
    if (this.#disposed) throw new Error(`${doing}: the backend was disposed`);
    if (this.#lostReason !== null) throw this.#lostError(doing);
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
  }

  /** A wait failed: `DeviceLost` where that is why, else the reason itself. */
  async failed(doing: string, reason: unknown): Promise<Error> {
    // The rejection of a wait may arrive before the news of the loss, from another process.
    const grace = new Promise<void>((resolve) => setTimeout(resolve, LOSS_GRACE_MS));
    await Promise.race([this.lost, grace]);
    return this.#lostReason === null
      ? new Error(`${doing}: ${describe(reason)}`, { cause: reason })
      : this.#lostError(doing);
  }

  #lostError(doing: string): FacetError {
    return new FacetError(
      "DeviceLost",
      `${doing}: the GPU device was lost (${this.#lostReason}). Open the model again; it will get a new device.`,
    );
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.gpu.destroy();
  }
}

/** Throws `NoBackend` where there is no adapter, or it gives no device. */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  const adapter = await findAdapter(options);
  if (adapter === null) {
    throw new FacetError(
      "NoBackend",
      "Opening WebGPU: this browser has no GPU adapter for this page. Switch WebGPU on, or choose a tfjs backend.",
    );
  }
  try {
    // Default limits only, and no feature that anything depends on: what runs here runs on every WebGPU device.
    const requiredFeatures = USEFUL.filter((feature) => adapter.features.has(feature));
    const gpu = await adapter.requestDevice({ label: "facet", requiredFeatures });
    return new Device(gpu, adapter.info, options.onDeviceError);
  } catch (error) {
    throw new FacetError(
      "NoBackend",
      `Opening WebGPU: ${adapterName(adapter.info)} gave no device (${describe(error)}). Choose a tfjs backend.`,
      error,
    );
  }
}
