// The device's own clock, where it has `timestamp-query`: how long compute passes took, without what JavaScript and the
// driver needed to send them. It wraps a device's encoders so that every pass of whoever uses the device is stamped.

/** Stamps kept at a time: two for each pass. */
const STAMPS = 4096;
const STAMPING = "timestamp-query";

export interface GpuClock {
  readonly device: GPUDevice;
  /** Milliseconds that passes took since the last call, once the device has done them; null without such a clock. */
  passed(): Promise<number | null>;
}

/**
 * Remembers the last device made through this entry to WebGPU, which from now on has `timestamp-query` where the adapter
 * does. The entry itself is changed: whoever finds it in `navigator.gpu` is watched too.
 */
export function watchDevices(gpu: GPU): () => GPUDevice {
  let made: GPUDevice | null = null;
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const adapter = await requestAdapter(options);
    if (adapter === null) return null;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (given = {}) => {
      const stamps: GPUFeatureName[] = adapter.features.has(STAMPING) ? [STAMPING] : [];
      const requiredFeatures = [...new Set([...(given.requiredFeatures ?? []), ...stamps])];
      return (made = await requestDevice({ ...given, requiredFeatures }));
    };
    return adapter;
  };
  return () => {
    if (made === null) throw new Error("No device was made yet.");
    return made;
  };
}

export function gpuClock(device: GPUDevice): GpuClock {
  if (!device.features.has(STAMPING)) {
    return { device, passed: async () => null };
  }
  const stamps = device.createQuerySet({ type: "timestamp", count: STAMPS });
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ size: 8 * STAMPS, usage: QUERY_RESOLVE | COPY_SRC });
  const readable = device.createBuffer({ size: 8 * STAMPS, usage: COPY_DST | MAP_READ });
  let used = 0;
  /** More passes than there are stamps: the sum would lack some. */
  let lost = false;

  const createCommandEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (pass) => {
      if (used + 2 > STAMPS) {
        lost = true;
        return beginComputePass(pass);
      }
      const first = used;
      used += 2;
      return beginComputePass({
        ...pass,
        timestampWrites: {
          querySet: stamps,
          beginningOfPassWriteIndex: first,
          endOfPassWriteIndex: first + 1,
        },
      });
    };
    return encoder;
  };

  return {
    device,
    async passed() {
      const [count, complete] = [used, !lost];
      used = 0;
      lost = false;
      if (count === 0 || !complete) return null;
      const encoder = createCommandEncoder();
      encoder.resolveQuerySet(stamps, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, readable, 0, 8 * count);
      device.queue.submit([encoder.finish()]);
      await readable.mapAsync(GPUMapMode.READ, 0, 8 * count);
      const times = new BigUint64Array(readable.getMappedRange(0, 8 * count).slice(0));
      readable.unmap();
      let ns = 0n;
      for (let i = 0; i < count; i += 2) ns += (times[i + 1] ?? 0n) - (times[i] ?? 0n);
      return Number(ns) / 1e6;
    },
  };
}
