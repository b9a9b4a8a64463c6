// What the page says of edits: what they are, whether their effect is more than any direction's, where a text ended.

import { describe, expect, it } from "vitest";
import type { Controls } from "../../../src/lib/interventions.ts";
import { endedWords, verdict, what, where, zText } from "../../../src/ui/edits/words.ts";

const controls = (z: number | null, count = 20): Controls => ({
  measure: "kl",
  count,
  seed: 1,
  effect: 1,
  mean: 0.5,
  sd: 0.1,
  z,
  samples: [],
});

describe("an effect", () => {
  it("is said to be the feature's only where it stands out from random directions", () => {
    expect(verdict(controls(3))).toBe("stands out from random directions");
    for (const z of [2.9, 0, -2.9]) {
      expect(verdict(controls(z))).toBe("random directions do as much");
    }
    expect(verdict(controls(-3))).toBe("less than random directions do");
    expect(verdict(controls(null))).toBe("the controls do not vary");
    expect(verdict(controls(9, 1))).toMatch(/^without controls nothing tells it/);
  });

  it("has its z-score with a sign, and none where there is none", () => {
    expect([9.71, -0.64, -0.04, 0, null].map(zText)).toEqual(["+9.7", "−0.6", "+0.0", "+0.0", "–"]);
  });
});

describe("an edit in words", () => {
  const edit = { feature: 7, on: true } as const;
  it("says what is done, and where", () => {
    expect(what({ ...edit, mode: "ablate", positions: "all" })).toBe("ablated");
    expect(what({ ...edit, mode: "clamp", value: -2.5, positions: "all" })).toBe(
      "clamped to −2.500",
    );
    expect(what({ ...edit, mode: "scale", value: 0, positions: "all" })).toBe("scaled by 0");
    expect(what({ ...edit, mode: "steer", value: 0.5, positions: "all" })).toBe("steered by 0.500");
    expect(where("all")).toBe("everywhere");
    expect(where({ from: 3 })).toBe("from position 3 on");
    expect(where([4])).toBe("at position 4");
    expect(where([4, 6])).toBe("at positions 4, 6");
  });
});

describe("a continuation", () => {
  const token = { id: 1, token: "a", probability: 1 };
  it("says how far it went, and why no further where that was not asked for", () => {
    const of = (ended: "eos" | "length" | "context" | "stopped", tokens = [token, token]) =>
      endedWords({ tokens, text: "", ended });
    expect(of("length")).toBe("2 tokens");
    expect(of("eos", [token])).toBe("1 token, where the model ends the text");
    expect(of("context")).toContain("context is full");
    expect(of("stopped", [])).toBe("0 tokens, stopped");
  });
});
