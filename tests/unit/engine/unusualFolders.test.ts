// Folders that are sound, though not as Facet's own are: they open, and give the numbers of the reference
// implementation. What cannot be run is refused for its own reason.

import { jobsOf } from "../../support/jobs.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import type { Engine } from "../../../src/session/engine.ts";
import { readSafetensorsHeader } from "../../../src/formats/safetensors.ts";
import { openTensors } from "../../../src/formats/shards.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { decodeFloats } from "../../../src/lib/dtype.ts";
import type { Metrics, Precision } from "../../../src/lib/report.ts";
import { parseGemmaConfig } from "../../../src/model/config.ts";
import { GemmaWeights } from "../../../src/model/weights.ts";
import { expectMetrics } from "../../support/agree.ts";
import {
  FAULT_TEXT,
  faultEngine,
  faultFile,
  type FaultFolders,
  type Files,
  REQUEST,
} from "../../support/faultFolders.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";
import { facetError } from "../formats/facetError.ts";
import { bytesOf, jsonBytes, memoryTree, readFixture, safetensors } from "../formats/files.ts";

const ALL = { mask: "all" } as const;
const BASE = { l0: 42.5625, ceClean: 9.914607, ceSae: 9.823497, kl: 3.207471 };

const create = (): Promise<Backend> => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });
/** One backend for all engines of this file. */
let shared: Promise<Backend> | null = null;
const start = (): Promise<Backend> => (shared ??= create());
afterAll(async () => (await shared)?.dispose());

interface Opened {
  readonly engine: Engine;
  /** Those of the folders, without what the backend says of itself. */
  readonly notices: readonly string[];
}

async function open(folders: FaultFolders = {}, precision?: Precision): Promise<Opened> {
  const engine = faultEngine(folders, start);
  const { notices } = await engine.open({ ...REQUEST, ...(precision && { precision }) });
  return { engine, notices: notices.filter((text) => !text.startsWith("No WebGPU here")) };
}

/** On a backend of its own, which goes with what could not be opened. */
const expectRefused = (folders: FaultFolders, error: Error): Promise<void> =>
  expect(faultEngine(folders, create).open(REQUEST)).rejects.toThrow(error);

async function expectNumbers(engine: Engine, wanted: Partial<Metrics>): Promise<void> {
  expectMetrics((await jobsOf(engine).verify(FAULT_TEXT, ALL)).metrics, wanted, FAULT_TEXT);
}

const json = (path: string): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(faultFile(path))) as Record<string, unknown>;

/** base's config.json with other values. */
const config = (over: Record<string, unknown>): Files => ({
  "config.json": jsonBytes({ ...json("base/model/config.json"), ...over }),
});

