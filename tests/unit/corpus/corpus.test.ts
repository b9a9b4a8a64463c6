// Files of every kind as documents: all of them, from any document on, and what is refused.

import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { type Content, storedContent, unpackedContent } from "../../../src/corpus/content.ts";
import { csvSource } from "../../../src/corpus/csv.ts";
import { jsonArraySource } from "../../../src/corpus/jsonArray.ts";
import { jsonlSource } from "../../../src/corpus/jsonl.ts";
import { openText } from "../../../src/corpus/openText.ts";
import { parquetSource } from "../../../src/corpus/parquet.ts";
import { plainTextSource } from "../../../src/corpus/plainText.ts";
import type { TextSource } from "../../../src/corpus/textSource.ts";
import { type ByteSource, memorySource } from "../../../src/lib/byteSource.ts";
import { FacetError } from "../../../src/lib/errors.ts";

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
const content = (name: string, text: string): Content =>
  storedContent(pieces(name, utf8(text)), utf8(text).length);

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
    jsonlSource(content("a.jsonl", text), column);

  it("gives a document a line, from any on; empty lines are none", async () => {
    const source = jsonl('{"text":"één"}\r\n\n{"text":"two\\n"}\n  \n{"text":"3"}');
    expect(await texts(source)).toEqual(["één", "two\n", "3"]);
    expect(await texts(source, 1)).toEqual(["two\n", "3"]);
    expect(await texts(source, 9)).toEqual([]);
  });

  it("takes the column that it is told", async () => {
    expect(await texts(jsonl('{"body":"b","text":"t"}', "body"))).toEqual(["b"]);
  });

  it("takes a row without a text for an empty document, as Parquet does", async () => {
    const rows = '{"text":"a"}\n{"text":null}\n{"id":1}\n{"text":"b"}';
    expect(await texts(jsonl(rows))).toEqual(["a", "", "", "b"]);
    expect(await texts(jsonl('{"text":null}'))).toEqual([""]);
    // Further on nothing is said of the rows behind.
    expect(await texts(jsonl('{"text":"a"}\n{"id":1}'), 1)).toEqual([""]);
  });

  it("refuses a column that no row has, before much of the file is read", async () => {
    const read: string[] = [];
    const reading = async (): Promise<void> => {
      const source = jsonl('{"id":1,"body":"b"}\n'.repeat(5000));
      for await (const { text } of source.read(0)) read.push(text);
    };
    await expect(reading()).rejects.toThrow(/"text".*"id", "body"/);
    expect(read.length).toBeLessThanOrEqual(1000);
  });

  it.each([
    ['{"text":"a"}\n{"text":5}', /document 1.*"text".*5/],
    ['{"id":1,"body":"b"}', /document 0.*"text".*"id", "body"/],
    ["[1]", /a list of 1/],
    ["not json", /not JSON/],
    ['{"__proto__":{"text":"a"}}', /an object with/],
  ])("refuses %s", async (text, message) => {
    await expect(texts(jsonl(text))).rejects.toThrow(message);
    await expect(texts(jsonl(text))).rejects.toMatchObject({ code: "Format" });
  });
});

