// The benchmark's numbers: every element of every matrix is a hash of (seed, index), so that gigabytes can be made in
// pieces and any one element again, for the reference. All are exact in bf16, so that every format starts from them.

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** Uniform in [−1, 1): murmur3's finaliser over the index. */
function hashed(seed: number, index: number): number {
  let h = (index ^ Math.imul(seed, 0x9e3779b1)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) | 0) / 2 ** 31;
}

/** Element `index` of matrix `seed`, in (−amplitude, amplitude), cut to bf16. */
export function valueAt(seed: number, index: number, amplitude: number): number {
  scratch[0] = hashed(seed, index) * amplitude;
  scratchBits[0] = (scratchBits[0] ?? 0) & 0xffff0000;
  return scratch[0];
}

/** Elements from `start` on. */
export function values(
  seed: number,
  start: number,
  count: number,
  amplitude: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = hashed(seed, start + i) * amplitude;
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < count; i++) bits[i] = (bits[i] ?? 0) & 0xffff0000;
  return out;
}

/** The same elements as a file in bf16 has them. */
export function bf16Bytes(elements: Float32Array): Uint8Array {
  const bits = new Uint32Array(elements.buffer, elements.byteOffset, elements.length);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = (bits[i] ?? 0) >>> 16;
  return new Uint8Array(halves.buffer);
}

/** Amplitude of weights with K inputs, so that x·Wᵀ of uniform x in (−√3, √3) has a variance of 1. */
export const weightAmplitude = (K: number): number => Math.sqrt(3 / K);
/** Amplitude of activations of variance 1. */
export const INPUT_AMPLITUDE = Math.sqrt(3);
