// The next token from logits: greedy, by temperature, by top-p, at the ends of the random number's range.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sample } from "../../../src/analysis/sampling.ts";
import { randomSource } from "../../../src/lib/random.ts";

const LOGITS = Float32Array.of(0, Math.log(2), Math.log(4), Math.log(1), -Infinity);
const ALMOST_ONE = 1 - 2 ** -32;

/** How often each id is drawn, of n. */
function frequencies(temperature: number, topP: number, n = 20_000): number[] {
  const next = randomSource(11);
  const counts = Array.from(LOGITS, () => 0);
  for (let i = 0; i < n; i++) {
    const id = sample(LOGITS, { temperature, topP }, next());
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts.map((count) => count / n);
}

describe("sampling", () => {
  it("without temperature takes the most likely, of equals the first", () => {
    expect(sample(LOGITS, { temperature: 0, topP: 1 }, 0.99)).toBe(2);
    expect(sample([1, 3, 3], { temperature: 0, topP: 0.5 }, 0.99)).toBe(1);
  });

  it("draws by the softmax of logits over temperature", () => {
    [1 / 8, 2 / 8, 4 / 8, 1 / 8, 0].forEach((p, id) =>
      expect(frequencies(1, 1)[id], `id ${id}`).toBeCloseTo(p, 1.5),
    );
    // Half the temperature squares the odds.
    [1 / 22, 4 / 22, 16 / 22, 1 / 22, 0].forEach((p, id) =>
      expect(frequencies(0.5, 1)[id], `id ${id}`).toBeCloseTo(p, 1.5),
    );
  });

  it("draws from the fewest tokens that reach top-p, by their odds among themselves", () => {
    expect(frequencies(1, 0.5)).toEqual([0, 0, 1, 0, 0]);
    const two = frequencies(1, 0.51);
    expect(two[1]).toBeCloseTo(1 / 3, 1.5);
    expect(two[2]).toBeCloseTo(2 / 3, 1.5);
    expect([two[0], two[3]]).toEqual([0, 0]);
    expect(frequencies(1, 1e-9)).toEqual([0, 0, 1, 0, 0]);
  });

  it("always gives a token that can be, whatever the number drawn", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 5, noNaN: true }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        fc.constantFrom(0, 0.5, ALMOST_ONE),
        (logits, temperature, topP, u) => {
          const id = sample(logits, { temperature, topP }, u);
          expect(id).toBeGreaterThanOrEqual(0);
          expect(id).toBeLessThan(logits.length);
        },
      ),
    );
    expect(sample(LOGITS, { temperature: 1, topP: 1 }, 0)).toBe(0);
    expect(sample(LOGITS, { temperature: 1, topP: 1 }, ALMOST_ONE)).toBe(3);
  });
});
