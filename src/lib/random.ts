// A stated source of random numbers: the same seed gives the same numbers on every machine and in every version.

/** Uniform in [0, 1), 32 bits each: mulberry32 (Tommy Ettinger, 2017). The seed counts modulo 2³². */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal number (Box and Muller 1958, one of the pair). */
export function randomNormal(next: () => number): number {
  // 1 − u is never 0.
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
