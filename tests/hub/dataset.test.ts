// A dataset of a hub as a corpus: its Parquet files in order, read by range, without keeping anything.

import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubLibrary } from "../../src/session/library/hubLibrary.ts";
import { Tokens } from "../../src/hub/endpoint.ts";
import { memoryFile } from "./repos.ts";
import { startTestHub, type TestHub } from "./server.ts";

const shard = (from: number): Uint8Array => {
  const rows = Array.from({ length: 30 }, (_, i) => from + i);
  const text = { name: "text", data: rows.map((row) => `document ${row} `.repeat(40)) };
  // A column that no scan needs, and much larger.
  const other = {
    name: "embedding",
    data: rows.map((row) => `${row}${Math.random()}`.repeat(4000)),
  };
  const columnData = [other, text];
  return new Uint8Array(
    parquetWriteBuffer({ columnData, rowGroupSize: 10, codec: "UNCOMPRESSED" }),
  );
};

let hub: TestHub;
beforeAll(async () => {
  const files = [
    memoryFile("README.md", new TextEncoder().encode("# A dataset")),
    memoryFile("data/train-1.parquet", shard(30)),
    memoryFile("data/train-0.parquet", shard(0)),
  ];
  hub = await startTestHub({ repos: { "datasets/someone/texts": { files } } });
});
afterAll(() => hub.close());

const library = new HubLibrary({ tokens: new Tokens(), cache: () => Promise.resolve(null) });
const open = (dataset: string, column?: string) =>
  library.dataset(
    { kind: "dataset", dataset, endpoint: hub.endpoint, ...(column !== undefined && { column }) },
    {},
  );

describe("a hub's dataset", () => {
  it("gives the rows of its files in the order of their names", async () => {
    const { name, sources } = await open("someone/texts");
    expect(name).toBe("someone/texts");
    const found: string[] = [];
    for (const source of sources) {
      for await (const { text } of source.read(25)) found.push(text.slice(0, 11).trim());
    }
    expect(found).toEqual([25, 26, 27, 28, 29, 55, 56, 57, 58, 59].map((row) => `document ${row}`));
    expect(new Set(sources.map((source) => source.name)).size).toBe(2);
  });

  it("reads the column of the text, and no more of the file", async () => {
    const { sources } = await open("someone/texts");
    const [first] = sources;
    hub.stats.clear();
    let characters = 0;
    for await (const { text } of first?.read(0) ?? []) characters += text.length;
    const { bytes } = hub.stats.of("datasets/someone/texts/data/train-0.parquet");
    expect(first?.bytes).toBeGreaterThan(1_500_000);
    // The footer's first read takes 64 KiB.
    expect(bytes).toBeLessThan(66_000 + 2 * characters);
  });

  it("is found by the address of its page, at the hub that is read", async () => {
    const page = `${hub.endpoint}/datasets/someone/texts/tree/main/data`;
    expect((await open(page)).sources).toHaveLength(2);
    await expect(open("https://huggingface.co/datasets/someone/texts")).rejects.toMatchObject({
      code: "BadLink",
      message: expect.stringContaining("at another hub"),
    });
    await expect(open(`${hub.endpoint}/someone/texts`)).rejects.toMatchObject({ code: "BadLink" });
  });

  it("says what there is where the column is missing, and what to do where no Parquet is", async () => {
    const { sources } = await open("someone/texts", "body");
    const reading = async (): Promise<void> => {
      for await (const _ of sources[0]?.read(0) ?? []);
    };
    await expect(reading()).rejects.toMatchObject({
      code: "Format",
      message: expect.stringContaining('"embedding", "text"'),
    });
    await expect(open("someone/nothing")).rejects.toMatchObject({ code: "RepoNotFound" });
    await expect(open("someone/texts/other")).rejects.toMatchObject({ code: "EntryNotFound" });
  });
});
