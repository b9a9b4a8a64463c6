// What src/ does not do with what strangers send: hand a list of any length over as the arguments of a call, which the
// stack has no room for, or parse an address with the constructor, whose TypeError says nothing to a reader.

import { parseSync } from "vite";
import { expect, test } from "vitest";
import { sourceCode } from "./sources.ts";

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodes(item);
  } else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) yield* nodes(child);
  }
}

const nameOf = (node: unknown): string =>
  isNode(node) && node.type === "Identifier" ? String(node["name"]) : "";

const argumentsOf = (node: Node): readonly Node[] =>
  ["CallExpression", "NewExpression"].includes(node.type) ? (node["arguments"] as Node[]) : [];

/** Spreads of anything but a rest parameter, which came as arguments, and a constant list of the code. */
function spreads(path: string, code: string): string[] {
  const { program } = parseSync(path, code);
  const all = [...nodes(program)];
  const rest = new Set(
    all.flatMap((node) => (node.type === "RestElement" ? [nameOf(node["argument"])] : [])),
  );
  return all
    .flatMap(argumentsOf)
    .filter((argument) => argument.type === "SpreadElement")
    .filter(({ argument }) => !rest.has(nameOf(argument)) && !/^[A-Z_]+$/.test(nameOf(argument)))
    .map(({ start, end }) => `${path}: ${code.slice(Number(start), Number(end))}`);
}

/** `new URL` whose first argument is not written out in the code, nor this page's own address. */
function addresses(path: string, code: string): string[] {
  return [...nodes(parseSync(path, code).program)]
    .filter((node) => node.type === "NewExpression" && nameOf(node["callee"]) === "URL")
    .filter((node) => {
      const [first] = argumentsOf(node);
      const written =
        first !== undefined && code.slice(Number(first["start"]), Number(first["end"]));
      return first?.type !== "Literal" && written !== "location.href";
    })
    .map(({ start, end }) => `${path}: ${code.slice(Number(start), Number(end))}`);
}

test("no call is given a list as its arguments", () => {
  expect([...sourceCode()].flatMap(([path, code]) => spreads(path, code))).toEqual([]);
});

test("no address of a stranger is parsed by a constructor that throws", () => {
  // The bundle's manifest is the build's own, and lists plain paths.
  const known = /^hub\/bundle\.ts: new URL\(path, base\)$/;
  const found = [...sourceCode()].flatMap(([path, code]) => addresses(path, code));
  expect(found.filter((text) => !known.test(text))).toEqual([]);
});

test.each([
  ["list.push(...others);", 1],
  ["Math.max(...values.map(Number));", 1],
  ["new Set(...lists);", 1],
  ["const a = [...others];", 0],
  ["const f = (...names) => g(...names);", 0],
  ["oneOf(...NAMES);", 0],
])("as in %s", (code, count) => expect(spreads("a.ts", code)).toHaveLength(count));

test.each([
  ["new URL(link);", 1],
  ["new URL(next, base);", 1],
  ['new URL("./", location.href);', 0],
  ["URL.parse(link);", 0],
])("and in %s", (code, count) => expect(addresses("a.ts", code)).toHaveLength(count));
