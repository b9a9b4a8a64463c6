// Names of repos as people type them, and the hostile ones.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRepoRef, readings } from "../../../src/hub/repoId.ts";

/** As people have named them. */
const FOLDERS = [
  "blocks.1 (v2)",
  "sae#1",
  "c++, k=64",
  "слой-1",
  "50%",
  "a&b",
  "o'brien",
  "x~y",
  "[best]",
  "v2@step 100",
  "c%2f..",
  "<script>",
  "what?",
  "a\\b",
];

describe("parseRepoRef", () => {
  it.each<[string, string, string | null, string]>([
    ["google/gemma-2b", "google/gemma-2b", null, ""],
    ["google/gemma-2b@main", "google/gemma-2b", "main", ""],
    [
      "google/gemma-2b@9cf48e52b224239de00d483ec8eb84fb8d0f3a3a",
      "google/gemma-2b",
      "9cf48e52b224239de00d483ec8eb84fb8d0f3a3a",
      "",
    ],
    ["google/gemma-2b@refs/pr/12", "google/gemma-2b", "refs/pr/12", ""],
    ["google/gemma-2b@refs/pr/12/a/b", "google/gemma-2b", "refs/pr/12", "a/b"],
    ["a/b/folder", "a/b", null, "folder"],
    ["a/b/", "a/b", null, ""],
    [
      "a/b@v1.0/gemma_2b_blocks.6.hook_resid_post_16384_anthropic_fast_lr",
      "a/b",
      "v1.0",
      "gemma_2b_blocks.6.hook_resid_post_16384_anthropic_fast_lr",
    ],
    [
      "google/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71",
      "google/gemma-scope-2b-pt-res",
      null,
      "layer_20/width_16k/average_l0_71",
    ],
    ["a/b@fix#1", "a/b", "fix#1", ""],
    ["a/b@main-ü/слой-1", "a/b", "main-ü", "слой-1"],
    // Where the branch ends, the hub says.
    ["a/b@feature/new-lr", "a/b", "feature", "new-lr"],
    // Unless it is written as in an address.
    ["a/b@feature%2Fnew-lr/x", "a/b", "feature/new-lr", "x"],
    ["a/b@refs%2fpr%2f3/x", "a/b", "refs/pr/3", "x"],
    ...FOLDERS.map(
      (name) =>
        [`a/b/${name}/x`, "a/b", null, `${name}/x`] satisfies [string, string, null, string],
    ),
  ])("reads %s", (text, repo, revision, folder) => {
    expect(parseRepoRef(text)).toEqual({ repo, revision, folder });
  });

  it.each([
    "",
    "gemma-2b",
    "/",
    "a/",
    "/b",
    "../b",
    "a/..",
    "a/b/../c",
    "a/b/./c",
    "a/b//c",
    "a/b@",
    "a/b@..",
    "a/b@../x",
    "a/b@refs/heads/main",
    "a/b@x/..",
    "-a/b",
    "a/b-",
    ".a/b",
    "a/b.git",
    "a--b/c",
    "a..b/c",
    "a b/c",
    "a/b?x=1",
    "a/b#x",
    "https://huggingface.co/a/b",
    "a/b/\u202ec",
    "a/b/c\n",
    "a/b/\ud800",
    "a/b@x y",
    "a/b@a..b",
    "a/b@-x",
    "a/b@x.lock",
    "a/b@x@{1}",
    "a/b@x%2F..",
    "a/b@x%2F",
    `a/${"b".repeat(97)}`,
    `a/b/${"c/".repeat(400)}`,
  ])("refuses %j", (text) => {
    expect(() => parseRepoRef(text)).toThrow(expect.objectContaining({ code: "BadLink" }));
  });

  it("never lets a name out of its place in an address", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."ab/@.-%\\?#:\u202e ".split("")), maxLength: 30 }),
        (text) => {
          let ref;
          try {
            ref = parseRepoRef(text);
          } catch {
            return;
          }
          const revision = encodeURIComponent(ref.revision ?? "main");
          const folder = ref.folder.split("/").map(encodeURIComponent).join("/");
          const address = `https://hub.example/${ref.repo}/resolve/${revision}/${folder}`;
          expect(new URL(address).href).toBe(address);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("a revision and a folder", () => {
  const meanings = (text: string): unknown =>
    readings(parseRepoRef(text)).map(({ revision, folder }) => [revision, folder]);

  it("can mean a branch with slashes in its name", () => {
    expect(meanings("a/b@x/y/z")).toEqual([
      ["x", "y/z"],
      ["x/y", "z"],
      ["x/y/z", ""],
    ]);
    // No branch is called so.
    expect(meanings("a/b@x/y z/w")).toEqual([["x", "y z/w"]]);
  });

  it("mean one thing where the whole revision is known, or none", () => {
    expect(meanings("a/b@x%2Fy/z")).toEqual([["x/y", "z"]]);
    expect(meanings("a/b@refs/pr/3/z")).toEqual([["refs/pr/3", "z"]]);
    expect(meanings("a/b/y/z")).toEqual([[null, "y/z"]]);
    expect(meanings("a/b@x")).toEqual([["x", ""]]);
  });
});
