// The view as a link: it round-trips, and nonsense is named and left out.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFragment, writeFragment } from "../../../src/state/permalink.ts";
import { DEFAULT_VIEW } from "../../../src/state/view.ts";
import { anyView } from "../../support/views.ts";

describe("permalinks", () => {
  it("round-trip any view through a real URL", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const url = new URL("https://facet.example/sub/path/");
        url.hash = writeFragment(view);
        expect(readFragment(new URL(url.href).hash)).toEqual({ view, problems: [] });
      }),
      { numRuns: 1000 },
    );
  });

  it("write nothing for a plain visit", () => {
    expect(writeFragment(DEFAULT_VIEW)).toBe("");
    expect(readFragment("")).toEqual({ view: DEFAULT_VIEW, problems: [] });
  });

  it("name every field that is nonsense and keep its default", () => {
    const keys = [
      ...new URLSearchParams(
        "place=x&embed=maybe&model=%00&sae=<script>&model-rev=a%20b&sae-rev=%22&endpoint=javascript:alert(1)&precision=f64" +
          "&backend=cuda&gelu=relu&feature=-1&token=1e9&colour=red&scale=log&mask=some&units=kg&rank=best" +
          "&max-density=NaN&newlines=lf&spaces=tab&bytes=yes&layout=grid&dead=-99&other=a%20b&other-rev=%22&other-precision=f7&other-gelu=relu&map=heat&map-layout=3d&counts=sqrt&sort=name&descending=no&min-density=x&only-list=maybe&promotes=king&lens=both&find=%0A&list=a&list-name=%20x&edits=17_ablate&downstream=a%20b&scan=a%20b",
      ),
    ].map(([key, value]) => {
      const { view, problems } = readFragment(new URLSearchParams([[key, value]]).toString());
      expect(view, key).toEqual(DEFAULT_VIEW);
      expect(problems, key).toHaveLength(1);
      expect(problems[0], key).toContain(key);
      return key;
    });
    expect(keys).toHaveLength(Object.keys(DEFAULT_VIEW).length - 1); // every field but text, where nothing is nonsense
  });

  it("name unknown fields, and never throw", () => {
    expect(readFragment("colour=l0&colour2=x").problems).toEqual([
      'The link has a field that this version does not know: "colour2".',
    ]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (fragment) => {
        const { view } = readFragment(fragment);
        expect(readFragment(writeFragment(view)).problems).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    "owner/name/blocks.1 (v2)",
    "owner/name/sae#1/c++, k=64",
    "owner/name@main-ü/слой-1",
    "owner/name@fix#1",
    "owner/name@feature/new-lr/50%",
    "owner/name/a&b=c",
  ])("hold an SAE called %s", (sae) => {
    const fragment = writeFragment({ ...DEFAULT_VIEW, sae });
    const { view, problems } = readFragment(new URL(`https://facet.example/#${fragment}`).hash);
    expect([view.sae, problems]).toEqual([sae, []]);
  });

  it("name a repo by the address of its page, and its hub", () => {
    const { view, problems } = readFragment(
      new URLSearchParams({
        model: "https://hub.example/google/gemma-2b/tree/main",
        sae: "https://hub.example/a/b/tree/feature%2Fx/sae%231",
      }).toString(),
    );
    expect(problems).toEqual([]);
    expect(view).toMatchObject({
      model: "google/gemma-2b@main",
      sae: "a/b@feature%2Fx/sae#1",
      endpoint: "https://hub.example",
    });
    const two = readFragment("model=https://hub.example/a/b&sae=https://other.example/c/d");
    expect(two.view).toEqual(DEFAULT_VIEW);
    expect(two.problems).toEqual([expect.stringContaining("several hubs")]);
  });

  it("name unknown fields in one short sentence, however many there are", () => {
    const many = Array.from(
      { length: 60_000 },
      (_, n) => `${"x".repeat(100)}${n}=1&left-out=y${n}`,
    );
    const { problems } = readFragment(many.join("&"));
    expect(problems).toHaveLength(2);
    expect(problems[1]).toMatch(/^The link has 60000 fields .* and 59995 more\.$/);
    for (const problem of problems) expect(problem.length).toBeLessThan(400);
  });

  it("hold edits of every kind, on and off", () => {
    const edits = "17_ablate_all*33_steer_2.5_from4*5_scale_0_3.4.5_off*6_clamp_-1e-7_0";
    const { view, problems } = readFragment(`edits=${edits}`);
    expect(problems).toEqual([]);
    expect(view.edits).toEqual([
      { feature: 17, mode: "ablate", positions: "all", on: true },
      { feature: 33, mode: "steer", value: 2.5, positions: { from: 4 }, on: true },
      { feature: 5, mode: "scale", value: 0, positions: [3, 4, 5], on: false },
      { feature: 6, mode: "clamp", value: -1e-7, positions: [0], on: true },
    ]);
    expect(writeFragment(view)).toBe(`edits=${edits}`);
  });

  it("bring values of edits back to what is possible, and say so", () => {
    const { view, problems } = readFragment("edits=17_clamp_1e6_all*3_steer_-1000000_from1");
    expect(view.edits.map(({ value }) => value)).toEqual([100_000, -100]);
    expect(problems).toEqual([
      "The link's edits clamp feature 17 by 1e6; at most ±100000 is possible, so it is 100000 here.",
      "The link's edits steer feature 3 by -1000000; at most ±100 is possible, so it is -100 here.",
    ]);
  });

  it("leave out edits that are none", () => {
    for (const bad of [
      "17_clamp_NaN_all",
      "17_clamp_Infinity_all",
      "17_clamp__all",
      "17_clamp_all",
      "17_ablate_3_all",
      "-1_ablate_all",
      "17_ablate_from-1",
      "17_ablate_1.",
      "17_ablate_all_on",
      "17_boost_2_all",
      "17_ablate_all*",
      Array.from({ length: 33 }, () => "1_ablate_all").join("*"),
    ]) {
      const { view, problems } = readFragment(`edits=${bad}`);
      expect(view.edits, bad).toEqual([]);
      expect(problems, bad).toHaveLength(1);
    }
  });

  it("refuse endpoints with credentials and other schemes", () => {
    for (const bad of [
      "https://u:p@hub.example",
      "ftp://hub.example",
      "data:text/html,x",
      "//hub.example",
    ]) {
      expect(readFragment(`endpoint=${encodeURIComponent(bad)}`).view.endpoint, bad).toBeNull();
    }
  });
});
