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
          "&max-density=NaN&newlines=lf&spaces=tab&bytes=yes&layout=grid&dead=-99&other=a%20b&other-rev=%22&other-precision=f7&other-gelu=relu&find=%0A&list=a&list-name=%20x",
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
      'The link has a field "colour2" that this version does not know.',
    ]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (fragment) => {
        const { view } = readFragment(fragment);
        expect(readFragment(writeFragment(view)).problems).toEqual([]);
      }),
      { numRuns: 2000 },
    );
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
