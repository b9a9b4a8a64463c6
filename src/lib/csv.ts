// Text as a cell of a CSV file. A spreadsheet would run what looks like a formula, and such text may come from anyone.

/**
 * How a formula begins: = + - @, and their full-width forms, which Excel takes for the same in some languages. Spaces
 * and controls before it do not hinder every program.
 */
const FORMULA = /^[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u;

/** A program that takes another separator than the comma begins a cell after it, whatever the quotes around it. */
const AFTER_SEPARATOR = /([;\t\r\n][\s\p{C}]*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;

/** With an apostrophe before what would be a formula, which says that it is text. */
export function csvText(text: string): string {
  const inner = text.replaceAll(AFTER_SEPARATOR, "$1'");
  const safe = FORMULA.test(inner) || /^[\t\r\n]/.test(inner) ? `'${inner}` : inner;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
