// Tensors of random numbers that any range of bytes can be had of without the rest: value i is picked from a table of
// normal deviates by a hash of i. The same seed gives the same bytes, on any machine, for a test's own reference too.

/** Picked from, so that a value costs a hash and a look-up; large enough that its own mean and spread are right to 1 %. */
const TABLE = 65_536;

export type SyntheticDtype = "BF16" | "F32";

export interface SyntheticTensor {
  readonly name: string;
  readonly dtype: SyntheticDtype;
  readonly shape: readonly number[];
  readonly mean: number;
  /** 0: every value is the mean. */
  readonly std: number;
  readonly seed: number;
}

export const elementBytes = (dtype: SyntheticDtype): number => (dtype === "BF16" ? 2 : 4);

export const tensorBytes = ({ dtype, shape }: SyntheticTensor): number =>
  shape.reduce((count, dimension) => count * dimension, elementBytes(dtype));

/** Bytes [start, end) of a tensor; both are multiples of 8. */
export function syntheticBytes(tensor: SyntheticTensor, start: number, end: number): Uint8Array {
  const words = new Uint32Array((end - start) / 4);
  const table = tableOf(tensor);
  const seed = Math.imul(tensor.seed, 0x9e3779b1);
  if (table instanceof Uint16Array) {
    // Two values a word: the hash's lower and upper half pick one each.
    for (let i = 0, word = start / 4; i < words.length; i++, word++) {
      const hash = mix(word ^ seed);
      words[i] = (table[hash & 0xffff] ?? 0) | ((table[hash >>> 16] ?? 0) << 16);
    }
  } else {
    for (let i = 0, pair = start / 8; i < words.length; i += 2, pair++) {
      const hash = mix(pair ^ seed);
      words[i] = table[hash & 0xffff] ?? 0;
      words[i + 1] = table[hash >>> 16] ?? 0;
    }
  }
  return new Uint8Array(words.buffer);
}

/** MurmurHash3's finalizer: every bit of the result hangs on every bit of what goes in. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const tables = new Map<string, Uint16Array | Uint32Array>();

/** Bit patterns of normal deviates with the tensor's mean and spread. */
function tableOf({ dtype, mean, std }: SyntheticTensor): Uint16Array | Uint32Array {
  const key = `${dtype} ${mean} ${std}`;
  let table = tables.get(key);
  if (table === undefined) {
    const values = Float32Array.from({ length: TABLE }, (_, i) => mean + std * deviate(i));
    const bits = new Uint32Array(values.buffer);
    // bf16 is f32's upper half; cut off rather than rounded, which a random number may be.
    table = dtype === "F32" ? bits : Uint16Array.from(bits, (pattern) => pattern >>> 16);
    tables.set(key, table);
  }
  return table;
}

/** The i-th of TABLE standard normal deviates (Box and Muller's transform of two hashes). */
function deviate(i: number): number {
  const unit = (value: number): number => (mix(value) + 0.5) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(unit(2 * i + 1))) * Math.cos(2 * Math.PI * unit(2 * i + 2));
}