describe("an output head of the file's own", () => {
  const FOLDER = "01-lm-head/tied-true-different";
  /** The base's file and the head as two shards. */
  const withHead = (head: Uint8Array, over: Record<string, unknown> = {}): FaultFolders => ({
    model: FOLDER,
    modelFiles: {
      "config.json": jsonBytes({ ...json(`${FOLDER}/config.json`), ...over }),
      "model.safetensors": null,
      "model.safetensors.index.json": index,
      "base.safetensors": faultFile("base/model/model.safetensors"),
      "head.safetensors": head,
    },
  });
  const ownHead = faultFile(`${FOLDER}/lm_head.safetensors`);
  let index: Uint8Array;
  let embedding: Uint8Array;
  beforeAll(async () => {
    const base = memorySource("base", faultFile("base/model/model.safetensors"));
    const { tensors } = await readSafetensorsHeader(base);
    const shards = [...tensors.keys()].map((name) => [name, "base.safetensors"]);
    index = jsonBytes({
      weight_map: { ...Object.fromEntries(shards), "lm_head.weight": "head.safetensors" },
    });
    const E = tensors.get("model.embed_tokens.weight");
    if (!E) throw new Error("The base has an embedding.");
    embedding = await base.read(E.start, E.end);
  });

  const HEAD = { l0: 42.5625, ceClean: 8.918149, ceSae: 9.325606, kl: 2.276364 };

  it.each<[string, Record<string, unknown>]>([
    ["ties it", {}],
    ["says nothing, which ties it", { tie_word_embeddings: undefined }],
  ])("makes the logits though config.json %s, and is told of", async (_, over) => {
    const { engine, notices } = await open(withHead(ownHead, over));
    expect(notices).toEqual([
      expect.stringMatching(/output head of its own \(lm_head.weight\)/) as string,
    ]);
    await expectNumbers(engine, HEAD);
  });

  it("makes the logits where config.json says so, without a word", async () => {
    const { engine, notices } = await open(withHead(ownHead, { tie_word_embeddings: false }));
    expect(notices).toEqual([]);
    await expectNumbers(engine, HEAD);
  });

  it("that equals the embedding changes no number", async () => {
    const header = {
      "lm_head.weight": { dtype: "F32", shape: [4096, 64], data_offsets: [0, embedding.length] },
    };
    const file = safetensors(header, embedding.length);
    file.set(embedding, file.length - embedding.length);
    await expectNumbers((await open(withHead(file))).engine, BASE);
  });

  it("is what lenses and logits of a token read, before and after it stands on the device", async () => {
    const { engine } = await open(withHead(ownHead));
    const before = await jobsOf(engine).tokenLogits(3827);
    const { logitLens, decoderNorm } = await jobsOf(engine).feature(3);
    const top = logitLens?.withoutNorm.top.slice(0, 3) ?? [];
    expect(top.map(({ id }) => id)).toEqual([3827, 685, 2293]);
    [0.82042, 0.73999, 0.67103].forEach((value, i) => expect(top[i]?.value).toBeCloseTo(value, 4));
    expect(logitLens?.withNorm.top[0]?.value).toBeCloseTo(0.82654, 4);
    expect(decoderNorm).toBeGreaterThan(0);
    for (const { withoutNorm, withNorm } of [before, await jobsOf(engine).tokenLogits(3827)]) {
      expect(withoutNorm[3]).toBeCloseTo(0.82042, 4);
      expect(withoutNorm[7]).toBeCloseTo(0.48999, 4);
      expect(withNorm[3]).toBeCloseTo(0.82654, 4);
    }
  });

  it("makes the tokens of a continuation", async () => {
    const { engine } = await open(withHead(ownHead));
    const how = { maxTokens: 3, temperature: 0, topP: 1, seed: 0, edits: [] };
    const { clean } = await jobsOf(engine).generate(FAULT_TEXT, how);
    expect(clean.tokens.map(({ id }) => id)).toEqual([787, 1549, 3777]);
  });

  it("is counted in parameters and in bytes to read", async () => {
    const folders = withHead(ownHead);
    const plan = await faultEngine(folders, start).plan(REQUEST);
    const basePlan = await faultEngine({}, start).plan(REQUEST);
    expect(plan.lossBytes).toBe(basePlan.lossBytes);
    const [card, base] = await Promise.all([
      faultEngine(folders, start).open(REQUEST),
      faultEngine({}, start).open(REQUEST),
    ]);
    expect(card.model.parameters).toBe(base.model.parameters + 4096 * 64);
    expect(card.model.embeddingBytes).toBe(4096 * 64 * 4);
  });

  it.each([null, "int8", "int4"] as const)("streams in tiles, kept as %s", async (precision) => {
    const backend = await create();
    const stated = { ...parseGemmaConfig(faultFile(`${FOLDER}/config.json`)), tied: false };
    const { modelFiles = {} } = withHead(ownHead);
    const { "model.safetensors": _, ...files } = modelFiles;
    const tensors = await openTensors(
      memoryTree(files as Record<string, Uint8Array>),
      "model.safetensors",
    );
    // The last tile is shorter.
    const keeping = { precision, tileElements: 64 * 1500 };
    const streamed = new GemmaWeights(backend, stated, tensors, {
      ...keeping,
      residency: "streamed",
    });
    const resident = new GemmaWeights(backend, stated, tensors, keeping);
    const ids = Uint32Array.of(0, 3827, 1499, 1500, 4095);
    const rows = (weights: GemmaWeights): Promise<Float32Array> =>
      weights.unembeddingRows(ids, {}).then((tensor) => backend.read(tensor));
    const wanted = await rows(streamed);
    expect(await rows(resident)).toEqual(wanted);
    for (const weights of [streamed, resident]) {
      const found: number[] = [];
      for await (const { E, firstRow } of weights.unembedding({})) {
        for (const id of ids) {
          if (id < firstRow || id >= firstRow + E.rows) continue;
          const row = backend.gather(E, Uint32Array.of(id - firstRow), 1);
          found[id] = (await backend.read(row))[5] ?? NaN;
        }
      }
      ids.forEach((id, i) => expect(found[id], `row ${id}`).toBe(wanted[i * 64 + 5]));
    }
    // From the device now.
    expect(await rows(resident)).toEqual(wanted);
    const E = await backend.read(await resident.embed(ids, 1, {}));
    expect(E).not.toEqual(wanted);
    streamed.dispose();
    resident.dispose();
    backend.dispose();
  });

  it("that is missing is told of, and so is one of another shape", async () => {
    await expectRefused(
      { modelFiles: config({ tie_word_embeddings: false }) },
      facetError("Format", /tie_word_embeddings is false, but there is no lm_head.weight/),
    );
    const header = {
      "lm_head.weight": { dtype: "F32", shape: [64, 64], data_offsets: [0, 16384] },
    };
    await expectRefused(
      withHead(safetensors(header, 16384)),
      facetError("Format", /lm_head.weight" should have shape \[4096, 64\]/),
    );
  });
});

describe("two thetas", () => {
  it("run with that of rope_parameters, as transformers 5 does, and are told of", async () => {
    const { engine, notices } = await open({ model: "04-rope-theta/theta-disagree" });
    expect(notices).toEqual([
      expect.stringMatching(/rope_theta 10000 and rope_parameters.rope_theta 500/) as string,
    ]);
    await expectNumbers(engine, { l0: 43.3125, ceClean: 9.826524, ceSae: 9.866493, kl: 3.119579 });
  });
});

describe("numbers that JSON does not know", () => {
  it.each(["sae-inf", "sae-nan", "sae-neginf"])(
    "in a key of %s that nothing needs",
    async (sae) => {
      const { engine, notices } = await open({ sae: `06-nonfinite-json/${sae}` });
      expect(notices).toEqual([]);
      await expectNumbers(engine, BASE);
    },
  );

  it("in config.json", async () => {
    const { engine } = await open({ model: "06-nonfinite-json/model-nan" });
    await expectNumbers(engine, BASE);
  });

  it("in the index of shards and the tokenizer's configuration", async () => {
    const base = faultFile("base/model/model.safetensors");
    const { tensors } = await readSafetensorsHeader(memorySource("base", base));
    const shards = Object.fromEntries([...tensors.keys()].map((name) => [name, "a.safetensors"]));
    const { engine } = await open({
      modelFiles: {
        "model.safetensors": null,
        "model.safetensors.index.json": bytesOf(
          `{"metadata": {"total_size": NaN}, "weight_map": ${JSON.stringify(shards)}}`,
        ),
        "a.safetensors": base,
        "tokenizer_config.json": bytesOf('{"model_max_length": Infinity, "bos_token": "<bos>"}'),
      },
    });
    await expectNumbers(engine, BASE);
  });

  it("in a corpus, in a field that is not the text", async () => {
    const { engine } = await open();
    const file = new Blob([faultFile("06-nonfinite-json/nan-field.jsonl").slice()]);
    const { sources, tokens } = await engine.scans.run({
      corpus: { kind: "files", files: [{ path: "nan-field.jsonl", file }] },
    });
    expect(sources).toEqual([{ name: "nan-field.jsonl", documents: 400 }]);
    expect(tokens).toBe(8364);
  });
});

describe("special tokens", () => {
  const how = { maxTokens: 6, temperature: 0, topP: 1, seed: 0, edits: [] };

  it.each(["eos-list", "pad-minus-one"])("%s opens", async (folder) => {
    const { engine, notices } = await open({ model: `08-token-ids/${folder}` });
    expect(notices).toEqual([]);
    await expectNumbers(engine, BASE);
  });

  it("end a generation, each of them", async () => {
    const { clean } = await jobsOf((await open()).engine).generate(FAULT_TEXT, how);
    const first = clean.tokens[0]?.id ?? NaN;
    expect([first, clean.ended]).toEqual([2459, "length"]);
    for (const eos of [[first, 1], [1, first], [1, 107, first], first]) {
      const { engine } = await open({ modelFiles: config({ eos_token_id: eos }) });
      const ended = (await jobsOf(engine).generate(FAULT_TEXT, how)).clean;
      expect([ended.ended, ended.tokens], JSON.stringify(eos)).toEqual(["eos", []]);
    }
    const { engine } = await open({ modelFiles: config({ eos_token_id: [] }) });
    expect((await jobsOf(engine).generate(FAULT_TEXT, how)).clean).toEqual(clean);
  });

  it.each<[string, Files]>([
    ["with a tokenizer", {}],
    ["without one", { "tokenizer.json": null }],
  ])("are left out of the mask, each of them, %s", async (_, files) => {
    const modelFiles = { ...config({ eos_token_id: [1, 107], pad_token_id: -1 }), ...files };
    const { engine } = await open({ modelFiles });
    const { tokens } = await jobsOf(engine).analyze([2, 817, 107, 1, 1897], { mask: "nonspecial" });
    expect(tokens.map(({ special }) => special)).toEqual([true, false, true, true, false]);
  });
});

describe("a sparsity file that cannot be used", () => {
  it.each(["all-nan", "neg-inf", "shape-1xd", "empty-file"])(
    "%s leaves the density not known, with a word",
    async (folder) => {
      const engine = faultEngine({ sae: `11-sparsity-file/${folder}` }, start);
      const card = await engine.open(REQUEST);
      expect(card.sae.logDensity).toBeNull();
      expect(card.notices).toContainEqual(
        expect.stringMatching(/not known: sparsity.safetensors cannot be used/),
      );
      expect((await jobsOf(engine).featureFacts(3)).density).toBeNull();
      await expectNumbers(engine, BASE);
    },
  );
});

describe("an added token behind the embedding", () => {
  const tokenizer = json("base/model/tokenizer.json");
  const added = {
    id: 4224,
    content: "<image_soft_token>",
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
  const withToken = jsonBytes({
    ...tokenizer,
    added_tokens: [...(tokenizer["added_tokens"] as unknown[]), added],
  });

  it.each(["base/model", "12-added-token/model"])("of %s opens; it has no row", async (model) => {
    const { engine, notices } = await open({ model, modelFiles: { "tokenizer.json": withToken } });
    // The second counts rows that its embedding does not have.
    expect(notices).toEqual(
      model === "base/model" ? [] : [expect.stringMatching(/counts 4224 tokens.*rows for 4096/)],
    );
    const { tokens } = await jobsOf(engine).analyze("The whale", ALL);
    expect(tokens.map(({ id }) => id)).toEqual([2, 817, 1897]);
    await expectNumbers(engine, BASE);
    const refused = facetError(
      "NoSuchToken",
      /holds "<image_soft_token>", token 4224 of the tokenizer/,
    );
    const text = "The <image_soft_token> whale";
    await expect(jobsOf(engine).analyze(text, ALL)).rejects.toThrow(refused);
    await expect(jobsOf(engine).verify(text, ALL)).rejects.toThrow(refused);
    await expect(jobsOf(engine).vocabularyTokens(text)).rejects.toThrow(refused);
    await expect(jobsOf(engine).analyze([2, 4224], ALL)).rejects.toThrow(
      facetError("Format", /0 to 4095/),
    );
    expect((await jobsOf(engine).analyze("The whale", ALL)).tokens).toEqual(tokens);
  });

  it("is another thing than a vocabulary of another model", async () => {
    const other = "tests/fixtures/goldens/tiny-gqa-f32";
    await expectRefused(
      {
        modelFiles: {
          "config.json": await readFixture(`${other}/config.json`),
          "model.safetensors": await readFixture(`${other}/model.safetensors`),
        },
      },
      facetError("Mismatch", /ids up to 4095.*257 rows/),
    );
  });
});

describe("F64", () => {
  /** Every tensor of a file as F64. */
  async function widened(path: string): Promise<Uint8Array> {
    const source = memorySource(path, faultFile(path));
    const { tensors } = await readSafetensorsHeader(source);
    const header: Record<string, unknown> = {};
    const parts: Float64Array[] = [];
    let end = 0;
    for (const { name, shape, dtype, ...place } of tensors.values()) {
      const values = decodeFloats(await source.read(place.start, place.end), dtype, name);
      parts.push(Float64Array.from(values));
      header[name] = { dtype: "F64", shape, data_offsets: [end, end + 8 * values.length] };
      end += 8 * values.length;
    }
    const file = safetensors(header, end);
    let at = file.length - end;
    for (const part of parts) {
      file.set(new Uint8Array(part.buffer), at);
      at += part.byteLength;
    }
    return file;
  }

  it("in cfg.json over tensors in F32", async () => {
    await expectNumbers((await open({ sae: "16-dtype/f64-cfg-f32-file" })).engine, BASE);
  });

  it("in all tensors of an SAE", async () => {
    const saeFiles = {
      "sae_weights.safetensors": await widened("base/sae/sae_weights.safetensors"),
    };
    await expectNumbers((await open({ sae: "16-dtype/f64-cfg-f32-file", saeFiles })).engine, BASE);
  });

  it("in the threshold alone", async () => {
    const { engine } = await open({ sae: "16-dtype/f64-threshold" });
    await expectNumbers(engine, { l0: 36.4375, ceClean: 9.914607, ceSae: 9.844283, kl: 3.214783 });
  });

  it.each([undefined, "int8"] as const)("in all tensors of a model, kept as %s", async (kept) => {
    const modelFiles = { "model.safetensors": await widened("base/model/model.safetensors") };
    const wide = (await open({ modelFiles }, kept)).engine;
    const { metrics } = await jobsOf((await open({}, kept)).engine).verify(FAULT_TEXT, ALL);
    await expectNumbers(wide, metrics);
  });
});
