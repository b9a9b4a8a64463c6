// Turns vocabulary pieces ("▁the", "<0x0A>") into the glyphs that are drawn. A glyph stands for one token, or for
// the byte tokens that together spell one character. Pure: no values, no colours.

import { visibleText } from "./visible.ts";

export interface PieceToken {
  readonly position: number;
  readonly token: string;
  readonly special: boolean;
}

export interface DisplayOptions {
  readonly newlines: "break" | "inline";
  readonly spaces: "implicit" | "dot";
  readonly mergeBytes: boolean;
}

export interface Glyph {
  /** Positions it stands for, first to last. */
  readonly first: number;
  readonly last: number;
  /** What is drawn. Ends with a real newline where the line breaks. */
  readonly text: string;
  readonly special: boolean;
}

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/;

function byteOf(piece: string): number | null {
  const hex = BYTE.exec(piece)?.[1];
  return hex === undefined ? null : Number.parseInt(hex, 16);
}

/** How many bytes the UTF-8 sequence that starts with `lead` has; 0 where none starts so. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

/** The character that the byte tokens from `start` on spell, or null where they are not whole UTF-8. */
function characterAt(
  tokens: readonly PieceToken[],
  start: number,
): { text: string; length: number } | null {
  const lead = byteOf(tokens[start]?.token ?? "");
  const length = lead === null ? 0 : sequenceLength(lead);
  if (length === 0) return null;
  const bytes = tokens.slice(start, start + length).map((token) => byteOf(token.token));
  if (bytes.length < length || bytes.some((byte) => byte === null)) return null;
  const text = new TextDecoder("utf-8").decode(Uint8Array.from(bytes.map((byte) => byte ?? 0)));
  return text.includes("\uFFFD") ? null : { text, length };
}

/** A piece as the text it stands for: ▁ is a space; everything hidden is made visible. Newlines stay. */
export function pieceText(piece: string): string {
  return visibleText(piece.replaceAll("▁", " "));
}

function draw(text: string, options: DisplayOptions): string {
  const spaced = options.spaces === "dot" ? text.replaceAll(" ", "·") : text;
  return spaced.replaceAll("\n", options.newlines === "break" ? "↵\n" : "↵");
}

export function displayGlyphs(tokens: readonly PieceToken[], options: DisplayOptions): Glyph[] {
  const glyphs: Glyph[] = [];
  let merged = 0;
  tokens.forEach((token, i) => {
    if (i < merged) return;
    const character = options.mergeBytes && !token.special ? characterAt(tokens, i) : null;
    const length = character?.length ?? 1;
    merged = i + length;
    const text = token.special
      ? visibleText(token.token)
      : draw(pieceText(character?.text ?? token.token), options);
    glyphs.push({
      first: token.position,
      last: token.position + length - 1,
      text,
      special: token.special,
    });
  });
  return glyphs;
}

export interface GlyphLine {
  /** Positions of its tokens, first to last. */
  first: number;
  last: number;
  glyphs: Glyph[];
}

/** Cuts glyphs into lines, each ending where a glyph ends with a real newline. */
export function glyphLines(glyphs: readonly Glyph[]): GlyphLine[] {
  const lines: GlyphLine[] = [];
  let open: GlyphLine | null = null;
  for (const glyph of glyphs) {
    if (open === null) {
      open = { first: glyph.first, last: glyph.last, glyphs: [] };
      lines.push(open);
    }
    open.glyphs.push(glyph);
    open.last = glyph.last;
    if (glyph.text.endsWith("\n")) open = null;
  }
  return lines;
}

/**
 * What of a glyph carries its colour, between what does not: the space in front, which may hang at a line's end, and
 * the newline behind. Spaces alone are their own ink.
 */
export function inkOf(text: string): readonly [lead: string, ink: string, trail: string] {
  const trail = text.endsWith("\n") ? "\n" : "";
  const body = trail === "" ? text : text.slice(0, -1);
  const ink = body.trimStart();
  return ink === "" ? ["", body, trail] : [body.slice(0, body.length - ink.length), ink, trail];
}

/** A piece on one line. */
export const inlineText = (piece: string): string => pieceText(piece).replaceAll("\n", "↵");

/** A piece in words, for labels that are read aloud: "the", "newline", "space". */
export function spokenPiece(piece: string): string {
  const text = pieceText(piece);
  if (/^\n+$/.test(text)) return "newline";
  if (/^ +$/.test(text)) return "space";
  return text.trim().replaceAll("\n", "↵");
}
