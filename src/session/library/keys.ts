// Keys of the catalogue as views and links spell them: a name, with the commit it was seen at where one is given.

/** "gemma-2b@abc" → gemma-2b at abc. A repo (owner/name…) is not split here: it has a parser of its own. */
export function splitKey(text: string): { key: string; revision: string | null } {
  const at = text.includes("/") ? -1 : text.lastIndexOf("@");
  return at < 0
    ? { key: text, revision: null }
    : { key: text.slice(0, at), revision: text.slice(at + 1) };
}
