// An SAE that was trained without BOS (prepend_bos false) reads texts and corpora without it. Right values by transformers
// 5.18 in float32, on a random Gemma of three blocks (tests/fixtures/faults/base).

import { jobsOf } from "../../support/jobs.ts";
import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import type { TextSource } from "../../../src/corpus/textSource.ts";
import { compareOn } from "../../../src/jobs/compare.ts";
import { corpusBatches } from "../../../src/session/contexts.ts";
import type { Engine } from "../../../src/session/engine.ts";
import type { Session } from "../../../src/session/session.ts";
import { createTokenizer } from "../../../src/tokenizer/tokenizer.ts";
import { expectMetrics } from "../../support/agree.ts";
import { FAULT_TEXT, faultEngine, faultFile, REQUEST } from "../../support/faultFolders.ts";
import { demoDocuments, TFJS_WASM } from "../../support/nodeFiles.ts";
import { facetError } from "../formats/facetError.ts";

const ALL = { mask: "all" } as const;
let shared: Promise<Backend> | null = null;
const start = (): Promise<Backend> =>
  (shared ??= createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }));
afterAll(async () => (await shared)?.dispose());

/** base's SAE, whose cfg.json says so or the opposite. */
async function open(prependBos: boolean): Promise<{ engine: Engine; notices: string[] }> {
  const cfg = new TextDecoder()
    .decode(faultFile("base/sae/cfg.json"))
    .replace('"prepend_bos": true', `"prepend_bos": ${prependBos}`);
  const engine = faultEngine({ saeFiles: { "cfg.json": new TextEncoder().encode(cfg) } }, start);
  return { engine, notices: (await engine.open(REQUEST)).notices };
}

describe("prepend_bos false", () => {
  it("runs a text without BOS, and says so", async () => {
    const { engine, notices } = await open(false);
    expect(notices).toContainEqual(expect.stringMatching(/trained without BOS.*run without it/));
    const analysis = await jobsOf(engine).analyze(FAULT_TEXT, ALL);
    expect(analysis.sae.prependBos).toBe(false);
    expect(analysis.tokens.length).toBe(15);
    expect(analysis.totalTokens).toBe(15);
    expect(analysis.tokens.some(({ special }) => special)).toBe(false);
    expect(analysis.l0.mean).toBeCloseTo(43.0667, 4);
    const strongest = analysis.tokens[0]?.features.slice(0, 2) ?? [];
    expect(strongest.map(({ index }) => index)).toEqual([3, 92]);
    expect(strongest.map(({ folded }) => Number(folded.toFixed(2)))).toEqual([12.6, 11.32]);

    const verified = await jobsOf(engine).verify(FAULT_TEXT, ALL);
    expect(verified.tokens).toBe(15);
    expectMetrics(
      verified.metrics,
      { l0: 43.0667, ceClean: 9.7325, ceZero: Math.log(4096) },
      FAULT_TEXT,
    );
    // No position is special, so both masks count the same.
    expect((await jobsOf(engine).verify(FAULT_TEXT, { mask: "nonspecial" })).metrics).toEqual(
      verified.metrics,
    );
  });

  it("runs token ids, and a BOS that the text spells, as they are given", async () => {
    const { engine } = await open(false);
    const idsOf = async (text: string | readonly number[]): Promise<number[]> =>
      (await jobsOf(engine).analyze(text, ALL)).tokens.map(({ id }) => id);
    expect(await idsOf([2, 817])).toEqual([2, 817]);
    expect(await idsOf("<bos>The")).toEqual([2, 817]);
    expect(await idsOf("The")).toEqual([817]);
    expect(await idsOf("")).toEqual([]);
  });

  it("scans contexts without BOS, and counts every token", async () => {
    const { engine } = await open(false);
    const [text = ""] = demoDocuments().map((document) => document.slice(0, 300).trim());
    const alone = await jobsOf(engine).analyze(text, ALL);
    const long = text.repeat(5);
    const tokens = alone.tokens.length + (await jobsOf(engine).analyze(long, ALL)).tokens.length;
    const file = (path: string, one: string) => ({ path, file: new Blob([one]) });

    const short = await engine.scans.run({
      corpus: { kind: "files", files: [file("a.txt", text)] },
    });
    expect(short.sae.prependBos).toBe(false);
    expect(short.tokens).toBe(alone.tokens.length);
    const l0 = alone.tokens.map((token) => token.l0);
    expect(short.byPosition.l0.slice(0, l0.length)).toEqual(l0);

    const both = await engine.scans.run({
      corpus: { kind: "files", files: [file("a.txt", text), file("b.txt", long)] },
    });
    expect(both.tokens).toBe(tokens);
    expect(both.contextSize).toBe(128);
    expect(both.byPosition.tokens.length).toBe(128);
    expect(both.byPosition.tokens.reduce((sum, count) => sum + count, 0)).toBe(tokens);
    expect(both.byPosition.tokens[0]).toBe(both.contexts);
  });
});

