// JavaScript values as Python writes them. Names, texts and numbers may be strangers': nothing ends its literal, and no
// character that is not seen (bidirectional marks, line separators, controls) stands in the code.

/** Letters, marks, numbers, punctuation, symbols and the plain space. */
const SEEN = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A string literal. */
export function py(text: string): string {
  // By code points; a lone surrogate, which no file could hold, becomes U+FFFD.
  const inside = Array.from(text, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    if (SEEN.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) return String.raw`\ufffd`;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${inside.join("")}"`;
}

/** A list of numbers. */
export const pyList = (values: readonly number[]): string => `[${values.join(", ")}]`;

/** A pattern of huggingface_hub (Python's fnmatch) that matches this path itself: a class of one for each wildcard. */
export const fnmatchLiteral = (path: string): string =>
  path.replaceAll(/[*?[]/g, (wildcard) => `[${wildcard}]`);
