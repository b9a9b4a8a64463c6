// Headers as they are written by the format's own library, and as nobody should write them.

import { describe, expect, test } from "vitest";
import { MAX_HEADER_BYTES, readSafetensorsHeader } from "../../../src/formats/safetensors.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { facetError } from "./facetError.ts";
import {
  boastfulSource,
  bytesOf,
  readFixture,
  recording,
  safetensors,
  safetensorsOf,
} from "./files.ts";

const header = (bytes: Uint8Array) => readSafetensorsHeader(memorySource("a.safetensors", bytes));
const f32 = (shape: unknown, start: unknown, end: unknown) => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
});

describe("a well-formed header", () => {
  test("of a real file, with offsets counted from the start of the file", async () => {
    const path = "tests/fixtures/goldens/tiny-mqa-bf16-sharded/model-00001-of-00003.safetensors";
    const { tensors, metadata } = await header(await readFixture(path));
    expect([...tensors.values()][0]).toEqual({
      name: "model.embed_tokens.weight",
      dtype: "BF16",
      shape: [300, 48],
      start: 8 + 632,
      end: 8 + 632 + 28800,
    });
    expect([...metadata]).toEqual([["format", "pt"]]);
    expect(tensors.size).toBe(6);
  });

  test("in any order of names, padded with spaces, with scalars and empty tensors", async () => {
    const { tensors } = await header(
      safetensors(
        `{"b":{"dtype":"I64","shape":[],"data_offsets":[4,12]},"e":{"dtype":"F16","shape":[0,7],"data_offsets":[4,4]},` +
          `"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}    `,
        12,
      ),
    );
    expect([...tensors.keys()].toSorted()).toEqual(["a", "b", "e"]);
    const { start, end } = tensors.get("e") ?? {};
    expect(start).toBe(end);
  });

  test("without tensors", async () => {
    expect((await header(safetensors({}, 0))).tensors.size).toBe(0);
  });

  test("with names that JavaScript objects have of their own", async () => {
    const names = `{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"constructor":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`;
    const { tensors } = await header(safetensors(names, 8));
    expect([...tensors.keys()]).toEqual(["__proto__", "constructor"]);
    expect(tensors.get("toString")).toBeUndefined();
    expect(({} as Record<string, unknown>)["dtype"]).toBeUndefined();
  });

  test("is read in one request where it is short, in two where it is long", async () => {
    const short = recording(memorySource("short", safetensorsOf({ W: [4] })));
    await readSafetensorsHeader(short.source);
    expect(short.asked).toHaveLength(1);

    const names = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`model.layers.${i}.weight`, [4]]),
    );
    const long = recording(memorySource("long", safetensorsOf(names)));
    expect((await readSafetensorsHeader(long.source)).tensors.size).toBe(2000);
    expect(long.asked).toHaveLength(2);
  });
});

