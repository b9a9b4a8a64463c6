// What a browser may refuse a page is reached through `offered` or `browserStorage` alone: the mere name may throw.

import { expect, test } from "vitest";
import { sourceCode } from "./sources.ts";

const REFUSED =
  /\b(?:localStorage|sessionStorage|indexedDB|cookieStore|document\.cookie|window\.caches|navigator\.(?:storage|serviceWorker|locks))\b/;
/** In a function that is handed over, not run where it stands. */
const HANDED = /\(\) => (?:window\.)?[\w.]+/;

/** Lines that name what may be refused and run it there and then; comments are none. */
const bare = (code: string): string[] =>
  code
    .split("\n")
    .map((line) => line.replace(/^\s*(?:\/?\*|\/\/).*/, ""))
    .filter((line) => REFUSED.test(line) && !HANDED.test(line));

test("no file of src/ touches storage unguarded", () => {
  const found = [...sourceCode()].flatMap(([path, code]) =>
    // There it is the name of an option of a library's.
    path === "hub/signIn.ts" ? [] : bare(code).map((line) => `${path}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test.each([
  "const kept = window.localStorage;",
  "const { serviceWorker } = navigator.serviceWorker;",
  "void navigator.storage.persist();",
  "sessionStorage.setItem(a, b);",
])("%s is unguarded", (line) => expect(bare(line)).toEqual([line]));

test.each(["offered(() => navigator.storage)", "// localStorage", "() => window.localStorage,"])(
  "%s is not",
  (line) => expect(bare(line)).toEqual([]),
);
