// A fragment has an end: what is over it is left out by name, longest first, and put back where it was.

import { describe, expect, it } from "vitest";
import {
  filledIn,
  fitted,
  FRAGMENT_MOST,
  leftOutOf,
  valuesOf,
} from "../../../src/state/linkLength.ts";
import { readFragment, writeFragment, writeLink } from "../../../src/state/permalink.ts";
import { DEFAULT_VIEW, type View } from "../../../src/state/view.ts";

describe("a fragment", () => {
  it("stays whole up to its length", () => {
    const fields = ["a=1", `b=${"x".repeat(FRAGMENT_MOST - 6)}`];
    expect(fitted(fields)).toEqual({ fragment: fields.join("&"), left: [] });
    expect(fields.join("&")).toHaveLength(FRAGMENT_MOST);
    const over = ["a=1", `b=${"x".repeat(FRAGMENT_MOST - 5)}`, "c=2"];
    expect(fitted(over)).toEqual({ fragment: "a=1&left-out=b&c=2", left: ["b"] });
  });

  it("leaves out as few fields as will do, whatever they are", () => {
    const of = (key: string, length: number): string => `${key}=${"x".repeat(length)}`;
    const { fragment, left } = fitted([of("a", 700_000), of("b", 400_000), of("c", 500_000)]);
    expect(left).toEqual(["a"]);
    expect(fragment.length).toBeLessThanOrEqual(FRAGMENT_MOST);
    expect(fitted([of("a", 700_000), of("b", 800_000), of("c", 1_200_000)]).left).toEqual([
      "c",
      "b",
    ]);
  });

  it.each(["a", "鯨 é\n+&=#%", "\u{1F40B}\0"])("gets back %j, left out, byte for byte", (part) => {
    const whole = new URLSearchParams([
      ["place", "text"],
      ["text", part.repeat(FRAGMENT_MOST / part.length + 1)],
      ["find", "a&left-out=text"],
    ]).toString();
    const { fragment, left } = fitted(whole.split("&"));
    expect(left).toEqual(["text"]);
    expect(filledIn(fragment, valuesOf(whole, left)) === whole).toBe(true);
  });

  it("keeps the name of what is not there to be put back", () => {
    expect(filledIn("left-out=text&find=a", {})).toBe("left-out=text&find=a");
    expect(filledIn("left-out=toString", {})).toBe("left-out=toString");
    expect(filledIn("left-out=constructor&left-out=", { text: "a" })).toBe(
      "left-out=constructor&left-out=",
    );
  });
});

describe("a link of a view", () => {
  const long: View = { ...DEFAULT_VIEW, text: "the whale ".repeat(110_000), feature: 7 };

  it("names the text that it cannot hold, and whoever opens it is told", () => {
    const { fragment, left } = writeLink(long);
    expect(left).toEqual(["text"]);
    expect(fragment).toBe("left-out=text&feature=7");
    expect(leftOutOf(`https://facet.example/#${fragment}`)).toEqual(["text"]);
    expect(readFragment(fragment)).toEqual({
      view: { ...DEFAULT_VIEW, feature: 7 },
      problems: [
        'The link came without its "text": too long for a link, it stays in the tab where it was written.',
      ],
    });
    expect(readFragment(writeFragment(long)).view).toEqual(long);
  });

  it("counts text, list and notes together, percent-encoding with them", () => {
    const list = Array.from({ length: 100 }, (_, feature) => ({ feature, note: "鯨".repeat(200) }));
    const text = "a".repeat(FRAGMENT_MOST - 100_000);
    expect(writeLink({ ...DEFAULT_VIEW, text }).left).toEqual([]);
    expect(writeLink({ ...DEFAULT_VIEW, list }).left).toEqual([]);
    const both = writeLink({ ...DEFAULT_VIEW, text, list });
    expect(both.left).toEqual(["text"]);
    expect(readFragment(both.fragment).view.list).toEqual(list);
    expect(writeLink({ ...DEFAULT_VIEW, text: "鯨".repeat(120_000) }).left).toEqual(["text"]);
  });

  it("is whole where it fits", () => {
    const view = { ...long, text: "the whale" };
    expect(writeLink(view)).toEqual({ fragment: writeFragment(view), left: [] });
  });
});
