// Edits as strangers give them: understood, or refused with words that say which and why.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkEdits, type Edit, holdsAt } from "../../../src/lib/edits.ts";
import { FacetError } from "../../../src/lib/errors.ts";

const BOUNDS = { dSae: 10, tokens: 5 };
const ablate = { feature: 3, mode: "ablate", positions: "all" } as const;

const refusal = (given: unknown): FacetError => {
  try {
    checkEdits(given, BOUNDS);
  } catch (error) {
    if (error instanceof FacetError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(given)} was taken`);
};

describe("edits", () => {
  it("of every mode and kind of positions are taken as they are", () => {
    const edits: Edit[] = [
      ablate,
      { feature: 0, mode: "clamp", value: -100_000, positions: [0, 4] },
      { feature: 9, mode: "scale", value: 1000, positions: { from: 4 } },
      { feature: 9, mode: "steer", value: -1.5, positions: [] },
    ];
    expect(checkEdits(edits, BOUNDS)).toEqual(edits);
  });

  it("keep nothing that an edit does not have", () => {
    expect(checkEdits([{ ...ablate, value: 7, note: "x" }], BOUNDS)).toEqual([ablate]);
  });

  it("that name no feature of the SAE say so", () => {
    for (const feature of [10, -1, 0.5, NaN, "3", null, undefined]) {
      expect(refusal([ablate, { ...ablate, feature }])).toMatchObject({
        code: "NoSuchFeature",
        message: expect.stringMatching(/edit 2.*0 to 9/),
      });
    }
  });

  it("with values that are none, or beyond all measure, say which are possible", () => {
    const clamp = { ...ablate, mode: "clamp" };
    for (const value of [NaN, Infinity, -Infinity, 1e6, undefined, "1", null]) {
      expect(refusal([{ ...clamp, value }])).toMatchObject({
        code: "Format",
        message: expect.stringMatching(/edit 1.*from -100000 to 100000/),
      });
    }
    expect(refusal([{ ...clamp, mode: "steer", value: 101 }]).message).toContain("-100 to 100");
    expect(refusal([{ ...clamp, mode: "scale", value: -1001 }]).message).toContain("1000");
    expect(refusal([{ ...clamp, mode: "set", value: 1 }]).message).toContain("ablate, clamp");
  });

  it("at positions that are not there say which are", () => {
    for (const positions of [[5], [-1], [0.5], [NaN], ["0"], { from: 5 }, { from: -1 }, {}]) {
      expect(refusal([{ ...ablate, positions }])).toMatchObject({
        code: "Format",
        message: expect.stringContaining("0 to 4"),
      });
    }
    for (const positions of ["some", 3, null, undefined, [0, 1, 2, 3, 4, 0]]) {
      expect(refusal([{ ...ablate, positions }]).code).toBe("Format");
    }
  });

  it("are refused where they are anything else, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        if (Array.isArray(given) && given.length === 0) return;
        expect(["Format", "NoSuchFeature"]).toContain(refusal(given).code);
      }),
    );
    expect(refusal(Array.from({ length: 4097 }, () => ablate)).message).toContain("4096");
  });

  it("hold where their positions say", () => {
    expect([0, 1, 2].map((t) => holdsAt("all", t))).toEqual([true, true, true]);
    expect([0, 1, 2].map((t) => holdsAt({ from: 1 }, t))).toEqual([false, true, true]);
    expect([0, 1, 2].map((t) => holdsAt([0, 2], t))).toEqual([true, false, true]);
  });
});
