// The source panel without its drawing: what a folder is, what is offered, what a form stands for, whose page is linked.

import { describe, expect, test } from "vitest";
import type { Catalog } from "../../../src/lib/report.ts";
import { askedOf, requestOf } from "../../../src/state/requests.ts";
import { DEFAULT_VIEW } from "../../../src/state/view.ts";
import { repoPages } from "../../../src/ui/errors/repoPages.ts";
import { findFolders, MAX_FILES } from "../../../src/ui/sources/folders.ts";
import {
  asKind,
  type Form,
  formFor,
  modelChoices,
  pickedSae,
  saeChoices,
  sourcesOf,
  TYPED,
  withFolders,
} from "../../../src/ui/sources/form.ts";
import {
  folderFromInput,
  folderFromPicker,
  foldersFromDrop,
} from "../../../src/ui/sources/readFolder.ts";

const filesAt = (...paths: string[]) => paths.map((path) => ({ path, file: new Blob([path]) }));

const CATALOG: Catalog = {
  models: [
    { key: "demo", name: "Demo", source: "demo", bytes: 4e6, gated: false },
    { key: "gemma-2b", name: "Gemma 2B", source: "google/gemma-2b", bytes: 5e9, gated: true },
  ],
  saes: [
    sae("demo", "blocks.0.hook_resid_post", "demo"),
    sae("demo", DEFAULT_VIEW.sae, "demo"),
    sae("gemma-2b", "blocks.6.hook_resid_post", "jbloom/Gemma-SAEs"),
  ],
};

function sae(model: string, key: string, source: string): Catalog["saes"][number] {
  return { key, model, hook: key, source, folder: `f_${key}`, dSae: 16384, published: [] };
}

const plainForm = formFor(askedOf(DEFAULT_VIEW), []);

test("an address of a repo's page stands for the repo, and for its hub", () => {
  const typed = (model: string, saeText: string, endpoint = ""): Form => ({
    ...plainForm,
    model: { id: TYPED, text: model },
    sae: { id: TYPED, text: saeText },
    endpoint,
  });
  expect(opened(typed("https://huggingface.co/a/b", "hf.co/c/d/tree/main/sae%231"))).toMatchObject({
    model: "a/b",
    sae: "c/d@main/sae#1",
    endpoint: null,
  });
  expect(opened(typed("https://hub.example/a/b/", "c/d"))).toMatchObject({
    model: "a/b",
    sae: "c/d",
    endpoint: "https://hub.example",
  });
  expect(opened(typed("https://huggingface.co/a/b", "c/d", "https://hub.example"))).toMatch(
    /several hubs/,
  );
  expect(opened(typed("https://huggingface.co/datasets/a/b", "c/d"))).toMatch(
    /not that of a model/,
  );
});

test("the commit of a link stands before the folder, whatever that is called", () => {
  const request = requestOf({
    ...DEFAULT_VIEW,
    model: "a/b",
    sae: "c/d/step@100/x",
    modelRevision: "123abc",
    saeRevision: "456def",
  });
  expect(request).toMatchObject({ model: "a/b@123abc", sae: "c/d@456def/step@100/x" });
});

function opened(form: Form) {
  const outcome = sourcesOf(form, CATALOG);
  return "sources" in outcome ? outcome.sources : outcome.problem;
}

describe("folders", () => {
  test("are told by their files, each with paths of its own", () => {
    const found = findFolders(
      "mine",
      filesAt(
        "README.md",
        "model/config.json",
        "model/model-00001-of-00002.safetensors",
        "saes/a/cfg.json",
        "saes/a/sae_weights.safetensors",
      ),
    );
    expect(found.map(({ kind, name }) => [kind, name])).toEqual([
      ["model", "mine/model"],
      ["sae", "mine/saes/a"],
    ]);
    expect(found[1]?.files.map(({ path }) => path)).toEqual([
      "cfg.json",
      "sae_weights.safetensors",
    ]);
  });

  test("without such files are of no kind, and a configuration alone is no model", () => {
    const found = findFolders("mine", filesAt("config.json", "readme"));
    expect(found).toMatchObject([{ kind: null, name: "mine" }]);
    expect(found[0]?.files).toHaveLength(2);
  });

  const listed = (...paths: string[]): FileList =>
    paths.map((path) =>
      Object.defineProperty(new File([], "x"), "webkitRelativePath", { value: path }),
    ) as unknown as FileList;

  test("from an input lose their own name, and hidden files are left out", () => {
    const folder = folderFromInput(listed("sae/cfg.json", "sae/.git/HEAD", "sae/a/b"));
    expect(folder).toMatchObject({ name: "sae", files: [{ path: "cfg.json" }, { path: "a/b" }] });
  });

  const HASH = "0123456789abcdef".repeat(4);
  test.each([
    [[], /holds no files, or only symbolic links.*hf download/],
    [
      ["models--a--b/refs/main", `models--a--b/blobs/${HASH}`],
      /is a Hugging Face cache.*hf download/,
    ],
    [[`hub/models--a--b/blobs/${HASH.slice(0, 40)}`], /is a Hugging Face cache/],
  ])("of links, which browsers leave out, say so: %j", (paths, words) => {
    expect(() => folderFromInput(listed(...paths))).toThrow(
      expect.objectContaining({ code: "EntryNotFound", message: expect.stringMatching(words) }),
    );
  });

  test("of a cache that holds the files themselves are read", () => {
    const paths = [
      `m/blobs/${HASH}`,
      "m/snapshots/abc/config.json",
      "m/snapshots/abc/a.safetensors",
    ];
    const { name, files } = folderFromInput(listed(...paths));
    expect(findFolders(name, files)).toMatchObject([{ kind: "model", name: "m/snapshots/abc" }]);
  });

  /** A folder as a drop and as the picker give it: what is a link is not among its entries. */
  const EMPTY = { isFile: false, name: "snapshot", createReader: () => ({ readEntries }) };
  function readEntries(resolve: (entries: readonly unknown[]) => void): void {
    resolve([]);
  }
  test("of links that are dropped or picked say so too", async () => {
    const dropped = [{ webkitGetAsEntry: () => EMPTY }] as unknown as DataTransferItemList;
    await expect(foldersFromDrop(dropped)).rejects.toThrow(/"snapshot".*symbolic links/);
    const handle = { kind: "directory" as const, name: "snapshot", async *values() {} };
    await expect(folderFromPicker(() => Promise.resolve(handle))).rejects.toThrow(/symbolic links/);
  });

  test("of too many files are refused in words", () => {
    const many = Array.from({ length: MAX_FILES + 1 }, (_, i) => `disk/${i}`);
    expect(() => folderFromInput(listed(...many))).toThrow(/more than 2,000 files/);
  });
});

