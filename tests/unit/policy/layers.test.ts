// Imports run one way. First the real code, then proof that every rule of the table bites.

import { describe, expect, test } from "vitest";
import { importCircles, LAYERS, layerViolations, PACKAGES } from "./layers.ts";
import { sourceCode } from "./sources.ts";

const check = (path: string, code: string): string[] => layerViolations(new Map([[path, code]]));

/** A file of the layer, two folders deep where the layer is a folder. */
const fileIn = (layer: string): string =>
  /\.(tsx?|json)$/.test(layer) ? layer : `${layer}/inside.ts`;

/** `to` as a file of `from` would import it. */
function specifier(from: string, to: string): string {
  const up = "../".repeat(fileIn(from).split("/").length - 1);
  return `${up === "" ? "./" : up}${fileIn(to)}`;
}

test("src/ keeps to the table", () => {
  const files = sourceCode();
  expect(files.size).toBeGreaterThan(5);
  expect(layerViolations(files)).toEqual([]);
});

test("no files of src/ import one another in a circle, types included", () => {
  expect(importCircles(sourceCode())).toEqual([]);
  const circle = new Map([
    ["a.ts", 'import type { B } from "./b.ts";'],
    ["b.ts", 'export type { C } from "./c/c.ts";'],
    ["c/c.ts", 'await import("../a.ts");'],
    ["d.ts", 'import "./a.ts";'],
  ]);
  expect(importCircles(circle)).toEqual([["a.ts", "b.ts", "c/c.ts"]]);
});

const names = Object.keys(LAYERS);

describe.each(names.filter((name) => !name.startsWith("..")))(
  "%s may import only what the table says:",
  (from) => {
    const others = names.filter((to) => to !== from && to !== "lib");
    const table = LAYERS[from] ?? [];
    const accepted = (code: (path: string) => string): string[] =>
      others.filter((to) => check(fileIn(from), code(specifier(from, to))).length === 0);

    test("values", () => {
      const values = others.filter((to) => table.includes(to));
      expect(accepted((path) => `import { a } from "${path}";`)).toEqual(values);
      expect(accepted((path) => `export { a } from "${path}";`)).toEqual(values);
      expect(accepted((path) => `await import("${path}");`)).toEqual(values);
    });

    test("types", () => {
      const types = others.filter((to) => table.includes(to) || table.includes(`types:${to}`));
      expect(accepted((path) => `import type { A } from "${path}";`)).toEqual(types);
    });
  },
);

test.each(Object.entries(PACKAGES))("package %s is imported only by %s", (name, allowed) => {
  const code = `import a from "${name.endsWith("/") ? `${name}a` : name}";`;
  const accepted = names.filter((layer) => check(fileIn(layer), code).length === 0);
  expect(accepted.toSorted()).toEqual(allowed.toSorted());
});

test.each([
  ["an unknown package", "model/a.ts", 'import A from "left-pad";'],
  ["a package whose name only begins alike", "ui/a.tsx", 'import A from "react-router";'],
  ["Node", "lib/a.ts", 'import { readFileSync } from "node:fs";'],
  ["a computed import", "lib/a.ts", "await import(name);"],
  ["a way out of src/", "lib/a.ts", 'import "../../scripts/start.mjs";'],
  ["a side effect", "model/a.ts", 'import "../sae/b.ts";'],
  ["types beside a value", "ui/a.tsx", 'import { type A, b } from "../worker/messages.ts";'],
  ["everything of a module", "sae/a.ts", 'export * from "../model/b.ts";'],
  ["a raw file", "model/a.ts", 'import a from "../backend/webgpu/kernels/a.wgsl?raw";'],
  ["a file outside of every layer", "misc/a.ts", ""],
])("refuses %s", (_what, path, code) => {
  expect(check(path, code)).toHaveLength(1);
});
