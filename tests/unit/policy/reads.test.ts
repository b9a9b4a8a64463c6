// No read of an array may make up a number for an index outside it: `values[i] ?? 0` hides a mistake in a figure that looks
// like any other. src/lib/defined.ts says what to write instead.

import { expect, test } from "vitest";
import { sourceCode } from "./sources.ts";

/** A read at an index, and a number in its place. */
const MADE_UP = /\]\s*\?\?\s*(-?\d|-?Infinity\b|NaN\b)/;

/** Folders that still do. */
const EXEMPT = ["state", "ui"];

const isExempt = (path: string): boolean => EXEMPT.some((folder) => path.startsWith(`${folder}/`));

/** Lines of code, not of comments. */
const codeLines = (code: string): string[] =>
  code.split("\n").filter((line) => !/^\s*(\/\/|\/?\*)/.test(line));

test("no number is made up for an index outside an array", () => {
  const found = [...sourceCode()]
    .filter(([path]) => !isExempt(path))
    .flatMap(([path, code]) =>
      codeLines(code)
        .filter((line) => MADE_UP.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});

test("every exempt folder still needs to be", () => {
  const needed = EXEMPT.filter((folder) =>
    [...sourceCode()].some(
      ([path, code]) =>
        path.startsWith(`${folder}/`) && codeLines(code).some((line) => MADE_UP.test(line)),
    ),
  );
  expect(needed).toEqual(EXEMPT);
});

test.each(["values[i] ?? 0", "this.#sums[at + 1] ?? NaN", "(x[t * d + j]  ?? -1) * 2"])(
  "%s is such a read",
  (line) => expect(line).toMatch(MADE_UP),
);

test.each(["values[i] ?? other", "map.get(key) ?? 0", "names[i] ?? null", "a?.size ?? 0"])(
  "%s is none",
  (line) => expect(line).not.toMatch(MADE_UP),
);
