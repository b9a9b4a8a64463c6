// The ranking of a text's features against the plain one over lists; made once for each text and choice.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { TokenReport } from "../../../src/lib/report.ts";
import {
  profile,
  type RankedFeature,
  type RankOptions,
  rankText,
} from "../../../src/ui/tokens/rankFeatures.ts";

const FEATURES = 10;

const tokens: fc.Arbitrary<TokenReport[]> = fc
  .array(
    fc.tuple(
      fc.boolean(),
      fc.uniqueArray(
        fc.record({
          index: fc.nat(FEATURES - 1),
          raw: fc.constantFrom(0.5, 1, 2, 3),
          folded: fc.double({ min: 0, max: 9, noNaN: true }),
        }),
        { selector: ({ index }) => index },
      ),
    ),
    { maxLength: 8 },
  )
  .map((found) =>
    found.map(([special, features], position) => ({
      position,
      id: position,
      token: "a",
      special,
      l0: features.length,
      norm: 1,
      squaredError: 1,
      features,
    })),
  );

const bound = fc.option(fc.constantFrom(-4, -3, -2, -1));
const options: fc.Arbitrary<RankOptions> = fc.record({
  ranking: fc.constantFrom("max", "sum", "count"),
  units: fc.constantFrom("raw", "folded"),
  logDensity: fc.option(
    fc.array(fc.constantFrom(-4, -3.5, -2, -1), { minLength: FEATURES - 2, maxLength: FEATURES }),
  ),
  minLogDensity: bound,
  maxLogDensity: bound,
});

/** Token by token over the lists. */
function naive(text: readonly TokenReport[], asked: RankOptions): RankedFeature[] {
  const tallies = new Map<number, { max: number; sum: number; count: number; at: number }>();
  for (const { special, features, position } of text) {
    if (special) continue;
    for (const feature of features) {
      const value = feature[asked.units];
      const tally = tallies.get(feature.index);
      if (tally === undefined) {
        tallies.set(feature.index, { max: value, sum: value, count: 1, at: position });
        continue;
      }
      tally.sum += value;
      tally.count += 1;
      if (value > tally.max) {
        tally.max = value;
        tally.at = position;
      }
    }
  }
  const { logDensity, minLogDensity, maxLogDensity } = asked;
  const within = (index: number): boolean => {
    const log = logDensity?.[index] ?? -Infinity;
    return (
      logDensity === null ||
      (log >= (minLogDensity ?? -Infinity) && log <= (maxLogDensity ?? Infinity))
    );
  };
  return [...tallies]
    .filter(([index]) => within(index))
    .map(([index, tally]) => ({ index, value: tally[asked.ranking], at: tally.at }))
    .toSorted((a, b) => b.value - a.value || a.index - b.index);
}

test("ranks as the plain way does, to the last bit, whatever is asked one after the other", () => {
  fc.assert(
    fc.property(tokens, fc.array(options, { minLength: 1, maxLength: 4 }), (text, asked) => {
      for (const one of asked) expect(rankText(text, one)).toEqual(naive(text, one));
    }),
  );
});

test("is made once for a text and a choice, and again for another", () => {
  const [text] = fc.sample(tokens, { numRuns: 1, seed: 3 });
  const [choice] = fc.sample(options, { numRuns: 1, seed: 3 });
  if (text === undefined || choice === undefined) throw new Error("no sample");
  const first = rankText(text, choice);
  expect(rankText(text, { ...choice })).toBe(first);
  expect(rankText([...text], choice)).not.toBe(first);
  const other = { ...choice, ranking: choice.ranking === "max" ? "sum" : "max" } as const;
  expect(rankText(text, other)).not.toBe(first);
});

test("a feature's profile is its strength at each token, 0 at specials", () => {
  fc.assert(
    fc.property(
      tokens,
      fc.nat(FEATURES),
      fc.constantFrom("raw", "folded"),
      (text, index, units) => {
        expect(profile(text, index, units)).toEqual(
          text.map(({ special, features }) =>
            special ? 0 : (features.find((feature) => feature.index === index)?.[units] ?? 0),
          ),
        );
      },
    ),
  );
});
