// Ten thousand seeded mutations of headers and as many of configurations: each is read, or refused by a FacetError;
// what is read is sound, and no source is ever asked for more than a header may have.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseSaeConfig } from "../../../src/formats/saeConfig.ts";
import { MAX_HEADER_BYTES, readSafetensorsHeader } from "../../../src/formats/safetensors.ts";
import { openTensors } from "../../../src/formats/shards.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { FacetError } from "../../../src/lib/errors.ts";
import { parseGemmaConfig } from "../../../src/model/config.ts";
import {
  boastfulSource,
  jsonBytes,
  memoryTree,
  readFixture,
  recording,
  safetensors,
} from "./files.ts";
import {
  byteDamage,
  damageBytes,
  damageJson,
  jsonDamage,
  type ByteDamage,
  type JsonDamage,
} from "./mutate.ts";

const SEED = 20240424;
const RUNS = 5000;
const run = { seed: SEED, numRuns: RUNS };

/** Longest message a person is shown, whatever the file had in it. */
const MOST_MESSAGE = 1000;

/** Counts what was read and what was refused; anything thrown that is not a FacetError comes through. */
class Tally {
  read = 0;
  refused = 0;

  async of<T>(reading: () => T | Promise<T>): Promise<Awaited<T> | null> {
    try {
      const value = await reading();
      this.read++;
      return value;
    } catch (error) {
      if (!(error instanceof FacetError) || error.message.length > MOST_MESSAGE) throw error;
      this.refused++;
      return null;
    }
  }

  /** Mutations that were all harmless, or all fatal, would have put nothing to the test. */
  get both(): boolean {
    return this.refused > RUNS / 10 && this.read > RUNS / 100 && this.read + this.refused === RUNS;
  }
}

const HEADER = {
  __metadata__: { format: "pt" },
  W_enc: { dtype: "F32", shape: [8, 12], data_offsets: [0, 384] },
  W_dec: { dtype: "BF16", shape: [12, 8], data_offsets: [384, 576] },
  b_enc: { dtype: "F16", shape: [12], data_offsets: [576, 600] },
  empty: { dtype: "I64", shape: [0, 3], data_offsets: [600, 600] },
};

/** Reads a header: was as little asked of the source as promised, and is what was read sound? */
async function readsSoundly(file: Uint8Array, size: number, tally: Tally): Promise<boolean> {
  const inner = size === file.byteLength ? memorySource("file", file) : boastfulSource(file, size);
  const { source, asked } = recording(inner);
  const header = await tally.of(() => readSafetensorsHeader(source));
  const frugal = asked.every(([start, end]) => end - start <= MAX_HEADER_BYTES && end <= size);
  const tensors = [...(header?.tensors.values() ?? [])];
  const sound = tensors.every(
    ({ start, end, shape }) =>
      start <= end && end <= size && shape.every((n) => Number.isSafeInteger(n) && n >= 0),
  );
  return asked.length <= 2 && frugal && sound;
}

test(`${RUNS} headers with damaged JSON`, async () => {
  const tally = new Tally();
  const property = fc.asyncProperty(jsonDamage, async (damage) => {
    const file = safetensors(damageJson(HEADER, damage), 600);
    return readsSoundly(file, file.byteLength, tally);
  });
  await fc.assert(property, run);
  expect(tally).toMatchObject({ both: true });
});

test(`${RUNS} files with damaged bytes, of honest and of boasted size`, async () => {
  const whole = safetensors(HEADER, 600);
  const tally = new Tally();
  // Up to 8 MiB: what a lying length makes the parser ask for is really handed out here.
  const sizes = fc.constantFrom(0, 0, 1, 2 ** 16, 2 ** 23);
  const property = fc.asyncProperty(byteDamage, sizes, async (damage, boast) => {
    const file = damageBytes(whole, damage);
    return readsSoundly(file, file.byteLength + boast, tally);
  });
  await fc.assert(property, run);
  expect(tally).toMatchObject({ both: true });
});

const SAE_CONFIGS = await Promise.all(
  [
    "tests/fixtures/goldens/sae/topk-v5",
    "tests/fixtures/goldens/sae/gated",
    "public/demo/sae/blocks.3.hook_resid_post_fast_lr",
  ].map((folder) => readFixture(`${folder}/cfg.json`)),
);
const GEMMA = await readFixture("tests/fixtures/goldens/tiny-gqa-f32/config.json");
const INDEX = "model.safetensors.index.json";
const SHARDS = {
  "a.safetensors": safetensors(HEADER, 600),
  "b/c.safetensors": safetensors(HEADER, 600),
};
const indexBytes = jsonBytes({
  metadata: { total_size: 600 },
  weight_map: { W_enc: "a.safetensors", W_dec: "a.safetensors", b_enc: "b/c.safetensors" },
});

/** Every parser of JSON configuration, on its file. */
const CONFIGS: { bytes: Uint8Array; read: (bytes: Uint8Array) => unknown }[] = [
  ...SAE_CONFIGS.map((bytes) => ({ bytes, read: (file: Uint8Array) => parseSaeConfig(file) })),
  { bytes: GEMMA, read: (file) => parseGemmaConfig(file) },
  {
    bytes: indexBytes,
    read: async (file) => {
      const tensors = await openTensors(
        memoryTree({ ...SHARDS, [INDEX]: file }),
        "model.safetensors",
      );
      return Promise.all(tensors.names.map((name) => tensors.get(name)));
    },
  },
];

test.each<[string, fc.Arbitrary<(bytes: Uint8Array) => Uint8Array>]>([
  [
    "JSON",
    jsonDamage.map(
      (damage: readonly JsonDamage[]) => (bytes: Uint8Array) =>
        jsonBytes(damageJson(JSON.parse(new TextDecoder().decode(bytes)), damage)),
    ),
  ],
  [
    "bytes",
    byteDamage.map(
      (damage: readonly ByteDamage[]) => (bytes: Uint8Array) => damageBytes(bytes, damage),
    ),
  ],
])(`${RUNS} configurations with damaged %s`, async (_, damage) => {
  const tally = new Tally();
  const property = fc.asyncProperty(
    fc.constantFrom(...CONFIGS),
    damage,
    async ({ bytes, read }, spoil) => {
      await tally.of(() => read(spoil(bytes)));
    },
  );
  await fc.assert(property, run);
  expect(tally).toMatchObject({ both: true });
});
