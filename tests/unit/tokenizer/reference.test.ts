// Small tokenizers that have every setting which is run, against the ids and texts of Hugging Face's own tokenizers
// (tests/fixtures/tokenizers).

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createTokenizer } from "../../../src/tokenizer/tokenizer.ts";
import { jsonBytes } from "../formats/files.ts";

interface Case {
  tokenizer: {
    post_processor?: { single: { SpecialToken?: { id: string } }[] } | null;
  };
  /** decoded is null where the reference itself breaks. */
  results: { text: string; ids: number[]; decoded: string | null }[];
}

const cases = JSON.parse(
  readFileSync(new URL("../../fixtures/tokenizers/cases.json", import.meta.url), "utf8"),
) as Case[];

test.each(cases.map((one, i) => [i, one] as const))(
  "tokenizer %i gives the reference's ids and texts",
  (_, { tokenizer: json, results }) => {
    const tokenizer = createTokenizer(jsonBytes(json), null, { bos: [], eos: [], pad: [] });
    const pieces = json.post_processor?.single ?? [];
    const before = pieces.findIndex(({ SpecialToken }) => SpecialToken === undefined);
    for (const { text, ids, decoded } of results) {
      // The one difference: a text that begins with BOS gets no second one.
      const own = ids[0] === tokenizer.bosId && pieces[0]?.SpecialToken ? idsBefore(before) : 0;
      const doubled = own > 0 && ids[own] === tokenizer.bosId;
      const expected = doubled ? ids.toSpliced(own, 1) : ids;
      expect(tokenizer.encode(text), text).toEqual(expected);
      if (decoded !== null) expect(tokenizer.decode(ids), text).toBe(decoded);
    }
    function idsBefore(count: number): number {
      return pieces
        .slice(0, count)
        .reduce((sum, piece) => sum + (piece.SpecialToken?.id === "both" ? 2 : 1), 0);
    }
  },
);
