// What the reader fills in to scan a corpus, and what it asks for.

import { expect, test } from "vitest";
import { askedTold, EMPTY_FORM, missing, requestOf } from "../../../src/ui/scan/scanForm.ts";

const file = new Blob(["text"]);

test("says what is missing", () => {
  expect(missing(EMPTY_FORM)).toBeNull();
  expect(missing({ ...EMPTY_FORM, kind: "files" })).toMatch(/files/);
  expect(missing({ ...EMPTY_FORM, kind: "files", files: [{ path: "a.txt", file }] })).toBeNull();
  for (const dataset of ["", "owner", "owner/", "a b/c"])
    expect(missing({ ...EMPTY_FORM, kind: "dataset", dataset }), dataset).toMatch(/owner\/name/);
  for (const dataset of [
    "owner/name",
    " owner/name@main/folder ",
    "owner/name@fix#1/a b",
    "https://hub.example/datasets/a/b",
  ])
    expect(missing({ ...EMPTY_FORM, kind: "dataset", dataset }), dataset).toBeNull();
  for (const documents of ["0", "-1", "1.5", "many"])
    expect(missing({ ...EMPTY_FORM, documents }), documents).toMatch(/whole number/);
});

test("asks for what was filled in, and for nothing that was not", () => {
  expect(requestOf(EMPTY_FORM, null)).toEqual({ corpus: { kind: "bundled" } });
  expect(
    requestOf(
      {
        ...EMPTY_FORM,
        kind: "dataset",
        dataset: " owner/name ",
        column: " body ",
        documents: " 20 ",
        metrics: true,
      },
      "https://hub.example",
    ),
  ).toEqual({
    corpus: {
      kind: "dataset",
      dataset: "owner/name",
      column: "body",
      endpoint: "https://hub.example",
    },
    documents: 20,
    metrics: true,
  });
});

test("tells what is scanned", () => {
  const files = [{ path: "a.txt", file }];
  expect(askedTold(requestOf(EMPTY_FORM, null))).toBe("the bundled corpus");
  expect(askedTold({ corpus: { kind: "files", files } })).toBe("a.txt");
  expect(askedTold({ corpus: { kind: "files", files: [...files, ...files] } })).toBe("2 files");
  expect(askedTold({ corpus: { kind: "dataset", dataset: "a/b" } })).toBe("a/b");
});
