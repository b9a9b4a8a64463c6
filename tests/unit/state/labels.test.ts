// The reader's labels: kept by SAE, as a file and back, and hostile files refused with words.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelFile, readLabelFile } from "../../../src/state/labelFile.ts";
import { createLabelMemory } from "../../../src/state/labelMemory.ts";
import { cleanLabel } from "../../../src/lib/oneLine.ts";
import type { Provenance } from "../../../src/lib/report.ts";
import { browserStorage, LOSSES, pageStorage } from "../../../src/state/storage.ts";
import { memoryStorage } from "../../support/memoryStorage.ts";

const SAE: Provenance["sae"] = {
  source: "demo",
  folder: "one",
  revision: "r1",
  hook: "blocks.3.hook_resid_post",
  dIn: 8,
  dSae: 64,
  architecture: "standard",
  prependBos: true,
};

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

const label = fc.string({ unit: "binary", maxLength: 400 }).map(cleanLabel);

describe("a file of labels", () => {
  it("comes back as it was", () => {
    const labels = fc.dictionary(
      fc.nat(SAE.dSae - 1).map(String),
      label.filter((text) => text !== ""),
    );
    fc.assert(
      fc.property(labels, (own) => {
        const read = readLabelFile(bytes(labelFile(SAE, own)), "mine.json", SAE);
        expect(read).toEqual({ labels: { ...own }, madeFor: null });
      }),
    );
  });

  it("may be of a copy of the SAE, which is said", () => {
    const other = { ...SAE, source: "someone/copy" };
    const { madeFor } = readLabelFile(bytes(labelFile(other, { 1: "a" })), "a.json", SAE);
    expect(madeFor).toContain("someone/copy");
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["another schema", { ...labelFile(SAE, {}), schema: "facet.analysis/1" }],
    ["no SAE", { ...labelFile(SAE, {}), sae: "x" }],
    ["no labels", { ...labelFile(SAE, {}), labels: [] }],
    ["a feature beyond the width", labelFile(SAE, { 64: "x" })],
    ["a negative feature", { ...labelFile(SAE, {}), labels: { "-1": "x" } }],
    ["a feature that is no number", { ...labelFile(SAE, {}), labels: { __proto__x: "x" } }],
    ["a number as label", { ...labelFile(SAE, {}), labels: { 1: 5 } }],
    ["deep nesting", `{"schema":${"[".repeat(50)}${"]".repeat(50)}}`],
  ])("is refused with words where it is %s", (_what, file) => {
    expect(() => readLabelFile(bytes(file), "\u202Eevil.json", SAE)).toThrow(
      expect.objectContaining({
        code: "Format",
        message: expect.not.stringContaining("\u202E"),
      }),
    );
  });

  it("of another SAE is refused by name", () => {
    const wide = { ...SAE, dSae: 128 };
    expect(() => readLabelFile(bytes(labelFile(wide, {})), "a.json", SAE)).toThrow(
      expect.objectContaining({ code: "Mismatch" }),
    );
  });

  it("never breaks the reader, whatever it holds", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (labels) => {
        try {
          readLabelFile(bytes({ ...labelFile(SAE, {}), labels }), "a.json", SAE);
        } catch (error) {
          expect(error).toMatchObject({ name: "FacetError" });
        }
      }),
    );
  });

  it("keeps labels to one bounded line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 1000 }), (text) => {
        const clean = cleanLabel(text);
        expect(clean).toBe(cleanLabel(clean));
        expect(clean.length).toBeLessThanOrEqual(300);
        expect(clean).not.toMatch(/[\n\r\t]/);
        expect(clean.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("what this browser keeps", () => {
  it("is by SAE, whatever its commit; a folder from disk by its content", () => {
    const kept = memoryStorage();
    createLabelMemory(kept).write(SAE, { 3: "verbs" });
    const memory = createLabelMemory(kept);
    expect(memory.read({ ...SAE, revision: "r2" })).toEqual({ 3: "verbs" });
    expect(memory.read({ ...SAE, folder: "two" })).toEqual({});
    const local = { ...SAE, source: "local/mine" };
    memory.write(local, { 1: "x" });
    expect(memory.read({ ...local, revision: "r2" })).toEqual({});
    memory.write(SAE, {});
    expect(kept.held.size).toBe(1);
  });

  it("refuses what another page of this site left there", () => {
    const kept = memoryStorage();
    kept.setItem("facet.labels demo one", '{"3": {"evil": true}}');
    expect(() => createLabelMemory(kept).read(SAE)).toThrow(
      expect.objectContaining({ code: "Format" }),
    );
  });

  it("is there until the page is closed when the browser is full, which is told", () => {
    const told: string[] = [];
    const full = {
      ...memoryStorage(),
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    };
    const memory = createLabelMemory(
      browserStorage(
        () => full,
        (loss) => told.push(LOSSES[loss]),
      ),
    );
    memory.write(SAE, { 1: "x" });
    memory.write(SAE, { 1: "x", 2: "y" });
    expect(memory.read(SAE)).toEqual({ 1: "x", 2: "y" });
    expect(told).toEqual([expect.stringMatching(/export labels/)]);
  });

  it("works without storage, until the page is closed", () => {
    const memory = createLabelMemory(pageStorage());
    memory.write(SAE, { 1: "x" });
    memory.setAsksNeuronpedia(true);
    expect(memory.read(SAE)).toEqual({ 1: "x" });
    expect(memory.asksNeuronpedia()).toBe(true);
  });
});
