// The bundled model's tokenizer against the ids Hugging Face gave, and against files and texts that mean harm.

import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FacetError } from "../../../src/lib/errors.ts";
import { createTokenizer } from "../../../src/tokenizer/tokenizer.ts";
import { facetError } from "../formats/facetError.ts";
import { jsonBytes } from "../formats/files.ts";
import { damageJson, jsonDamage } from "../formats/mutate.ts";

const root = new URL("../../../", import.meta.url);
const read = async (path: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(path, root)));

const json = await read("public/demo/model/tokenizer.json");
const config = await read("public/demo/model/tokenizer_config.json");
const IDS = { bos: [2], eos: [1], pad: [0] };
const tokenizer = createTokenizer(json, config, IDS);

interface Golden {
  text: string;
  report: { ids: number[]; tokens: { token: string }[] };
}
const goldens = JSON.parse(
  await readFile(new URL("tests/fixtures/demo/goldens.json", root), "utf8"),
) as Golden[];
const { presets } = JSON.parse(await readFile(new URL("public/demo/card.json", root), "utf8")) as {
  presets: string[];
};

/** tokenizer.json with parts replaced. */
function altered(change: (json: Record<string, unknown>) => void): Uint8Array {
  const copy = JSON.parse(new TextDecoder().decode(json)) as Record<string, unknown>;
  change(copy);
  return new TextEncoder().encode(JSON.stringify(copy));
}

