// A corpus in batches: from wherever one ended, the rest is the same, and rows without a text are counted once.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { TextSource } from "../../../src/corpus/textSource.ts";
import { type CorpusBatch, corpusBatches } from "../../../src/session/contexts.ts";
import type { Cursor } from "../../../src/scan/held.ts";
import type { Session } from "../../../src/session/session.ts";

/** A token a character. */
const session = {
  model: {
    gemma: { config: { bosId: 2, context: 256 } },
    tokenizer: { encode: (text: string) => [2, ...Array.from(text, () => 9)] },
  },
  sae: { sae: { config: { contextSize: 256 } } },
} as unknown as Session;

const sourceOf = (name: string, texts: readonly string[]): TextSource => ({
  name,
  bytes: 1 + texts.length,
  async *read(first) {
    for (const [i, text] of texts.slice(first).entries())
      yield { text, share: (first + i + 1) / texts.length };
  },
});

async function batches(sources: readonly TextSource[], from: Cursor): Promise<CorpusBatch[]> {
  const found: CorpusBatch[] = [];
  for await (const batch of corpusBatches(session, sources, from, Infinity, {})) found.push(batch);
  return found;
}

const passed = (all: readonly CorpusBatch[], name: string): number =>
  all.reduce((sum, { withoutText }) => sum + (withoutText.get(name) ?? 0), 0);

it("rows without a text are counted once, wherever a scan goes on", async () => {
  const text = fc.oneof(
    fc.constant(""),
    fc.integer({ min: 1, max: 900 }).map((n) => "x".repeat(n)),
  );
  const corpus = fc.array(fc.array(text, { maxLength: 12 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(corpus, async (texts) => {
      const sources = texts.map((all, i) => sourceOf(`${i}.jsonl`, all));
      const whole = await batches(sources, { source: 0, document: 0, token: 0 });
      fc.pre(whole.length > 0);
      for (const [i, all] of texts.entries())
        expect(passed(whole, `${i}.jsonl`)).toBe(all.filter((one) => one === "").length);
      for (const [at, { next }] of whole.entries())
        expect(await batches(sources, next)).toEqual(whole.slice(at + 1));
    }),
  );
});
