// Where a feature fires in a text, as short examples: a few glyphs before, the one that fires, a few after. Pure.

import { displayGlyphs, inkOf, type Glyph, type PieceToken } from "../shared/pieces.ts";
import { strongest } from "../tokens/tokenValues.ts";

export interface TextExample {
  /** The last position of the glyph that fires. */
  readonly position: number;
  readonly value: number;
  readonly before: string;
  readonly fires: string;
  readonly after: string;
}

const BEFORE = 4;
const AFTER = 3;

const join = (glyphs: readonly Glyph[]): string =>
  glyphs
    .filter((glyph) => !glyph.special)
    .map((glyph) => glyph.text)
    .join("");

/** `values` by position; only positive ones make an example. Strongest first, then in the text's order. */
export function textExamples(
  tokens: readonly PieceToken[],
  values: readonly number[],
  mergeBytes: boolean,
): TextExample[] {
  const glyphs = displayGlyphs(tokens, { newlines: "inline", spaces: "implicit", mergeBytes });
  return glyphs
    .map((glyph, i) => {
      const [lead, ink] = inkOf(glyph.text);
      return {
        position: glyph.last,
        value: strongest(values, glyph.first, glyph.last) ?? 0,
        before: `${join(glyphs.slice(Math.max(0, i - BEFORE), i))}${lead}`.trimStart(),
        fires: ink,
        after: join(glyphs.slice(i + 1, i + 1 + AFTER)),
      };
    })
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value || a.position - b.position);
}