describe("a JSON list", () => {
  const list = (text: string, column = "text"): TextSource =>
    jsonArraySource(content("a.json", text), column);

  it("gives a document an element, however it is laid out", async () => {
    const row = fc.record({ text: fc.oneof(fc.string({ unit: "grapheme" }), fc.constant(null)) });
    const deep = fc.anything({ maxDepth: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(row, deep)),
        fc.constantFrom(undefined, 1, "\t"),
        async (found, indent) => {
          const rows = found.map(([{ text }, other]) => ({ other, text }));
          const source = list(JSON.stringify(rows, null, indent));
          expect(await texts(source)).toEqual(rows.map(({ text }) => text ?? ""));
          expect(await texts(source, 1)).toEqual(rows.slice(1).map(({ text }) => text ?? ""));
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['[{"text":"a"}', /no end/],
    ['[{"text":"a"},]', /not JSON/],
    ['[{"text":"a"}] {"text":"b"}', /one list/],
    ['[{"text":"a"}][]', /one list/],
    ['["a"]', /document 0.*"a"/],
    ['[{"text":"a}]', /no end/],
    ['[{"text":"a"}}', /one list|no end/],
    ['[{"body":"b"}]', /"body"/],
  ])("refuses %s", async (text, message) => {
    await expect(texts(list(text))).rejects.toThrow(message);
    await expect(texts(list(text))).rejects.toMatchObject({ code: "Format" });
  });
});

describe("CSV", () => {
  const csv = (text: string, column = "text"): TextSource =>
    csvSource(content("a.csv", text), column);
  const quoted = (field: string): string =>
    /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

  it("gives a document a row, whatever its fields hold", async () => {
    const field = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc
        .array(fc.constantFrom('"', ",", "\n", "\r\n", "a", "é"), { maxLength: 6 })
        .map((all) => all.join("")),
    );
    const end = fc.constantFrom("\n", "\r\n");
    await fc.assert(
      fc.asyncProperty(fc.array(field), end, fc.boolean(), async (rows, eol, ended) => {
        const lines = ["id,text", ...rows.map((row, i) => `${i},${quoted(row)}`)];
        const source = csv(lines.join(eol) + (ended ? eol : ""));
        expect(await texts(source)).toEqual(rows);
        expect(await texts(source, 2)).toEqual(rows.slice(2));
      }),
      { numRuns: 300 },
    );
  });

  it("has names in quotation marks, blank lines and marks inside of a word", async () => {
    expect(await texts(csv('\uFEFF"text",id\r\n\r\na 5" nail,1\n'))).toEqual(['a 5" nail']);
    expect(await texts(csv('text\n""\n"a"'))).toEqual(["", "a"]);
    expect(await texts(csv(""))).toEqual([]);
  });

  it.each([
    ["id;text\n1;a", /"id;text"/],
    ["id,text\n1,a,b", /row 0 has 3 fields/],
    ['text\n"a" b', /follows a quoted field/],
    ['text\n"a', /no end/],
  ])("refuses %j", async (text, message) => {
    await expect(texts(csv(text))).rejects.toThrow(message);
    await expect(texts(csv(text))).rejects.toMatchObject({ code: "Format" });
  });
});

describe("gzip", () => {
  const packed = (bytes: Uint8Array): Content =>
    unpackedContent(storedContent(memorySource("a.jsonl.gz", bytes), bytes.length));
  const rows = Array.from({ length: 3000 }, (_, i) => `row ${i} ${Math.sin(i)}`);
  const file = gzipSync(rows.map((text) => JSON.stringify({ text })).join("\n"));

  it("is unpacked as it is read", async () => {
    expect(await texts(jsonlSource(packed(file), "text"))).toEqual(rows);
    expect(await texts(jsonlSource(packed(file), "text"), 2990)).toEqual(rows.slice(2990));
  });

  it.each([
    ["cut short", file.subarray(0, 5000)],
    ["damaged", Buffer.concat([file.subarray(0, 5000), Buffer.alloc(100), file.subarray(5100)])],
  ])("that is %s is refused in words", async (_, bytes) => {
    const reading = texts(jsonlSource(packed(bytes), "text"));
    await expect(reading).rejects.toMatchObject({
      code: "Format",
      message: expect.stringContaining("a.jsonl.gz"),
    });
  });

  it("tells what went wrong with the file itself", async () => {
    const moved: Content = {
      name: "a",
      bytes: 10,
      // eslint-disable-next-line require-yield
      async *pieces() {
        throw new FacetError("EntryNotFound", "it was moved");
      },
    };
    await expect(texts(plainTextSource(unpackedContent(moved)))).rejects.toThrow("it was moved");
  });

  it("that unpacks to a thousand times its size is no more in memory than a piece of it", async () => {
    const bomb = gzipSync(new Uint8Array(64 * 2 ** 20).fill(0x0a), { level: 9 });
    let [given, taken, most] = [0, 0, 0];
    const watched: Content = {
      ...storedContent(memorySource("a.jsonl.gz", bomb), bomb.length),
      async *pieces() {
        for (let at = 0; at < bomb.length; at += 1000) {
          given += Math.min(1000, bomb.length - at);
          yield { bytes: bomb.subarray(at, at + 1000), end: given };
        }
      },
    };
    for await (const { bytes } of unpackedContent(watched).pieces()) {
      taken += bytes.length;
      most = Math.max(most, given * 1032 - taken);
    }
    expect(taken).toBe(64 * 2 ** 20);
    // What was handed over and not unpacked yet, at the most that it could become.
    expect(most).toBeLessThan(24 * 2 ** 20);
  });

  it("with a line of zeros without end is refused", async () => {
    const bomb = gzipSync(new Uint8Array(20 * 2 ** 20).fill(0x61));
    const reading = texts(jsonlSource(packed(bomb), "text"));
    await expect(reading).rejects.toMatchObject({ code: "Format" });
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const _ of packed(file).pieces({ signal: stop.signal })) stop.abort();
    };
    await expect(reading()).rejects.toMatchObject({ code: "Cancelled" });
  });
});

