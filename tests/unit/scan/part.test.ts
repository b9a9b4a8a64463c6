// Parts: what is written is read again, and what is damaged or lies is refused.

import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { openParquet } from "../../../src/formats/parquet.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { FacetError } from "../../../src/lib/errors.ts";
import type { Provenance } from "../../../src/lib/report.ts";
import { bfloat16Bits, fromBfloat16Bits } from "../../../src/scan/bfloat16.ts";
import { ByteCursor, ByteWriter } from "../../../src/scan/part/bytes.ts";
import { PART_KEY, type ScanPart } from "../../../src/scan/part/part.ts";
import { readPart } from "../../../src/scan/part/readPart.ts";
import { writePart } from "../../../src/scan/part/writePart.ts";
import { merge, type ScanState } from "../../../src/scan/state.ts";
import { arbitraryCorpus, content, scanOf, sums, testPlan } from "../../support/scans.ts";

const FEATURES = 5;
const plan = testPlan(FEATURES, {
  top: 3,
  perStratum: 2,
  sample: 4,
  window: 5,
  sketch: 6,
  sums: 2,
});

const provenance: Provenance = {
  facet: "0.0.0",
  model: plan.subject.model,
  sae: { ...plan.subject.sae, dIn: 4, architecture: "standard", prependBos: true },
  backend: { name: "tfjs-wasm", adapter: "wasm" },
};
const partOf = (state: ScanState): ScanPart => ({ corpus: "a corpus", provenance, state });
const read = (bytes: Uint8Array): Promise<ScanPart> => readPart(memorySource("x.parquet", bytes));

const one = fc.sample(arbitraryCorpus(FEATURES), { numRuns: 1, seed: 7 })[0] ?? [];
const bytes = writePart(partOf(scanOf(plan, one)));

describe("a part", () => {
  it("is read as it was written, and merges as the scan itself", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCorpus(FEATURES), async (contexts) => {
        const state = scanOf(plan, contexts, 3);
        state.finished = true;
        state.sources.pass(state.sources.number("a.jsonl"), 7);
        const found = await read(writePart(partOf(state)));
        expect(content(found.state)).toEqual(content(state));
        expect(sums(found.state)).toEqual(sums(state));
        expect(found.state.finished).toBe(true);
        expect(found).toMatchObject({ corpus: "a corpus", provenance });
        const rest = scanOf(
          plan,
          contexts.slice(0, 1).map((first) => ({ ...first, source: "other" })),
        );
        expect(content(merge(found.state, rest))).toEqual(content(merge(state, rest)));
      }),
      { numRuns: 30 },
    );
  });

  it("has columns that any Parquet library reads", async () => {
    const file = await openParquet(memorySource("x", bytes));
    expect(file.columns).toEqual([
      "count",
      "sum",
      "sum_squares",
      "max",
      "exponent",
      "histogram",
      "sketch",
      "passages",
      "text",
    ]);
    const state = scanOf(plan, one);
    expect((await file.read("count", 0, FEATURES)).map(Number)).toEqual([...state.count]);
    expect(await file.read("max", 0, FEATURES)).toEqual([...state.max]);
  });

  it("that was cut short or damaged anywhere is refused, or read as another sound part", async () => {
    const damage = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, to, cut }) => {
        const damaged = cut ? bytes.slice(0, at) : bytes.slice();
        if (!cut) damaged[at] = to;
        const found = await read(damaged).catch((error: unknown) => error);
        if (found instanceof Error) {
          expect(found).toBeInstanceOf(FacetError);
          expect((found as FacetError).code).toMatch(/^(Format|Unsupported)$/);
        }
      }),
      { numRuns: Number(process.env["FACET_FUZZ"] ?? 400) },
    );
  });

  /** Of the metadata, what the cases below change. */
  interface About {
    head: {
      plan?: {
        version: number;
        subject: { sae: { dSae: number } };
        settings: { window: number };
      };
      sources: { ranges: number[][] }[];
    };
    l0: number[];
  }
  const planOf = ({ head }: About) => head.plan ?? { ...plan, settings: { ...plan.settings } };

  /** The part with its metadata changed. */
  async function withMetadata(change: (about: About) => unknown): Promise<Uint8Array> {
    const file = await openParquet(memorySource("x", bytes));
    const about = JSON.parse(file.metadata.get(PART_KEY) ?? "") as About;
    change(about);
    const none = { name: "count", type: "INT64" as const, data: [0n] };
    const kvMetadata = [{ key: PART_KEY, value: JSON.stringify(about) }];
    return new Uint8Array(parquetWriteBuffer({ columnData: [none], kvMetadata }));
  }

  it.each([
    [
      "a version that is not ours",
      (a: About) => Object.assign(planOf(a), { version: 99 }),
      "Unsupported",
      "version 99",
    ],
    [
      "too much memory",
      (a: About) => Object.assign(planOf(a).subject.sae, { dSae: 1 << 24 }),
      "Unsupported",
      "bytes of memory",
    ],
    [
      "a window of nothing",
      (a: About) => Object.assign(planOf(a).settings, { window: 0 }),
      "Format",
      "window is 0",
    ],
    [
      "a range that ends before it begins",
      (a: About) => Object.assign(a.head.sources[0] ?? {}, { ranges: [[3, 2]] }),
      "Format",
      "ranges",
    ],
    ["tables of another length", (a: About) => a.l0.push(1), "Format", "length"],
    ["fewer rows than features", () => undefined, "Format", "rows for 5 features"],
    ["no plan", (a: About) => delete a.head.plan, "Format", "plan is undefined"],
  ] as const)("is refused for %s", async (_, change, code, words) => {
    const refused = read(await withMetadata(change));
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it("is no other Parquet file", async () => {
    const other = parquetWriteBuffer({ columnData: [{ name: "text", data: ["a"] }] });
    await expect(read(new Uint8Array(other))).rejects.toMatchObject({ code: "Format" });
  });
});

describe("small numbers as bytes", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER })), (numbers) => {
        const writer = new ByteWriter();
        for (const number of numbers) writer.number(number);
        const cursor = new ByteCursor(writer.done(), "x");
        for (const number of numbers) expect(cursor.number(Number.MAX_SAFE_INTEGER)).toBe(number);
        expect(cursor.ended).toBe(true);
        expect(() => cursor.number(1)).toThrow(FacetError);
      }),
    );
  });

  it("over what is allowed are refused", () => {
    const writer = new ByteWriter();
    writer.number(300);
    expect(() => new ByteCursor(writer.done(), "x").number(299)).toThrow("over 299");
  });

  it("in bfloat16 are the nearest there are", () => {
    fc.assert(
      fc.property(
        fc.float({ min: Math.fround(1e-30), max: Math.fround(1e30), noNaN: true }),
        (value) => {
          const bits = bfloat16Bits(value);
          const error = (half: number): number => Math.abs(fromBfloat16Bits(half) - value);
          expect(error(bits)).toBeLessThanOrEqual(Math.min(error(bits - 1), error(bits + 1)));
        },
      ),
    );
  });
});
