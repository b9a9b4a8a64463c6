// A scan in words: what was read, and how much of it. Pure.

import type { ScanProvenance } from "../../lib/scan.ts";
import { count } from "./format.ts";
import { visibleText } from "./visible.ts";

/** What became of BOS. */
export const bosTold = ({ sae }: Pick<ScanProvenance, "sae">): string =>
  sae.prependBos ? "BOS left out" : "without BOS";

/** "corpus.jsonl, 115 documents, 80,113 tokens, contexts of 256, BOS left out". */
export function scanTold(scan: ScanProvenance): string {
  const [first] = scan.sources;
  const documents = scan.sources.reduce((sum, source) => sum + source.documents, 0);
  const withoutText = scan.sources.reduce((sum, source) => sum + (source.withoutText ?? 0), 0);
  const name =
    first !== undefined && scan.sources.length === 1
      ? visibleText(first.name)
      : `${count(scan.sources.length)} files`;
  return [
    name,
    `${count(documents)} ${documents === 1 ? "document" : "documents"}`,
    ...(withoutText === 0 ? [] : [`${count(withoutText)} rows without a text left out`]),
    `${count(scan.tokens)} tokens`,
    `contexts of ${count(scan.contextSize)}`,
    bosTold(scan),
    ...(scan.finished ? [] : ["not finished"]),
  ].join(", ");
}
