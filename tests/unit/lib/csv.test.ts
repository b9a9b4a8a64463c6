// Cells of CSV: nothing that a spreadsheet runs, whatever its separator, and everything else as it was.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvText } from "../../../src/lib/csv.ts";

describe("a cell of text", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["＝1+1", "'＝1+1"],
    ["＋1", "'＋1"],
    ["－1", "'－1"],
    ["＠SUM(A1)", "'＠SUM(A1)"],
    [" =1", "' =1"],
    ["\u200B=1", "'\u200B=1"],
    ["\u00A0＝1", "'\u00A0＝1"],
    ["\t=1", "\"'\t'=1\""],
    ["\r=1", "\"'\r'=1\""],
    ["a;=1", '"a;\'=1"'],
    ['a,"b"\r\nc', '"a,""b""\r\nc"'],
    ["a\n＝1", '"a\n\'＝1"'],
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ["a-b = c@d", "a-b = c@d"],
    ["ordinary words", "ordinary words"],
    ["", ""],
  ])("%j is written as %j", (text, wanted) => expect(csvText(text)).toBe(wanted));

  it("begins with no formula, in whatever program splits it", () => {
    const char = fc.constantFrom(...Array.from("=+-@＝＋－＠;,\t\r\n\"' \u200Ba"));
    fc.assert(
      fc.property(fc.string({ unit: char, maxLength: 12 }), (text) => {
        const cell = csvText(text);
        const inside = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        for (const part of inside.split(/[;\t\r\n]/)) {
          expect(part).not.toMatch(/^[\s\p{C}]*[=+\-@＝＋－＠]/u);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