it("prepend_bos true runs the same text with BOS", async () => {
  const { engine, notices } = await open(true);
  expect(notices.filter((notice) => notice.includes("BOS"))).toEqual([]);
  const { tokens, l0, sae } = await jobsOf(engine).analyze(FAULT_TEXT, ALL);
  expect(sae.prependBos).toBe(true);
  expect([tokens.length, tokens[0]?.special, l0.mean]).toEqual([16, true, 42.5625]);
});

/** As much of a session as cutting a corpus asks for. */
function sessionOf(prependBos: boolean): Session {
  const tokenizer = createTokenizer(faultFile("base/model/tokenizer.json"), null, {
    bos: [2],
    eos: [1],
    pad: [0],
  });
  return {
    model: { tokenizer, gemma: { config: { context: 512 } }, source: { name: "model" } },
    sae: { sae: { config: { prependBos, contextSize: 16 } } },
  } as unknown as Session;
}

describe.each([true, false])("contexts with prepend_bos %s", (prependBos) => {
  const session = sessionOf(prependBos);
  const source: TextSource = {
    name: "a.txt",
    bytes: 100,
    async *read(from) {
      const documents = demoDocuments().slice(0, 4);
      for (const text of documents.slice(from)) yield { text, share: 0 };
    },
  };
  const cut = async (from: { source: number; document: number; token: number }) => {
    const batches = [];
    for await (const one of corpusBatches(session, [source], from, 4, {})) batches.push(one);
    return batches;
  };

  it("hold each token once, behind a BOS or none, and go on from any batch", async () => {
    const batches = await cut({ source: 0, document: 0, token: 0 });
    expect(batches.length).toBeGreaterThan(1);
    const contexts = batches.flatMap(({ batch, places }) => {
      let row = 0;
      return places.map(({ length }) => [...batch.ids.subarray(row, (row += length))]);
    });
    expect(contexts.every((ids) => (ids[0] === 2) === prependBos && ids.length <= 16)).toBe(true);
    const lead = prependBos ? 1 : 0;
    const tokenizer = session.model.tokenizer;
    expect(contexts.flatMap((ids) => ids.slice(lead))).toEqual(
      demoDocuments()
        .slice(0, 4)
        .flatMap((text) => tokenizer?.encode(text, false) ?? []),
    );
    const [first, ...rest] = batches;
    expect(await cut(first?.next ?? { source: 0, document: 0, token: 0 })).toEqual(rest);
  });
});

it("an SAE with BOS and one without are not compared on one text", async () => {
  const beside = { session: sessionOf(false), bytes: 0 };
  await expect(
    compareOn(sessionOf(true), beside, "The", { mask: "all", loss: false }, {}),
  ).rejects.toThrow(facetError("Mismatch", /one runs texts with BOS, the other without/));
});
