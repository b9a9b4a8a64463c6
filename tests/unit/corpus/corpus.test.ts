// Files of every kind as documents: all of them, from any document on, and what is refused.

import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { jsonlSource } from "../../../src/corpus/jsonl.ts";
import { parquetSource } from "../../../src/corpus/parquet.ts";
import { plainTextSource } from "../../../src/corpus/plainText.ts";
import type { TextSource } from "../../../src/corpus/textSource.ts";
import { type ByteSource, memorySource } from "../../../src/lib/byteSource.ts";

/** In pieces of 7 bytes: characters and lines are cut anywhere. */
function pieces(name: string, bytes: Uint8Array): ByteSource {
  const whole = memorySource(name, bytes);
  return {
    ...whole,
    async *stream(start, end) {
      for (let at = start; at < end; at += 7) yield bytes.subarray(at, Math.min(end, at + 7));
    },
  };
}
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

async function texts(source: TextSource, first = 0): Promise<string[]> {
  const found: string[] = [];
  let before = 0;
  for await (const { text, share } of source.read(first)) {
    expect(share).toBeGreaterThanOrEqual(before);
    expect(share).toBeLessThanOrEqual(1);
    before = share;
    found.push(text);
  }
  return found;
}

describe("JSONL", () => {
  const jsonl = (text: string, column = "text"): TextSource =>
    jsonlSource(pieces("a.jsonl", utf8(text)), utf8(text).length, column);

  it("gives a document a line, from any on; empty lines are none", async () => {
    const source = jsonl('{"text":"één"}\r\n\n{"text":"two\\n"}\n  \n{"text":"3"}');
    expect(await texts(source)).toEqual(["één", "two\n", "3"]);
    expect(await texts(source, 1)).toEqual(["two\n", "3"]);
    expect(await texts(source, 9)).toEqual([]);
  });

  it("takes the column that it is told", async () => {
    expect(await texts(jsonl('{"body":"b","text":"t"}', "body"))).toEqual(["b"]);
  });

  it.each([
    ['{"text":"a"}\n{"id":1,"body":"b"}', /document 1.*"text".*"id", "body"/],
    ['{"text":5}', /"text".*"text"/],
    ["[1]", /a list of 1/],
    ["not json", /not JSON/],
    ['{"__proto__":{"text":"a"}}', /an object with/],
  ])("refuses %s", async (text, message) => {
    await expect(texts(jsonl(text))).rejects.toThrow(message);
    await expect(texts(jsonl(text))).rejects.toMatchObject({ code: "Format" });
  });
});

describe("plain text", () => {
  const plain = (text: string): TextSource =>
    plainTextSource(pieces("a.txt", utf8(text)), utf8(text).length);

  it("is one document while it is short", async () => {
    expect(await texts(plain("One.\n\nTwo.\n"))).toEqual(["One.\n\nTwo."]);
    expect(await texts(plain(""))).toEqual([]);
  });

  it("is cut at empty lines once it is long, and at any line where there are none", async () => {
    const paragraph = `${"word ".repeat(1000)}\n\n`;
    const cut = await texts(plain(paragraph.repeat(10)));
    expect(cut.length).toBe(3);
    expect(cut.join("").replaceAll(/\s/g, "")).toBe(paragraph.repeat(10).replaceAll(/\s/g, ""));
    expect(await texts(plain(paragraph.repeat(10)), 2)).toEqual(cut.slice(2));
    const lines = `${"word ".repeat(1000)}\n`.repeat(40);
    expect((await texts(plain(lines))).length).toBeGreaterThan(2);
  });
});

describe("Parquet", () => {
  const rows = Array.from({ length: 25 }, (_, i) => `document ${i}`);
  const parquet = (column = "text", data: unknown[] = rows): TextSource => {
    const columnData = [
      { name: "id", data: data.map((_, i) => i) },
      { name: "text", data, type: "STRING" as const },
    ];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 10 }));
    return parquetSource(memorySource("a.parquet", bytes), bytes.length, column);
  };

  it("gives a document a row, from any on", async () => {
    const source = parquet();
    expect(await texts(source)).toEqual(rows);
    expect(await texts(source, 13)).toEqual(rows.slice(13));
    expect(await texts(source, 25)).toEqual([]);
  });

  it("takes a missing text for an empty one", async () => {
    expect(await texts(parquet("text", ["a", null, "b"]))).toEqual(["a", "", "b"]);
  });

  it("refuses a column that is not there, by name, and one that holds no text", async () => {
    await expect(texts(parquet("body"))).rejects.toMatchObject({
      code: "Format",
      message: expect.stringContaining('no column "body"; there are "id", "text"'),
    });
    await expect(texts(parquet("id"))).rejects.toMatchObject({ code: "Format" });
  });

  it("refuses a text that no one would read", async () => {
    const long = parquet("text", ["a", "x".repeat(16 * 1024 * 1024 + 1)]);
    await expect(texts(long)).rejects.toMatchObject({
      code: "Format",
      message: expect.stringContaining("row 1: its text has 16777217 bytes"),
    });
  });

  it.each([
    ["empty", new Uint8Array(0)],
    ["no Parquet", utf8("PAR1 but not really, only its first letters")],
    [
      "a footer over its size",
      Uint8Array.of(...utf8("PAR1abcd"), 255, 255, 255, 127, ...utf8("PAR1")),
    ],
  ])("refuses a file that is %s", async (_, bytes) => {
    const source = parquetSource(memorySource("a.parquet", bytes), bytes.length, "text");
    await expect(texts(source)).rejects.toMatchObject({ code: "Format" });
  });
});
