// Which GPU adapter there is, and whether it only computes on the CPU. Makes no device, so that it is cheap to ask.

export interface AdapterOptions {
  /** Defaults to the browser's `navigator.gpu`. */
  readonly gpu?: GPU;
  /** Ask for a software adapter. */
  readonly forceFallback?: boolean;
}

export interface AdapterProbe {
  readonly available: boolean;
  /** The adapter computes on the CPU: slower than the portable backend. */
  readonly software: boolean;
  /** For reports: "google swiftshader". Empty where there is none. */
  readonly adapter: string;
}

// SwiftShader (Chromium), llvmpipe and lavapipe (Mesa), WARP (Windows: "Microsoft Basic Render Driver").
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

export function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || SOFTWARE.test(names);
}

export function adapterName(info: GPUAdapterInfo): string {
  const name = [info.vendor, info.architecture].filter((part) => part !== "").join(" ");
  return name || info.description || info.device || "unnamed adapter";
}

function findGpu(gpu: GPU | undefined): GPU | null {
  if (gpu) return gpu;
  // Absent in Node, and in browsers and contexts without WebGPU.
  const here = globalThis.navigator as { readonly gpu?: GPU } | undefined;
  return here?.gpu ?? null;
}

export async function findAdapter(options: AdapterOptions): Promise<GPUAdapter | null> {
  const gpu = findGpu(options.gpu);
  if (gpu === null) return null;
  return gpu.requestAdapter({
    powerPreference: "high-performance",
    forceFallbackAdapter: options.forceFallback ?? false,
  });
}

/** What a backend would run on; makes no device. */
export async function probeWebGpu(gpu?: GPU): Promise<AdapterProbe> {
  const adapter = await findAdapter(gpu ? { gpu } : {});
  if (adapter === null) return { available: false, software: false, adapter: "" };
  return {
    available: true,
    software: isSoftware(adapter.info),
    adapter: adapterName(adapter.info),
  };
}
