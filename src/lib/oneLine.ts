// Short texts that people write: a label, a note, a name. What is kept of such a text.

/** Characters of a feature's label. */
const LABEL_MOST = 300;

/** One line without spaces at its ends, of at most `most` characters, with no half of a character. */
export const oneLine = (text: string, most: number): string =>
  text.toWellFormed().replaceAll(/\s+/g, " ").trim().slice(0, most).toWellFormed().trimEnd();

export const cleanLabel = (text: string): string => oneLine(text, LABEL_MOST);
