// Makes hostile or invisible characters of a piece of text visible, so that what is on the page is what is there.
// It changes display only; token ids stay the truth.

const NAMED: ReadonlyMap<number, string> = new Map([
  [0x09, "⇥"],
  [0x0d, "␍"],
  [0x7f, "␡"],
]);

/** Joiners shape real words (Persian, Hindi) and emoji and cannot reorder text: they stay. */
const JOINERS: ReadonlySet<number> = new Set([0x200c, 0x200d]);

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** Controls, bidi overrides, zero-width and private characters as visible marks; a newline stays. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === "\n" || JOINERS.has(code)) return char;
    const named = NAMED.get(code);
    if (named !== undefined) return named;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return `[${code.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}
