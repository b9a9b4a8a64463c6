// What is drawn for a token: spaces, newlines, bytes, hostile characters.

import { describe, expect, test } from "vitest";
import {
  displayGlyphs,
  glyphLines,
  inkOf,
  spokenPiece,
  type DisplayOptions,
} from "../../../src/ui/shared/pieces.ts";
import { visibleText } from "../../../src/ui/shared/visible.ts";

const PROSE: DisplayOptions = { newlines: "break", spaces: "implicit", mergeBytes: true };

const tokens = (...pieces: string[]) =>
  pieces.map((token, position) => ({ position, token, special: token === "<bos>" }));

const texts = (pieces: string[], options: Partial<DisplayOptions> = {}): string[] =>
  displayGlyphs(tokens(...pieces), { ...PROSE, ...options }).map((glyph) => glyph.text);

describe("glyphs", () => {
  test("▁ is a space, or a dot", () => {
    expect(texts(["In", "▁the", "▁▁"])).toEqual(["In", " the", "  "]);
    expect(texts(["In", "▁the"], { spaces: "dot" })).toEqual(["In", "·the"]);
  });

  test("a newline is ↵ and a break, or ↵ alone", () => {
    expect(texts(["a", "\n\n", "b"])).toEqual(["a", "↵\n↵\n", "b"]);
    expect(texts(["a", "\n"], { newlines: "inline" })).toEqual(["a", "↵"]);
  });

  test("bytes that spell one character are one glyph, and the next character another", () => {
    // U+1F600 twice, then a byte that is no UTF-8.
    const grin = ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"];
    const glyphs = displayGlyphs(tokens("a", ...grin, ...grin, "<0xFF>", "b"), PROSE);
    expect(glyphs.map(({ text, first, last }) => [text, first, last])).toEqual([
      ["a", 0, 0],
      ["😀", 1, 4],
      ["😀", 5, 8],
      ["<0xFF>", 9, 9],
      ["b", 10, 10],
    ]);
  });

  test("bytes stay single where merging is off, where the sequence is cut short, and where it is overlong", () => {
    expect(texts(["<0xC3>", "<0xA9>"], { mergeBytes: false })).toEqual(["<0xC3>", "<0xA9>"]);
    expect(texts(["<0xC3>", "e"])).toEqual(["<0xC3>", "e"]);
    expect(texts(["<0xC3>"])).toEqual(["<0xC3>"]);
    expect(texts(["<0xC0>", "<0x80>"])).toEqual(["<0xC0>", "<0x80>"]);
    // A surrogate half in UTF-8.
    expect(texts(["<0xED>", "<0xA0>", "<0x80>"])).toEqual(["<0xED>", "<0xA0>", "<0x80>"]);
  });

  test("a byte newline breaks the line as any newline does", () => {
    expect(texts(["<0x0A>"])).toEqual(["↵\n"]);
  });

  test("a special token is drawn as it stands, also one that looks like a byte", () => {
    const glyphs = displayGlyphs([{ position: 0, token: "<0x41>", special: true }], PROSE);
    expect(glyphs).toEqual([{ first: 0, last: 0, text: "<0x41>", special: true }]);
  });

  test("every position is in exactly one glyph", () => {
    const pieces = ["<bos>", "<0xE2>", "<0x82>", "<0xAC>", "<0xE2>", "x", "▁y", "\n"];
    const covered = displayGlyphs(tokens(...pieces), PROSE).flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, k) => first + k),
    );
    expect(covered).toEqual(pieces.map((_, position) => position));
  });
});

test("lines end after a break, and only there", () => {
  const lines = glyphLines(displayGlyphs(tokens("a", "\n", "b", "\n▁▁", "c"), PROSE));
  expect(lines.map(({ first, last }) => [first, last])).toEqual([
    [0, 1],
    [2, 4],
  ]);
});

test("the space in front and the newline behind carry no colour", () => {
  expect(inkOf(" the")).toEqual([" ", "the", ""]);
  expect(inkOf("↵\n")).toEqual(["", "↵", "\n"]);
  expect(inkOf("  ")).toEqual(["", "  ", ""]);
  expect(inkOf("·the")).toEqual(["", "·the", ""]);
});

test("pieces in words", () => {
  expect(spokenPiece("▁the")).toBe("the");
  expect(spokenPiece("▁▁")).toBe("space");
  expect(spokenPiece("\n\n")).toBe("newline");
});

describe("hostile characters", () => {
  test("bidi controls, zero-width and other hidden characters are shown", () => {
    expect(visibleText("a\u202Eb\u2066c\u200Bd\uFEFF")).toBe("a[202E]b[2066]c[200B]d[FEFF]");
    expect(visibleText("\u0000\u0007\t\r\u007F\u0085")).toBe("␀␇⇥␍␡[0085]");
    expect(visibleText("\u2028\u{E0041}\uD800")).toBe("[2028][E0041][D800]");
  });

  test("newlines, letters of every script and joined emoji stay", () => {
    const text = "line\n👩‍💻 می‌خواهم שלום é";
    expect(visibleText(text)).toBe(text);
  });

  test("markup stays text", () => {
    expect(texts(["<script>alert(1)</script>"])).toEqual(["<script>alert(1)</script>"]);
  });
});