describe("which kind a file is", () => {
  const open = (name: string, bytes: Uint8Array): Promise<TextSource> =>
    openText(memorySource(name, bytes), "text");
  const row = utf8('{"text":"a"}\n{"text":"b"}');
  const parquet = new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: "text", data: ["a", "b"] }] }),
  );

  it.each<[string, Uint8Array]>([
    ["a.jsonl", row],
    ["a.NDJSON", row],
    ["a.json", row],
    ["folder.v2/a.json", utf8('\uFEFF [{"text":"a"},{"text":"b"}]')],
    ["a.csv", utf8("text\na\nb")],
    ["a.parquet", parquet],
    ["a.txt", parquet],
    ["a.jsonl.gz", gzipSync(row)],
    ["a.json.GZ", gzipSync('[{"text":"a"},{"text":"b"}]')],
    ["a.csv.gz", gzipSync("text\na\nb")],
    // What a browser unpacked while it downloaded, and what was renamed.
    ["a.jsonl.gz", row],
    ["a.jsonl", gzipSync(row)],
  ])("%s is read", async (name, bytes) => {
    expect(await texts(await open(name, bytes))).toEqual(["a", "b"]);
  });

  it.each(["a.txt", "a.md", "a.text", "a.txt.gz"])(
    "%s is text, whatever it holds",
    async (name) => {
      expect(await texts(await open(name, row))).toEqual(['{"text":"a"}\n{"text":"b"}']);
    },
  );

  it("a file of nothing has no documents", async () => {
    for (const name of ["a.txt", "a.jsonl", "a.json", "a.csv"])
      expect(await texts(await open(name, new Uint8Array(0)))).toEqual([]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["corpus.pdf", row, /".pdf"/],
    ["corpus.tsv", row, /".tsv"/],
    ["corpus.jsonl.zst", row, /".zst"/],
    ["corpus", row, /no ending/],
    ["v1.2/corpus", row, /no ending/],
    ["corpus.gz", gzipSync(row), /no ending/],
    ["a.txt", Uint8Array.of(0x50, 0x4b, 3, 4, 9), /ZIP/],
    ["a.jsonl", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), /Zstandard/],
    ["a.txt", utf8("%PDF-1.7"), /PDF/],
    ["a.csv", Uint8Array.of(0xff, 0xfe, 0x61, 0), /UTF-16/],
    ["a.md", Uint8Array.of(0x61, 0, 0x62), /binary/],
    ["a.jsonl.gz", gzipSync(gzipSync(row)), /twice/],
    ["a.txt.gz", gzipSync(parquet), /Parquet packed/],
    ["a.parquet.gz", gzipSync(parquet), /Parquet packed/],
    ["a.json", utf8('"a"'), /no list of objects/],
  ])("%s is refused", async (name, bytes, message) => {
    const found = await open(name, bytes).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(FacetError);
    expect((found as FacetError).code).toMatch(/^(Unsupported|Format)$/);
    expect((found as FacetError).message).toMatch(message);
    expect((found as FacetError).message).toContain(name);
  });
});

describe("plain text", () => {
  const plain = (text: string): TextSource => plainTextSource(content("a.txt", text));

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
