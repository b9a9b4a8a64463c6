// Neuronpedia as a source of labels: what it is sent, what of its answer is believed, and how it may fail.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { neuronpediaLabel, parseNeuronpediaId } from "../../../src/hub/neuronpedia.ts";

const ID = "gemma-2b/6-res-jb";

let server: Server;
let origin: string;
let asked: IncomingMessage[] = [];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  };
const ask = (index = 17) => neuronpediaLabel(ID, index, undefined, origin);

test("the number of the feature is all that is sent", async () => {
  answer = json({ index: "17", explanations: [{ description: " verbs\nof saying " }] });
  expect(await ask()).toEqual({ text: "verbs of saying", author: null });
  expect(asked.map(({ method, url }) => [method, url])).toEqual([
    ["GET", "/api/feature/gemma-2b/6-res-jb/17"],
  ]);
  expect(asked[0]?.headers).not.toHaveProperty("cookie");
  expect(asked[0]?.headers).not.toHaveProperty("referer");
});

test("the first explanation that is a text counts, with who wrote it", async () => {
  answer = json({
    explanations: [
      null,
      { description: 5 },
      { description: "  " },
      { description: "told", explanationModelName: "gpt-4o", typeName: "oai" },
      { description: "second" },
    ],
  });
  expect(await ask()).toEqual({ text: "told", author: "gpt-4o, oai" });
});

test.each([
  ["without explanations", {}],
  ["with none", { explanations: [] }],
  ["with something else", { explanations: "a" }],
])("an answer %s is no label", async (_what, value) => {
  answer = json(value);
  expect(await ask()).toBeNull();
});

test("a feature it does not know has no label", async () => {
  answer = json("no", 404);
  expect(await ask()).toBeNull();
});

test.each([
  ["no JSON", json("<html>"), "Format"],
  ["a list", json([]), "Format"],
  ["nested without end", json("[".repeat(1000)), "Format"],
  ["an error of its own", json("", 500), "Network"],
  ["an answer without end", json(" ".repeat(9 * 1024 * 1024)), "Network"],
  [
    "another address",
    (response: ServerResponse) => {
      response.writeHead(302, { Location: "https://evil.example/" });
      response.end();
    },
    "Network",
  ],
] as const)("%s is an error in words", async (_what, how, code) => {
  answer = how;
  await expect(ask()).rejects.toMatchObject({ code });
});

test("a hostile text is cut, and stays one line", async () => {
  answer = json({ explanations: [{ description: `<img>\u2028${"x".repeat(5000)}` }] });
  const label = await ask();
  expect(label?.text.length).toBeLessThanOrEqual(300);
  expect(label?.text).toMatch(/^<img> x+$/);
});

test("names that are none are never asked about", async () => {
  for (const id of ["a", "a/b/c", "../x", "a/..", "a/b?c", "a/b#c", " a/b", "a//b", "https://x"]) {
    expect(parseNeuronpediaId(id), id).toBeNull();
    await expect(neuronpediaLabel(id, 1, undefined, origin), id).rejects.toMatchObject({
      code: "BadLink",
    });
  }
  await expect(ask(-1)).rejects.toMatchObject({ code: "BadLink" });
  await expect(ask(0.5)).rejects.toMatchObject({ code: "BadLink" });
  expect(asked).toEqual([]);
  expect(parseNeuronpediaId(ID)).toBe(ID);
});