describe("the bundled tokenizer", () => {
  test("has goldens for every preset", () => {
    expect(new Set(goldens.map(({ text }) => text))).toEqual(new Set(presets));
  });

  test.each([...new Map(goldens.map((golden) => [golden.text, golden])).values()])(
    "gives the ids and pieces of Hugging Face for $text",
    ({ text, report }) => {
      const ids = tokenizer.encode(text);
      expect(ids).toEqual(report.ids);
      expect(ids.map(tokenizer.piece)).toEqual(report.tokens.map(({ token }) => token));
      expect(tokenizer.decode(ids)).toBe(text);
    },
  );

  test("puts BOS first, alone for an empty text, and never twice", () => {
    expect(tokenizer.bosId).toBe(2);
    expect(tokenizer.encode("")).toEqual([2]);
    expect(tokenizer.encode("<bos>")).toEqual([2]);
    expect(tokenizer.encode("<bos>king")).toEqual(tokenizer.encode("king"));
  });

  test("takes the names of special tokens in a text for the tokens, as Hugging Face does", () => {
    const ids = tokenizer.encode("king<eos><bos><pad>");
    expect(ids.slice(-3)).toEqual([1, 2, 0]);
    expect(tokenizer.encode("<bos><bos>")).toEqual([2, 2]);
  });

  test("knows pad, eos, bos and unk as special, and nothing else", () => {
    const special = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter(
      tokenizer.isSpecial,
    );
    expect(special).toEqual([0, 1, 2, 3]);
    expect(tokenizer.vocabSize).toBe(4096);
  });

  test("says which id has no piece", () => {
    expect(tokenizer.piece(4095)).not.toMatch(/^#\d+$/);
    expect(tokenizer.piece(4096)).toBe("#4096");
    expect(tokenizer.piece(-1)).toBe("#-1");
  });

  test("spells a rare character as its UTF-8 bytes", () => {
    expect(tokenizer.encode("\u202e").slice(1).map(tokenizer.piece)).toEqual([
      "<0xE2>",
      "<0x80>",
      "<0xAE>",
    ]);
    expect(tokenizer.encode("\ud800").slice(1).map(tokenizer.piece)).toEqual([
      "<0xEF>",
      "<0xBF>",
      "<0xBD>",
    ]);
  });

  test.each([
    "",
    " ",
    "  two  spaces ",
    "tab\tand\r\nnewlines\n\n",
    "<script>alert(1)</script>",
    "\u202egnp.exe\u2066 bidi \u200f",
    "▁ is the space's own sign: ",
    "constructor __proto__ toString hasOwnProperty",
    "naïve café 東京 🏴󠁧󠁢󠁥󠁮󠁧󠁿 e\u0301",
    "\u0000\u0001\u007f",
    "<0x0A> is text",
    "x".repeat(20_000),
  ])("keeps %j whole", (text) => {
    const ids = tokenizer.encode(text);
    expect(ids[0]).toBe(2);
    expect(ids.every((id) => id < tokenizer.vocabSize)).toBe(true);
    expect(tokenizer.decode(ids)).toBe(text.replaceAll("▁", " "));
  });

  test("does without tokenizer_config.json", () => {
    const alone = createTokenizer(json, null, IDS);
    expect(alone.encode("the king")).toEqual(tokenizer.encode("the king"));
    expect([0, 1, 2, 3].map(alone.isSpecial)).toEqual([true, true, true, true]);
  });

  test("reads special tokens written as objects, and ignores a chat template", () => {
    const asObjects = {
      bos_token: { content: "<bos>", lstrip: false },
      chat_template: "{% for i in range(10**9) %}{% endfor %}",
    };
    const bytes = new TextEncoder().encode(JSON.stringify(asObjects));
    expect(createTokenizer(json, bytes, IDS).encode("the king")).toEqual(
      tokenizer.encode("the king"),
    );
  });
});

/** Small enough to be damaged thousands of times. */
const SMALL = {
  ...(JSON.parse(new TextDecoder().decode(json)) as Record<string, unknown>),
  model: {
    type: "BPE",
    unk_token: "<unk>",
    fuse_unk: true,
    byte_fallback: true,
    vocab: {
      "<pad>": 0,
      "<eos>": 1,
      "<bos>": 2,
      "<unk>": 3,
      "▁": 4,
      t: 5,
      h: 6,
      e: 7,
      th: 8,
      the: 9,
      "▁the": 10,
    },
    merges: [
      ["t", "h"],
      ["th", "e"],
      ["▁", "the"],
    ],
  },
};

test("3000 damaged tokenizers are refused with a FacetError, or encode", () => {
  let refused = 0;
  const property = fc.property(jsonDamage, (damage) => {
    try {
      const damaged = createTokenizer(jsonBytes(damageJson(SMALL, damage)), config, IDS);
      const ids = damaged.encode("the <eos> théthe");
      expect(ids.every((id) => id >= 0 && id < damaged.vocabSize)).toBe(true);
      damaged.decode(ids);
    } catch (error) {
      if (!(error instanceof FacetError)) throw error;
      refused++;
    }
  });
  fc.assert(property, { seed: 20240424, numRuns: 3000 });
  expect(refused).toBeGreaterThan(300);
  expect(refused).toBeLessThan(2700);
});

describe("a file that is no tokenizer", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  test.each([
    ["empty", bytes("")],
    ["no JSON", bytes("<!doctype html>")],
    ["a list", bytes("[]")],
    ["cut short", json.subarray(0, json.byteLength / 2)],
    ["not UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)],
    ["nested without end", bytes('{"a":'.repeat(200_000))],
    ["no model", altered((file) => delete file["model"])],
    ["no vocabulary", altered((file) => (file["model"] = { type: "BPE", merges: [] }))],
    ["no merges", altered((file) => delete (file["model"] as Record<string, unknown>)["merges"])],
    [
      "merges of numbers",
      altered((file) => ((file["model"] as Record<string, unknown>)["merges"] = [1, 2])),
    ],
    [
      "an added token without an id",
      altered((file) => (file["added_tokens"] = [{ content: "<bos>" }])),
    ],
    [
      "a template with an unknown token",
      altered(
        (file) =>
          (file["post_processor"] = {
            type: "TemplateProcessing",
            single: [{ SpecialToken: { id: "<s>" } }],
          }),
      ),
    ],
    ["a normalizer without a type", altered((file) => (file["normalizer"] = {}))],
    [
      "a vast id",
      altered(
        (file) => ((file["model"] as { vocab: Record<string, number> }).vocab["the"] = 2 ** 40),
      ),
    ],
    [
      "no BOS",
      altered((file) => {
        delete (file["model"] as { vocab: Record<string, number> }).vocab["<bos>"];
        file["added_tokens"] = [];
      }),
    ],
  ])("%s: Format", (_, file) => {
    expect(() => createTokenizer(file, config, IDS)).toThrow(
      facetError("Format", /tokenizer\.json/),
    );
  });

  test("a broken tokenizer_config.json: Format", () => {
    expect(() => createTokenizer(json, bytes("{"), IDS)).toThrow(
      facetError("Format", /tokenizer_config\.json/),
    );
  });

  test.each([
    [
      "another kind of model",
      altered((file) => (file["model"] = { type: "Unigram", vocab: [] })),
      /Unigram/,
    ],
    [
      "a regular expression",
      altered((file) => {
        file["pre_tokenizer"] = {
          type: "Split",
          pattern: { Regex: "(a+)+$" },
          behavior: "Isolated",
        };
      }),
      /regular expression/,
    ],
    ["an unknown part", altered((file) => (file["normalizer"] = { type: "Rot13" })), /"Rot13"/],
    [
      "a part that never ends",
      altered((file) => {
        file["pre_tokenizer"] = {
          type: "Sequence",
          pretokenizers: [{ type: "FixedLength", length: 0 }],
        };
      }),
      /"FixedLength"/,
    ],
  ])("%s: Unsupported", (_, file, message) => {
    expect(() => createTokenizer(file, config, IDS)).toThrow(facetError("Unsupported", message));
  });
});
