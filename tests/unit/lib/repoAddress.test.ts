// Addresses of a hub's pages, as people copy them, and the names that they stand for.

import { describe, expect, it } from "vitest";
import { parseRepoRef } from "../../../src/hub/repoId.ts";
import { namedRepo, namedRepos } from "../../../src/lib/repoAddress.ts";

const MIRROR = "https://hub.example/models";

describe("an address of the public hub", () => {
  it.each([
    ["https://huggingface.co/owner/name", "owner/name"],
    [" https://huggingface.co/owner/name/ ", "owner/name"],
    ["http://huggingface.co/owner/name", "owner/name"],
    ["https://www.huggingface.co/owner/name", "owner/name"],
    ["https://hf.co/owner/name", "owner/name"],
    ["huggingface.co/owner/name/tree/main/folder", "owner/name@main/folder"],
    ["hf.co/owner/name", "owner/name"],
    ["https://huggingface.co/owner/name.git", "owner/name"],
    ["https://huggingface.co/owner/name/tree/main", "owner/name@main"],
    ["https://huggingface.co/owner/name/tree/v1.0/a/b?x=1#y", "owner/name@v1.0/a/b"],
    [
      "https://huggingface.co/owner/name/tree/feature%2Fnew-lr/blocks.1%20(v2)",
      "owner/name@feature%2Fnew-lr/blocks.1 (v2)",
    ],
    ["https://huggingface.co/owner/name/tree/refs%2Fpr%2F7/a", "owner/name@refs%2Fpr%2F7/a"],
    ["https://huggingface.co/owner/name/blob/main/a/cfg.json", "owner/name@main/a"],
    [
      "https://huggingface.co/owner/name/resolve/main/a/cfg.json?download=true",
      "owner/name@main/a",
    ],
    ["https://huggingface.co/owner/name/raw/main/config.json", "owner/name@main"],
    ["https://huggingface.co/owner/name/commit/" + "a".repeat(40), `owner/name@${"a".repeat(40)}`],
    ["https://huggingface.co/owner/name/discussions/3", "owner/name"],
    ["https://huggingface.co/owner/name/tree/main/50%25", "owner/name@main/50%"],
  ])("%s is %s", (address, name) => {
    expect(namedRepo(address, null, "model")).toEqual({ name, endpoint: null });
    // Whatever is used otherwise: the address says where it is.
    expect(namedRepo(address, MIRROR, "model")).toEqual({ name, endpoint: null });
    expect(parseRepoRef(name).repo).toBe("owner/name");
  });

  it.each([
    "https://huggingface.co/owner",
    "https://huggingface.co/",
    "https://huggingface.co/owner/name/tree/main/%zz",
    "https://huggingface.co/owner/name/tree/main/a%2F..%2Fb",
    "https://huggingface.co/datasets/owner/name",
    "https://huggingface.co/spaces/owner/name",
  ])("%s is refused as a model's", (address) => {
    expect(() => namedRepo(address, null, "model")).toThrow(
      expect.objectContaining({ code: "BadLink" }),
    );
  });

  it("may be a dataset's, where one is asked for", () => {
    const address = "https://huggingface.co/datasets/owner/name/tree/main/data";
    expect(namedRepo(address, null, "dataset").name).toBe("owner/name@main/data");
    expect(() => namedRepo("https://huggingface.co/owner/name", null, "dataset")).toThrow(
      "dataset",
    );
  });
});

describe("an address of another hub", () => {
  it("names its hub", () => {
    expect(namedRepo("https://hub.example/owner/name/tree/main/a", null, "model")).toEqual({
      name: "owner/name@main/a",
      endpoint: "https://hub.example",
    });
    expect(namedRepo("http://127.0.0.1:8080/owner/name", null, "model")).toEqual({
      name: "owner/name",
      endpoint: "http://127.0.0.1:8080",
    });
  });

  it("is read below the path that the hub in use has", () => {
    const found = { name: "owner/name@main", endpoint: MIRROR };
    expect(namedRepo(`${MIRROR}/owner/name/tree/main`, MIRROR, "model")).toEqual(found);
    expect(namedRepo("hub.example/models/owner/name/tree/main", MIRROR, "model")).toEqual(found);
  });
});

it.each(["owner/name", "gemma-2b", "owner/name@main/a b", "local/sae", "hub.example/name", ""])(
  "%j is a name, and stays as it is",
  (name) => {
    expect(namedRepo(name, null, "model")).toEqual({ name, endpoint: null });
  },
);

describe("what is to be opened", () => {
  const at = (model: string, sae: string, endpoint: string | null = null) =>
    namedRepos({ model, sae, endpoint });

  it("takes its hub from an address", () => {
    expect(at("https://hub.example/a/b", "c/d/e")).toEqual({
      model: "a/b",
      sae: "c/d/e",
      endpoint: "https://hub.example",
    });
    expect(at("hf.co/a/b", "hf.co/c/d")).toEqual({ model: "a/b", sae: "c/d", endpoint: null });
    expect(at("a/b", "c/d", MIRROR)).toEqual({ model: "a/b", sae: "c/d", endpoint: MIRROR });
    expect(at("demo", "c/d")).toEqual({ model: "demo", sae: "c/d", endpoint: null });
  });

  it("is of one hub", () => {
    expect(() => at("https://hub.example/a/b", "https://huggingface.co/c/d")).toThrow(
      /several hubs, https:\/\/hub.example and https:\/\/huggingface.co/,
    );
    expect(() => at("https://huggingface.co/a/b", "c/d", MIRROR)).toThrow(/several hubs/);
  });
});
