// Comments cite documents that stand in the repository: every section that one names is there.

import { describe, expect, it, test } from "vitest";
import { readText, repositoryFiles } from "./sources.ts";

const DOCS = repositoryFiles("docs").filter((path) => path.endsWith(".md"));

/** Numbers of a document's headings: "## 3. …" and "### 3.6 …". */
const sectionsOf = (text: string): ReadonlySet<string> =>
  new Set(Array.from(text.matchAll(/^#{2,4} (\d+(?:\.\d+)*)\.? /gm), ([, number = ""]) => number));

const SECTIONS = new Map(DOCS.map((path) => [path, sectionsOf(readText(path))]));

/** Documents of others, cited by their own sections. */
const OTHERS = /(?:RFC \d+|IEEE 754-2008)$/;

/**
 * What is wrong with the citations of a text, in words. A citation is a document and §number, or several numbers:
 * "docs/maths.md §4.2, §4.3". Inside docs/ the folder may be left out, and the document where it is the same.
 */
function citationFaults(path: string, text: string): string[] {
  const faults: string[] = [];
  let cited: ReadonlySet<string> | undefined;
  let end = -1;
  for (const match of text.matchAll(/§\s?(\d+(?:\.\d+)*)?/g)) {
    const before = text.slice(0, match.index).trimEnd();
    // After a comma the document is the one before.
    const goesOn = end !== -1 && /^,?$/.test(text.slice(end, match.index).trim());
    end = match.index + match[0].length;
    if (goesOn && cited === undefined) continue;
    if (!goesOn) {
      if (OTHERS.test(before)) {
        cited = undefined;
        continue;
      }
      const own = path.startsWith("docs/") ? path : undefined;
      const [document = own] = /[\w./-]+\.md$/.exec(before) ?? [];
      if (document === undefined) {
        faults.push(`${path}: ${match[0]} of no document`);
        continue;
      }
      const file =
        path.startsWith("docs/") && !document.includes("/") ? `docs/${document}` : document;
      cited = SECTIONS.get(file);
      if (cited === undefined) {
        faults.push(`${path}: ${document} is no document in docs/`);
        continue;
      }
    }
    if (match[1] === undefined || cited?.has(match[1]) !== true) {
      faults.push(`${path}: ${before.slice(-30)} ${match[0]} is no section`);
    }
  }
  return faults;
}

/** This file names sections that are not there. */
const FILES = repositoryFiles()
  .filter((path) => /\.(ts|tsx|mjs|js|wgsl|py|md|css|html)$/.test(path))
  .filter((path) => path !== "tests/unit/policy/citations.test.ts");

test("every section that is cited stands in docs/", () => {
  expect(FILES.length).toBeGreaterThan(100);
  expect(FILES.flatMap((path) => citationFaults(path, readText(path)))).toEqual([]);
});

test("the documents have sections, numbered in order and each once", () => {
  for (const path of ["docs/maths.md", "docs/formats.md"]) {
    const numbers = Array.from(
      readText(path).matchAll(/^#{2,4} (\d+(?:\.\d+)*)\.? /gm),
      ([, number = ""]) => number,
    );
    expect(numbers.length).toBeGreaterThan(10);
    const inOrder = numbers.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
    expect(numbers).toEqual(inOrder);
    expect(new Set(numbers).size).toBe(numbers.length);
  }
});

describe("the check bites", () => {
  it.each([
    ["src/a.ts", "// See maths.md §1."],
    ["src/a.ts", "// See docs/maths.md §99."],
    ["src/a.ts", "// See docs/other.md §1."],
    ["src/a.ts", "// See §1."],
    ["src/a.ts", "// See docs/maths.md §4.2, §4.99."],
    ["docs/formats.md", "See maths.md §99."],
    ["docs/formats.md", "See §99."],
  ])("in %s: %s", (path, text) => expect(citationFaults(path, text)).toHaveLength(1));

  it.each([
    ["src/a.ts", "// See docs/maths.md §4.2, §4.3, and RFC 9110 §10.2.3."],
    ["docs/formats.md", "See maths.md §1.1, and (§4.1)."],
  ])("and not in %s: %s", (path, text) => expect(citationFaults(path, text)).toEqual([]));
});
