// Which way a text runs: decided by its first letter, as dir="auto" does it. In a text box dir="auto" also brings
// `unicode-bidi: plaintext`, whose time in Chromium grows with the square of the text: seconds for 400 kB, minutes for
// megabytes. This looks once, up to the first letter.

/** Letters, and the marks that stand for one: left-to-right, right-to-left and Arabic letter mark. */
const STRONG = /[\p{L}\u200E\u200F\u061C]/u;

/** Blocks of the right-to-left scripts: what is unassigned there defaults to R or AL in Unicode's DerivedBidiClass. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\u200F\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

export function direction(text: string): "ltr" | "rtl" {
  const first = STRONG.exec(text)?.[0] ?? "";
  return RIGHT_TO_LEFT.test(first) ? "rtl" : "ltr";
}