describe("a header that lies", () => {
  const good = safetensorsOf({ W_enc: [4, 8], b_enc: [8] });

  test.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(0), /0 bytes/],
    ["a file shorter than the length", new Uint8Array(7), /7 bytes/],
    ["a header longer than the file", safetensors({}, 0, 3n), /announces a header of 3 bytes/],
    ["a header over the format's cap", safetensors({}, 0, 2n ** 63n), /9223372036854775808/],
    ["a header that is not JSON", safetensors("not json", 0), /not JSON/],
    ["a header that is a list", safetensors("[]", 0), /JSON object/],
    [
      "a header that is not UTF-8",
      new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xff]),
      /not JSON/,
    ],
    ["a header nested without end", safetensors(`{"a":${"[".repeat(50_000)}`, 0), /nested/],
    ["a file cut short", good.subarray(0, good.byteLength - 1), /ends at byte/],
    ["a file cut in its header", good.subarray(0, 20), /announces/],
    ["a file with a rest", new Uint8Array([...good, 0]), /tensors end at byte/],
    ["no data at all", safetensors({ W: f32([4], 0, 16) }, 0), /"W" ends at byte/],
    [
      "a tensor beyond the file",
      safetensors({ W: f32([2 ** 20], 0, 2 ** 22) }, 64),
      /"W" ends at byte/,
    ],
    [
      "overlapping tensors",
      safetensors({ a: f32([4], 0, 16), b: f32([4], 8, 24) }, 24),
      /"b".*overlaps/,
    ],
    [
      "the same bytes twice",
      safetensors({ a: f32([4], 0, 16), b: f32([4], 0, 16) }, 16),
      /overlaps/,
    ],
    ["a hole", safetensors({ a: f32([4], 0, 16), b: f32([4], 20, 36) }, 36), /"b".*hole/],
    ["a hole at the start", safetensors({ a: f32([4], 4, 20) }, 20), /hole/],
    [
      "a shape too large for its bytes",
      safetensors({ W: f32([4, 9], 0, 128) }, 128),
      /"W".*do not hold/,
    ],
    [
      "a shape too small for its bytes",
      safetensors({ W: f32([4, 7], 0, 128) }, 128),
      /"W".*do not hold/,
    ],
    [
      "a shape that overflows",
      safetensors({ W: f32([2 ** 30, 2 ** 30], 0, 16) }, 16),
      /do not hold/,
    ],
    [
      "a product that wraps to what is there",
      safetensors({ W: f32([2 ** 62, 4], 0, 16) }, 16),
      /shape/,
    ],
    ["a negative dimension", safetensors({ W: f32([-4, -4], 0, 64) }, 64), /shape of "W"/],
    ["a broken dimension", safetensors({ W: f32([1.5], 0, 6) }, 6), /shape of "W"/],
    ["a dimension that is a text", safetensors({ W: f32(["4"], 0, 16) }, 16), /shape of "W"/],
    ["a shape that is a number", safetensors({ W: f32(4, 0, 16) }, 16), /shape of "W"/],
    ["offsets backwards", safetensors({ W: f32([4], 16, 0) }, 16), /do not hold/],
    ["a negative offset", safetensors({ W: f32([4], -16, 0) }, 16), /data_offsets of "W"/],
    ["a broken offset", safetensors({ W: f32([4], 0.5, 16.5) }, 17), /data_offsets of "W"/],
    [
      "three offsets",
      safetensors({ W: { ...f32([4], 0, 16), data_offsets: [0, 8, 16] } }, 16),
      /data_offsets/,
    ],
    ["no offsets", safetensors({ W: { dtype: "F32", shape: [4] } }, 16), /data_offsets/],
    ["a tensor that is a number", safetensors({ W: 5 }, 0), /entry "W"/],
    ["a tensor that is null", safetensors({ W: null }, 0), /entry "W"/],
    [
      "a dtype that is no name",
      safetensors({ W: { ...f32([4], 0, 16), dtype: 7 } }, 16),
      /dtype of "W"/,
    ],
    ["metadata that is a list", safetensors({ __metadata__: [] }, 0), /__metadata__/],
    ["metadata that is not text", safetensors({ __metadata__: { format: 1 } }, 0), /__metadata__/],
    [
      "a name that stands twice",
      safetensors(
        `{"W":${JSON.stringify(f32([4], 0, 16))},"W":${JSON.stringify(f32([4], 0, 16))}}`,
        16,
      ),
      /twice/,
    ],
    [
      "a name that stands twice, once escaped",
      safetensors(
        `{"W":${JSON.stringify(f32([4], 0, 16))},"\\u0057":${JSON.stringify(f32([4], 0, 16))}}`,
        16,
      ),
      /twice/,
    ],
    [
      "a shape that stands twice",
      safetensors(`{"W":{"dtype":"F32","shape":[9],"shape":[4],"data_offsets":[0,16]}}`, 16),
      /twice/,
    ],
  ])("%s: Format", async (_, file, message) => {
    await expect(header(file)).rejects.toThrow(facetError("Format", message));
  });

  test("an unknown dtype: Unsupported, by name", async () => {
    const file = safetensors({ W: { ...f32([4], 0, 16), dtype: "F99" } }, 16);
    await expect(header(file)).rejects.toThrow(facetError("Unsupported", /"W" is "F99"/));
    const inherited = safetensors({ W: { ...f32([4], 0, 16), dtype: "toString" } }, 16);
    await expect(header(inherited)).rejects.toThrow(facetError("Unsupported", /toString/));
  });

  test("a long and disordered name is shown short and harmless", async () => {
    const file = safetensors({ [`\u202e${"x".repeat(5000)}`]: 5 }, 0);
    const error: unknown = await header(file).catch((caught: unknown) => caught);
    expect(error).toEqual(facetError("Format", /\\u202e/));
    expect((error as Error).message.length).toBeLessThan(400);
  });

  test("a server that boasts of a huge file is asked for no more than the cap", async () => {
    const boast = recording(
      boastfulSource(safetensors("", 0, BigInt(MAX_HEADER_BYTES + 1)), 2 ** 40),
    );
    await expect(readSafetensorsHeader(boast.source)).rejects.toThrow(
      facetError("Format", /announces/),
    );
    expect(boast.asked).toEqual([[0, 64 * 1024]]);
  });

  test("a huge tensor costs nothing to refuse", async () => {
    const size = 2 ** 45;
    const json = bytesOf(JSON.stringify({ W: f32([2 ** 43], 0, size) }));
    const boast = recording(boastfulSource(safetensors(new TextDecoder().decode(json), 0), size));
    await expect(readSafetensorsHeader(boast.source)).rejects.toThrow(
      facetError("Format", /"W" ends/),
    );
    expect(boast.asked).toEqual([[0, 64 * 1024]]);
  });

  test("stops when it is told to", async () => {
    const reading = readSafetensorsHeader(memorySource("a", good), { signal: AbortSignal.abort() });
    await expect(reading).rejects.toThrow(facetError("Cancelled", /reading a/));
  });
});
