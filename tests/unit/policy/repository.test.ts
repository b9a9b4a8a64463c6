// What holds for the repository as a whole and no linter says.

import { describe, expect, test } from "vitest";
import { readText, repositoryFiles, sourceCode } from "./sources.ts";

const files = repositoryFiles();

/** Files that people write as text; weights and pictures are left out. */
const texts = files.filter(
  (path) => !/\.(safetensors|parquet|png|jpe?g|webp|ico|wasm)$/.test(path),
);

test("a file of src/ has at most 400 lines", () => {
  const long = [...sourceCode()].filter(([, code]) => code.split("\n").length > 401);
  expect(long.map(([path]) => path)).toEqual([]);
});

test("a file of src/ opens by saying what it is", () => {
  const silent = [...sourceCode()].filter(([, code]) => !/^(\/\/|\/\*) ?\S/.test(code));
  expect(silent.map(([path]) => path)).toEqual([]);
});

/** Home and work folders of the machine that a file was written on. */
const MACHINE = /(?<![\w.~-])\/(?:work|home|Users|root)\/[\w.-]+/;

describe("no file names a machine", () => {
  test("in its text", () => {
    const naming = texts.filter((path) => MACHINE.test(readText(path)));
    expect(naming).toEqual([]);
  });

  // Written without their first slash, or this file would name one.
  test.each(["work/main/src", "home/ada/facet", "Users/ada/facet"])("as in /%s", (path) => {
    expect(`at "/${path}"`).toMatch(MACHINE);
  });

  test.each(["src/work/main.ts", "https://example.com/home/ada", "./home/ada"])(
    "unlike %s",
    (text) => expect(text).not.toMatch(MACHINE),
  );
});

test("the lock file names no registry", () => {
  expect(readText("package-lock.json")).not.toContain('"resolved"');
});

test("the lock file has the packages of every platform", () => {
  const { packages } = JSON.parse(readText("package-lock.json")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  // npm leaves out what the registry did not have that day, and then refuses its own lock file.
  const paths = Object.keys(packages);
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));
  expect(missing).toEqual([]);
});

test("the tokenizer library is the one that transformers runs", () => {
  const { dependencies } = JSON.parse(readText("package.json")) as {
    dependencies: Record<string, string>;
  };
  const { packages } = JSON.parse(readText("package-lock.json")) as {
    packages: Record<string, { version?: string }>;
  };
  // npm nests a second one under transformers where it asks for another.
  const installed = Object.entries(packages)
    .filter(([path]) => path.endsWith("node_modules/@huggingface/tokenizers"))
    .map(([, { version }]) => version);
  expect(installed).toEqual([dependencies["@huggingface/tokenizers"]]);
  expect(dependencies).toHaveProperty("@huggingface/transformers");
});

test("packages have exact versions, and install scripts stay off", () => {
  const { dependencies, devDependencies } = JSON.parse(readText("package.json")) as Record<
    "dependencies" | "devDependencies",
    Record<string, string>
  >;
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version),
  );
  expect(loose).toEqual([]);
  expect(readText(".npmrc")).toMatch(/^ignore-scripts=true$/m);
});