describe("the form", () => {
  test("stands for the view it was made from", () => {
    expect(opened(plainForm)).toEqual({
      model: "demo",
      sae: DEFAULT_VIEW.sae,
      endpoint: null,
      precision: null,
    });
    const asked = {
      ...askedOf(DEFAULT_VIEW),
      model: "a/b@main",
      sae: "a/c/d",
      endpoint: "https://h",
    };
    expect(opened(formFor(asked, []))).toMatchObject({
      model: "a/b@main",
      sae: "a/c/d",
      endpoint: "https://h",
    });
  });

  test("offers a model's own SAEs, and takes the first where another model's was taken", () => {
    const form = { ...plainForm, model: { id: "gemma-2b", text: "" } };
    const saes = saeChoices(form, CATALOG);
    expect(saes.map(({ id }) => id)).toEqual(["blocks.6.hook_resid_post"]);
    expect(pickedSae(form, saes)).toBe("blocks.6.hook_resid_post");
    expect(opened(form)).toMatchObject({ model: "gemma-2b", sae: "blocks.6.hook_resid_post" });
  });

  test("offers published SAEs by address for a model under another name", () => {
    const form = { ...plainForm, model: { id: TYPED, text: "me/my-gemma" } };
    const address = "jbloom/Gemma-SAEs/f_blocks.6.hook_resid_post";
    expect(saeChoices(form, CATALOG).map(({ source }) => source)).toEqual([address]);
  });

  test("names what is missing or wrong", () => {
    expect(opened({ ...plainForm, model: { id: TYPED, text: " " } })).toMatch(/which model/);
    expect(opened({ ...plainForm, sae: { id: TYPED, text: "" } })).toMatch(/which SAE/);
    expect(opened({ ...plainForm, endpoint: "javascript:alert(1)" })).toMatch(/https:\/\//);
    expect(opened({ ...plainForm, endpoint: " https://hub.example/ " })).toMatchObject({
      endpoint: "https://hub.example",
    });
  });

  test("takes a folder for what it is, or for what the reader says", () => {
    const [found] = findFolders("mine", filesAt("cfg.json"));
    if (found === undefined) throw new Error("No folder was found.");
    expect(opened(withFolders(plainForm, [found]))).toMatchObject({ model: "demo", sae: found });
    const [unknown] = findFolders("odd", filesAt("weights.npz"));
    if (unknown === undefined) throw new Error("No folder was found.");
    const asking = withFolders(plainForm, [unknown]);
    expect(opened(asking)).toEqual(opened(plainForm));
    expect(opened(asKind(asking, unknown, "model"))).toMatchObject({
      model: { name: "odd", kind: "model" },
    });
  });

  test("shows sizes and gates, and what is open though no list has it", () => {
    const form = { ...plainForm, model: { id: "local/x", text: "" } };
    expect(modelChoices(form, CATALOG).map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
      "Demo: ships with this page · 4.00 MB",
      "Gemma 2B: google/gemma-2b · 5.00 GB · gated: its licence must be accepted",
      "local/x: on this computer, opened before",
    ]);
  });
});

describe("pages of repos", () => {
  const asked = { ...askedOf(DEFAULT_VIEW), model: "gemma-2b@abc", sae: "me/saes@main/six" };

  test("are those of the repo that the message names, else of both", () => {
    const model = { repo: "google/gemma-2b", href: "https://huggingface.co/google/gemma-2b" };
    const saes = { repo: "me/saes", href: "https://huggingface.co/me/saes" };
    expect(repoPages(asked, CATALOG, "Opening google/gemma-2b: no.")).toEqual([model]);
    expect(repoPages(asked, CATALOG, "No.")).toEqual([model, saes]);
    const elsewhere = { ...asked, endpoint: "https://h.example" };
    expect(repoPages(elsewhere, null, "No.")).toEqual([
      { repo: "me/saes", href: "https://h.example/me/saes" },
    ]);
  });

  test("are none for what lies on this computer or ships with the page", () => {
    const local = { ...asked, model: "demo", sae: "local/x" };
    expect(repoPages(local, CATALOG, "No.")).toEqual([]);
  });
});
