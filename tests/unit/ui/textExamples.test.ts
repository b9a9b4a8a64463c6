// Examples around the tokens on which a feature fires.

import { expect, test } from "vitest";
import { textExamples } from "../../../src/ui/feature/textExamples.ts";

const tokens = (...pieces: string[]) =>
  pieces.map((token, position) => ({ position, token, special: token === "<bos>" }));

test("strongest first, with a few glyphs around, without specials", () => {
  const text = tokens("<bos>", "In", "▁the", "▁beginning", "▁was", "▁the", "▁Word", "\n");
  expect(textExamples(text, [0, 0, 1, 0, 0, 2, 0, 0], true)).toEqual([
    { position: 5, value: 2, before: "In the beginning was ", fires: "the", after: " Word↵" },
    { position: 2, value: 1, before: "In ", fires: "the", after: " beginning was the" },
  ]);
});

test("byte tokens that spell one character make one example, with the largest value", () => {
  const text = tokens("<bos>", "x", "<0xC3>", "<0xA9>");
  const values = [0, 0, 3, 1];
  expect(textExamples(text, values, true)).toEqual([
    { position: 3, value: 3, before: "x", fires: "é", after: "" },
  ]);
  expect(textExamples(text, values, false).map(({ fires, value }) => [fires, value])).toEqual([
    ["<0xC3>", 3],
    ["<0xA9>", 1],
  ]);
});

test("a feature that does not fire has none", () => {
  expect(textExamples(tokens("<bos>", "a"), [0, 0], true)).toEqual([]);
});
