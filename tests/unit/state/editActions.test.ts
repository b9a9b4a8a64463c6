// The view's edits: when they are run, on what, and what becomes of results that they no longer fit.

import { describe, expect, it } from "vitest";
import { createFacet } from "../../../src/scripting.ts";
import { DEFAULT_VIEW, type ListedEdit } from "../../../src/state/view.ts";
import { CARD, opened, setUp, settle } from "../../support/recordingStore.ts";

const ABLATE: ListedEdit = { feature: 7, mode: "ablate", positions: "all", on: true };
const STEER: ListedEdit = { feature: 9, mode: "steer", value: 2, positions: [1], on: false };
const OTHERS = {
  models: [],
  saes: ["blocks.0", "blocks.5", "blocks.3"].map((block) => ({
    key: `${block}.hook_resid_post`,
    model: "demo",
    hook: `${block}.hook_resid_post`,
  })),
};
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

  it("are told from a pinned token, whose next tokens are asked for without any, of a small model", async () => {
    const { store, last, of } = await opened("token=2");
    expect(of("intervene")).toHaveLength(0);
    last("analyze").resolve({ tokens: [0, 1, 2, 3, 4] });
    await settle();
    expect(last("intervene").args[2]).toEqual({ ...HOW, controls: 0, position: 2 });
    store.actions.setView({ token: 3 });
    expect(last("intervene").args).toEqual([
      DEFAULT_VIEW.text,
      [],
      { ...HOW, controls: 0, position: 3 },
    ]);
    // There is no such token: as none.
    for (const token of [null, 5]) store.actions.setView({ token });
    expect(of("intervene")).toHaveLength(2);
    expect(store.getState().intervention).toMatchObject({ data: null, running: false });
    store.actions.predict();
    expect(last("intervene").args[2]).toEqual({ ...HOW, controls: 0 });

    const large = setUp();
    large.last("open").resolve({ ...CARD, model: { embeddingBytes: 1_048_576_000 } });
    await settle();
    large.last("analyze").resolve({ tokens: [0, 1, 2, 3, 4] });
    await settle();
    large.store.actions.setView({ token: 3 });
    expect(large.of("intervene")).toHaveLength(0);
    large.store.actions.setView({ edits: [ABLATE] });
    expect(large.of("intervene")).toHaveLength(1);
  });

  it("are of the last token where the pinned one is not in the text", async () => {
    const { store, last, of } = await opened("edits=7_ablate_all&token=9");
    expect(last("intervene").args[2]).toEqual({ ...HOW, position: 9 });
    last("analyze").resolve({ tokens: [0, 1, 2] });
    await settle();
    expect(last("intervene").args[2]).toEqual(HOW);
    expect(of("intervene")).toHaveLength(2);
    store.actions.attribute();
    expect(last("attribute").args[1]).toEqual({ position: null, target: null });
  });

  it("leave an attribution alone, which another token makes old", async () => {
    const { store, last } = await opened();
    store.actions.setView({ token: 4 });
    store.actions.attribute();
    expect(last("attribute").args).toEqual([DEFAULT_VIEW.text, { position: 4, target: null }]);
    store.actions.attribute(17);
    expect(last("attribute").args).toEqual([DEFAULT_VIEW.text, { position: 4, target: 17 }]);
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

describe("the SAE downstream of edits", () => {
  const FEATURES = [{ feature: 7, mode: "ablate", positions: "all" }];

  it("is the deepest that is at hand, once it is known which there are, and runs with the edits", async () => {
    const { store, last, of } = await opened("edits=7_ablate_all");
    expect(last("downstream").args).toEqual([
      DEFAULT_VIEW.text,
      FEATURES,
      { sae: DEFAULT_VIEW.sae },
    ]);
    last("catalog").resolve(OTHERS);
    await settle();
    expect(last("downstream").args[2]).toEqual({ sae: "blocks.5.hook_resid_post" });
    store.actions.setView({ token: 3 });
    expect(of("downstream")).toHaveLength(2);
    store.actions.setView({ edits: [{ ...ABLATE, on: false }] });
    expect(store.getState().downstream).toMatchObject({ data: null, running: false });
  });

  it("is the view's, which stands in the link and stays with the SAE that is edited", async () => {
    const { store, last, visited } = await opened("edits=7_ablate_all");
    store.actions.setView({ downstream: "blocks.3.hook_resid_post" });
    await settle();
    expect(last("downstream").args[2]).toEqual({ sae: "blocks.3.hook_resid_post" });
    expect(visited.at(-1)).toContain("downstream=blocks.3.hook_resid_post");
    store.actions.setView({ sae: "other" });
    expect(store.getState().view.downstream).toBeNull();
  });

  it("is not read from a hub unasked; declined, the page's own choice reads", async () => {
    const { store, last, of } = await opened("edits=7_ablate_all&downstream=owner/sae");
    await settle();
    expect(of("downstream")).toHaveLength(0);
    last("plan").resolve({ bytes: 1_500_000_000 });
    await settle();
    expect(store.getState().question).toMatchObject({ kind: "download" });
    store.actions.cancelOpen();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(store.getState().view.downstream).toBeNull();
    expect(last("downstream").args[2]).toEqual({ sae: DEFAULT_VIEW.sae });

    store.actions.setView({ downstream: "owner/sae" });
    last("plan").resolve({ bytes: 1_500_000_000 });
    await settle();
    store.actions.goAhead();
    await settle();
    expect(last("downstream").args[2]).toEqual({ sae: "owner/sae" });
  });

  it("is left where another question takes the place of its own", async () => {
    const { store, last, of } = await opened("edits=7_ablate_all&downstream=owner/sae");
    last("plan").resolve({ bytes: 1_500_000_000 });
    await settle();
    const asked = store.open(
      { model: "a/b", sae: "a/c", endpoint: "https://hub.example" },
      "stranger",
    );
    await settle();
    expect(store.getState().question).toMatchObject({ kind: "endpoint" });
    expect(store.getState().view.downstream).toBeNull();
    // The SAE that is asked about is not read beside the open one meanwhile.
    store.actions.setView({ text: "another" });
    await settle();
    expect(of("downstream")).toHaveLength(0);
    store.actions.cancelOpen();
    await expect(asked).rejects.toMatchObject({ code: "Cancelled" });
    await settle();
    expect(store.getState().question).toBeNull();
    expect(last("downstream").args.slice(0, 1)).toEqual(["another"]);
    expect(last("downstream").args[2]).toEqual({ sae: DEFAULT_VIEW.sae });
  });

  it("waits while another is compared with the open one", async () => {
    const { store, of } = await opened("edits=7_ablate_all&place=compare");
    expect(of("intervene")).toHaveLength(1);
    expect(of("downstream")).toHaveLength(0);
    store.actions.setView({ place: "text" });
    await settle();
    expect(of("downstream")).toHaveLength(1);
    store.actions.setView({ place: "feature" });
    await settle();
    expect(of("downstream")).toHaveLength(1);
  });

  it("that a page around this one names is a question too", async () => {
    const { store, last } = await opened();
    const facet = createFacet(
      "1",
      store,
      { call: () => Promise.resolve(), onNotice: () => () => 0 } as never,
      "stranger",
    );
    // Not even while it asks to open that very one.
    const opening = store.open({ model: "demo", sae: "owner/sae" }, "stranger");
    await settle();
    const asked = facet.intervene("text", [], { downstream: "owner/sae" });
    await settle();
    last("plan").resolve({ bytes: 1_500_000_000 });
    await settle();
    expect(store.getState().question).toMatchObject({ kind: "download" });
    store.actions.cancelOpen();
    await expect(opening).rejects.toMatchObject({ code: "Cancelled" });
    await expect(asked).rejects.toMatchObject({ code: "Cancelled" });
  });
});
