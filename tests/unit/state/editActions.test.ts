// The view's edits: when they are run, on what, and what becomes of results that they no longer fit.

import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW, type ListedEdit } from "../../../src/state/view.ts";
import { opened, settle } from "../../support/recordingStore.ts";

const ABLATE: ListedEdit = { feature: 7, mode: "ablate", positions: "all", on: true };
const STEER: ListedEdit = { feature: 9, mode: "steer", value: 2, positions: [1], on: false };
const HOW = { mask: "nonspecial", controls: 20, seed: 1, position: null };

describe("edits", () => {
  it("of a link are run once the model is open, those that are on", async () => {
    const { last, of } = await opened("edits=7_ablate_all*9_steer_2_1_off");
    expect(of("intervene")).toHaveLength(1);
    expect(last("intervene").args).toEqual([
      DEFAULT_VIEW.text,
      [{ feature: 7, mode: "ablate", positions: "all" }],
      HOW,
    ]);
  });

  it("are run again for another text, mask or pinned token, and not without any that is on", async () => {
    const { store, last, of } = await opened();
    store.actions.setView({ edits: [STEER] });
    store.actions.setView({ text: "another" });
    expect(of("intervene")).toHaveLength(0);
    store.actions.setView({ edits: [ABLATE, STEER] });
    store.actions.setView({ token: 3 });
    expect(last("intervene").args[2]).toEqual({ ...HOW, position: 3 });
    store.actions.setView({ mask: "all" });
    expect(last("intervene").args[2]).toEqual({ ...HOW, position: 3, mask: "all" });
    store.actions.setView({ text: "a third" });
    expect(last("intervene").args[0]).toBe("a third");
    expect(of("intervene")).toHaveLength(4);
    store.actions.setView({ feature: 5 });
    expect(of("intervene")).toHaveLength(4);
  });

  it("that are gone leave no result behind; those that changed leave an old one", async () => {
    const { store, last } = await opened("edits=7_ablate_all");
    last("intervene").resolve({ schema: "facet.intervention/1" });
    await settle();
    expect(store.getState().intervention).toMatchObject({ stale: false, running: false });
    store.actions.setView({ edits: [ABLATE, { ...STEER, on: true }] });
    expect(store.getState().intervention).toMatchObject({ stale: true, running: true });
    store.actions.setView({ edits: [{ ...ABLATE, on: false }] });
    expect(store.getState().intervention).toMatchObject({ data: null, running: false });
  });

  it("stay behind with the SAE whose features they are of, and that is said", async () => {
    const { store } = await opened("edits=7_ablate_all");
    store.actions.setView({ sae: "other" });
    expect(store.getState().view.edits).toEqual([]);
    expect(store.getState().notices.some(({ text }) => text.includes("left behind"))).toBe(true);
  });

  it("leave an attribution alone, which another token makes old", async () => {
    const { store, last } = await opened();
    store.actions.setView({ token: 4 });
    store.actions.attribute();
    expect(last("attribute").args).toEqual([DEFAULT_VIEW.text, { position: 4, target: null }]);
    last("attribute").resolve({ schema: "facet.attribution/1" });
    await settle();
    store.actions.setView({ edits: [ABLATE] });
    expect(store.getState().attribution.stale).toBe(false);
    store.actions.setView({ token: 5 });
    expect(store.getState().attribution.stale).toBe(true);
  });

  it("go into a continuation, whose end the reader may choose", async () => {
    const { store, last } = await opened("edits=7_ablate_all*9_steer_2_1_off");
    store.actions.generate({ maxTokens: 5, temperature: 0, topP: 1, seed: 1 });
    expect(last("generate").args[1]).toEqual({
      maxTokens: 5,
      temperature: 0,
      topP: 1,
      seed: 1,
      edits: [{ feature: 7, mode: "ablate", positions: "all" }],
    });
    store.actions.stopGenerating();
    expect(last("generate").options.signal?.aborted).toBe(true);
    store.actions.setView({ text: "other" });
    expect(store.getState().generation.running).toBe(false);
  });
});
