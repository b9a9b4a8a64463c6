// Which label a feature has, and which features have the words of a query in theirs.

import { expect, test } from "vitest";
import { allLabels, searchLabels } from "../../../src/ui/labels/searchLabels.ts";

const bundled = {
  source: "bundled",
  method: "by hand",
  entries: {
    1: { label: "“this” pointing back", confidence: 0.9 },
    2: { label: "foretelling", confidence: 0.9 },
    3: { label: "Tell and told", confidence: 0.9 },
  },
};

const reader = {
  own: { 2: "prophecy: tells what comes" },
  asksNeuronpedia: true,
  neuronpedia: {
    3: { text: "theirs", author: null },
    9: { text: "retelling stories", author: "gpt" },
  },
} as const;

test("the reader's own label comes before the SAE's, and that before Neuronpedia's", () => {
  expect(allLabels(reader, bundled)).toEqual([
    { feature: 1, label: "“this” pointing back" },
    { feature: 2, label: "prophecy: tells what comes" },
    { feature: 3, label: "Tell and told" },
    { feature: 9, label: "retelling stories" },
  ]);
});

test("every word must be there, in any case and order; beginnings of words first", () => {
  const labels = allLabels(reader, bundled);
  const find = (query: string): number[] =>
    searchLabels(labels, query).map(({ feature }) => feature);
  expect(find("")).toEqual([1, 2, 3, 9]);
  expect(find("TELL")).toEqual([2, 3, 9]);
  expect(find("told tell")).toEqual([3]);
  expect(find("“this”")).toEqual([1]);
  expect(find("told nothing")).toEqual([]);
});
