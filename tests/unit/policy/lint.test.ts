// The lint rules that the design leans on do bite: a small project, linted with our configuration, one case a file.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ROOT } from "./sources.ts";

const CASES: readonly (readonly [rule: string, path: string, code: string])[] = [
  ["typescript(no-explicit-any)", "lib/a.ts", "export const a = (x: any): string => String(x);"],
  [
    "typescript(no-unsafe-member-access)",
    "lib/b.ts",
    'export const a = (): unknown => JSON.parse("").b;',
  ],
  [
    "typescript(no-non-null-assertion)",
    "lib/c.ts",
    "export const a = (x: string | null): string => x!;",
  ],
  ["typescript(ban-ts-comment)", "lib/d.ts", "// @ts-ignore\nexport const a: number = 1;"],
  [
    "typescript(no-floating-promises)",
    "lib/e.ts",
    "export const a = (p: Promise<void>): void => { p; };",
  ],
  [
    "eslint(no-empty)",
    "lib/f.ts",
    "export const a = (b: () => void): void => { try { b(); } catch {} };",
  ],
  ["eslint(no-console)", "lib/g.ts", "console.log(1);"],
  ["eslint(no-warning-comments)", "lib/h.ts", ["// TO", "DO: later\nexport const a = 1;"].join("")],
  [
    "eslint(no-restricted-globals)",
    "ui/i.ts",
    'export const a = (): Promise<Response> => fetch("b");',
  ],
  [
    "eslint(no-restricted-properties)",
    "ui/j.ts",
    'export const a = (): Promise<Response> => window.fetch("b");',
  ],
  [
    "react(no-danger)",
    "ui/k.tsx",
    'export const A = () => <p dangerouslySetInnerHTML={{ __html: "b" }} />;',
  ],
  [
    "import(no-cycle)",
    "lib/l.ts",
    'import { b } from "./m.ts";\nexport const a = (): number => b();',
  ],
  [
    "import(no-cycle)",
    "lib/m.ts",
    'import { a } from "./l.ts";\nexport const b = (): number => a();',
  ],
];

/** Only src/hub may fetch. */
const CLEAN = ["hub/a.ts", 'export const a = (): Promise<Response> => fetch("b");'] as const;

/** Rules that complained, by path relative to src/. */
const complaints = new Map<string, string[]>();

beforeAll(() => {
  const project = mkdtempSync(join(tmpdir(), "facet-lint-"));
  try {
    for (const file of [".oxlintrc.json", "tsconfig.base.json"]) {
      cpSync(join(ROOT, file), join(project, file));
    }
    writeFileSync(
      join(project, "tsconfig.json"),
      '{ "extends": "./tsconfig.base.json", "compilerOptions": { "lib": ["ES2023", "DOM"], "jsx": "react-jsx" } }',
    );
    for (const [path, code] of [...CASES.map(([, ...file]) => file), CLEAN]) {
      mkdirSync(dirname(join(project, "src", path)), { recursive: true });
      writeFileSync(join(project, "src", path), code);
    }
    const { stdout, stderr } = spawnSync(
      join(ROOT, "node_modules/.bin/oxlint"),
      ["-f", "json", "src"],
      { cwd: project, encoding: "utf8", timeout: 60_000 },
    );
    if (!stdout.startsWith("{")) throw new Error(`oxlint did not run: ${stdout}${stderr}`);
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { code: string; filename: string }[];
    };
    for (const { code, filename } of diagnostics) {
      const path = filename.replaceAll("\\", "/").replace(/^.*src\//, "");
      complaints.set(path, [...(complaints.get(path) ?? []), code]);
    }
  } finally {
    rmSync(project, { recursive: true });
  }
});

test.each(CASES)("%s bites in %s", (rule, path) => {
  expect(complaints.get(path)).toContain(rule);
});

test("plain code passes, and src/hub may fetch", () => {
  expect(complaints.get(CLEAN[0])).toBeUndefined();
});
