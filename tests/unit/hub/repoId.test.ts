// Names of repos as people type them, and the hostile ones.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRepoRef } from "../../../src/hub/repoId.ts";

describe("parseRepoRef", () => {
  it.each([
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
    "a/b/c%2f..",
    "https://huggingface.co/a/b",
    "a/b/<script>",
    "a/b/\u202ec",
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
