// JSON as Python writes it: what JSON.parse reads, and the three numbers that it does not know.

import { describe, expect, test } from "vitest";
import { parseJson, parseJsonObject, writeJson } from "../../../src/lib/json.ts";
import { facetError } from "../formats/facetError.ts";
import { bytesOf } from "../formats/files.ts";

describe("parseJson", () => {
  test.each<[string, unknown]>([
    ["NaN", NaN],
    ["[Infinity,-Infinity , NaN]", [Infinity, -Infinity, NaN]],
    ['{"a": NaN, "b": {"c": [1, -Infinity]}}', { a: NaN, b: { c: [1, -Infinity] } }],
    ['{"NaN": "NaN, Infinity", "b": NaN}', { NaN: "NaN, Infinity", b: NaN }],
    [String.raw`{"a\"NaN": "\\", "b": Infinity}`, { 'a"NaN': "\\", b: Infinity }],
    ['[["NaN"], NaN]', [["NaN"], NaN]],
    ["[1e999, -1e999]", [Infinity, -Infinity]],
    ['{"a": 1}', { a: 1 }],
  ])("%s", (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  test("keys of Object's own are keys like any", () => {
    const value = parseJson('{"__proto__": {"k": 1}, "a": NaN}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__", "a"]);
  });

  test.each([
    "-NaN",
    "+Infinity",
    "1Infinity",
    "1.Infinity",
    "Infinity5",
    "NaN5",
    "{NaN: 1}",
    "[Infinit, 1]",
    "nan",
    '"NaN',
    "",
  ])("%s is no JSON, for Python neither", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

describe("parseJsonObject", () => {
  test("reads what Python's json.dump writes", () => {
    expect(parseJsonObject(bytesOf('{"lp_norm": Infinity, "loss": NaN}'), "cfg.json")).toEqual({
      lp_norm: Infinity,
      loss: NaN,
    });
  });

  test("still sees a key that stands twice", () => {
    const read = () => parseJsonObject(bytesOf('{"a": NaN, "a": 1}'), "x", { uniqueKeys: true });
    expect(read).toThrow(facetError("Format", /stands twice/));
  });
});

test("writeJson writes it back", () => {
  const value = { a: [NaN, -Infinity], b: "NaN", c: { d: Infinity, e: null, f: 1.5 } };
  expect(parseJson(writeJson(value, 1))).toEqual(value);
  expect(writeJson({ a: NaN }, 0)).toBe('{"a":NaN}');
});
