// A list of features: what can be done to it, and what of a link is no list.

import { expect, test } from "vitest";
import { isListed, moved, noted, readList, toggled, writeList } from "../../../src/state/list.ts";
import { LIST_MOST, NOTE_MOST } from "../../../src/state/view.ts";

const LIST = [
  { feature: 17, note: "verbs" },
  { feature: 3, note: "" },
  { feature: 21, note: "to tell" },
];

const order = (list: readonly { feature: number }[]): number[] =>
  list.map(({ feature }) => feature);

test("features come and go, and no list outgrows its link", () => {
  expect(order(toggled(LIST, 5))).toEqual([17, 3, 21, 5]);
  expect(order(toggled(LIST, 3))).toEqual([17, 21]);
  expect(isListed(LIST, 3)).toBe(true);
  const full = Array.from({ length: LIST_MOST }, (_, feature) => ({ feature, note: "" }));
  expect(toggled(full, 1000)).toBe(full);
});

test("features move within the ends", () => {
  expect(order(moved(LIST, 3, -1))).toEqual([3, 17, 21]);
  expect(order(moved(LIST, 3, 1))).toEqual([17, 21, 3]);
  expect(moved(LIST, 17, -1)).toBe(LIST);
  expect(moved(LIST, 21, 1)).toBe(LIST);
  expect(moved(LIST, 99, 1)).toBe(LIST);
});

test("notes are one bounded line", () => {
  expect(noted(LIST, 3, "  a\nb ")[1]).toEqual({ feature: 3, note: "a b" });
  expect(noted(LIST, 3, "x".repeat(1000))[1]?.note).toHaveLength(NOTE_MOST);
});

test("a list is a line for each feature", () => {
  expect(writeList(LIST)).toBe("17 verbs\n3\n21 to tell");
  expect(readList("17 verbs\n3\n21 to tell")).toEqual(LIST);
});

test.each([
  ["nothing", ""],
  ["no number", "verbs"],
  ["a feature twice", "3\n3"],
  ["a zero in front", "03"],
  ["a fraction", "3.5"],
  ["a negative number", "-3"],
  ["a note too long", `3 ${"x".repeat(NOTE_MOST + 1)}`],
  ["a note with a space at its end", "3 x "],
  ["too many", Array.from({ length: LIST_MOST + 1 }, (_, i) => i).join("\n")],
])("%s is no list", (_what, text) => {
  expect(readList(text)).toBeUndefined();
});
