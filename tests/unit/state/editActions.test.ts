// The view's edits: when they are run, on what, and what becomes of results that they no longer fit.

import { describe, expect, it } from "vitest";
import {
  analysis,
  attribution,
  downstream,
  generation,
  intervention,
} from "../../../src/state/queries.ts";
import { positionOf } from "../../../src/state/position.ts";
import { DEFAULT_VIEW, type ListedEdit } from "../../../src/state/view.ts";
import { cardOf, LARGE, opened, settle } from "../../support/recordingStore.ts";

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
const FIVE = { tokens: [0, 1, 2, 3, 4] };

/** The page's place of a text, which looks at its edits' effect where the pinned token is. */
async function edited(link = "", card?: unknown) {
  const page = await opened(link, ...(card === undefined ? [] : [card]));
  const text = page.look(analysis);
  const position = (): [number | null | undefined] => [
    positionOf(page.store.getState().view.token, text.shown()),
  ];
  const effect = page.look(intervention, position);
  await settle();
  return { ...page, position, effect };
}

describe("edits", () => {
  it("of a link are run once the model is open, those that are on", async () => {
    const { last, of } = await edited("edits=7_ablate_all*9_steer_2_1_off");
    expect(of("intervene")).toHaveLength(1);
    expect(last("intervene").args).toEqual([
      DEFAULT_VIEW.text,
      [{ feature: 7, mode: "ablate", positions: "all" }],
      HOW,
    ]);
  });

  it("are run again for another text, mask or pinned token, and not without any that is on", async () => {
    const { actions, last, of, answer } = await edited();
    await answer("analyze", FIVE);
    actions.setView({ edits: [STEER] });
    actions.setView({ text: "another" });
    await settle();
    expect(of("intervene")).toHaveLength(0);
    await answer("analyze", FIVE);
    actions.setView({ edits: [ABLATE, STEER] });
    actions.setView({ token: 3 });
    await settle();
    expect(last("intervene").args[2]).toEqual({ ...HOW, position: 3 });
    actions.setView({ mask: "all" });
    await settle();
    await answer("analyze", FIVE);
    expect(last("intervene").args[2]).toEqual({ ...HOW, position: 3, mask: "all" });
    actions.setView({ text: "a third" });
    await settle();
    await answer("analyze", FIVE);
    expect(last("intervene").args[0]).toBe("a third");
    expect(of("intervene")).toHaveLength(4);
    actions.setView({ feature: 5, units: "raw" });
    await settle();
    expect(of("intervene")).toHaveLength(4);
  });

  it("that are gone leave no result behind; those that changed leave an old one", async () => {
    const { actions, effect, answer } = await edited("edits=7_ablate_all");
    const made = { schema: "facet.intervention/1" };
    await answer("intervene", made);
    expect(effect.shown()).toMatchObject({ data: made, stale: false, running: false });
    actions.setView({ edits: [ABLATE, { ...STEER, on: true }] });
    expect(effect.shown()).toMatchObject({ data: made, stale: true, running: true });
    actions.setView({ edits: [{ ...ABLATE, on: false }] });
    expect(effect.shown()).toMatchObject({ data: null, running: false });
    actions.setView({ edits: [ABLATE] });
    expect(effect.shown()).toMatchObject({ data: made, stale: false, running: false });
  });

  it("stay behind with the SAE whose features they are of, and that is said", async () => {
    const { store, actions, of, answer } = await edited("edits=7_ablate_all");
    const before = of("intervene").length;
    actions.setView({ sae: "other" });
    await settle();
    expect(store.getState().view.edits).toEqual([]);
    expect(store.getState().notices.some(({ text }) => text.includes("left behind"))).toBe(true);
    await answer("open", cardOf("other"));
    expect(of("intervene")).toHaveLength(before);
  });

  it("are told from a pinned token, whose next tokens are asked for without any, of a small model", async () => {
    const { actions, last, of, answer, effect, position } = await edited("token=2");
    expect(of("intervene")).toHaveLength(0);
    await answer("analyze", FIVE);
    expect(last("intervene").args[2]).toEqual({ ...HOW, controls: 0, position: 2 });
    actions.setView({ token: 3 });
    await settle();
    expect(last("intervene").args).toEqual([
      DEFAULT_VIEW.text,
      [],
      { ...HOW, controls: 0, position: 3 },
    ]);
    actions.setView({ token: null });
    await settle();
    expect(of("intervene")).toHaveLength(2);
    expect(effect.shown()).toMatchObject({ data: null, running: false });
    actions.request(intervention, ...position());
    await settle();
    expect(last("intervene").args[2]).toEqual({ ...HOW, controls: 0 });
  });

  it("are run of a large model, whose next tokens are read only on request", async () => {
    const { actions, of, answer } = await edited("", cardOf("large", LARGE));
    await answer("analyze", FIVE);
    actions.setView({ token: 3 });
    await settle();
    expect(of("intervene")).toHaveLength(0);
    actions.setView({ edits: [ABLATE] });
    await settle();
    expect(of("intervene")).toHaveLength(1);
  });

  it("are of the last token where the pinned one is not in the text, once that is known", async () => {
    const { actions, last, of, answer, position } = await edited("edits=7_ablate_all&token=9");
    expect(of("intervene")).toHaveLength(0);
    await answer("analyze", { tokens: [0, 1, 2] });
    expect(last("intervene").args[2]).toEqual(HOW);
    expect(of("intervene")).toHaveLength(1);
    actions.attribute(...position());
    await settle();
    expect(last("attribute").args[1]).toEqual({ position: null, target: null });
  });

  it("leave an attribution alone, which is of one token and one target", async () => {
    const { actions, last, of, answer, look, position } = await edited();
    await answer("analyze", FIVE);
    const { shown } = look(attribution, position);
    await settle();
    expect(of("attribute")).toHaveLength(0);
    actions.setView({ token: 4 });
    actions.attribute(...position());
    await settle();
    expect(last("attribute").args).toEqual([DEFAULT_VIEW.text, { position: 4, target: null }]);
    actions.attribute(4, 17);
    await settle();
    expect(last("attribute").args).toEqual([DEFAULT_VIEW.text, { position: 4, target: 17 }]);
    const made = { schema: "facet.attribution/1" };
    await answer("attribute", made);
    actions.setView({ edits: [ABLATE] });
    expect(shown()).toMatchObject({ data: made, stale: false });
    actions.setView({ token: 2 });
    expect(shown()).toMatchObject({ data: null, running: false });
    actions.setView({ token: 4 });
    expect(shown()).toMatchObject({ data: made, stale: false });
  });

  it("go into a continuation, which the reader may stop and keep", async () => {
    const { actions, last, look } = await edited("edits=7_ablate_all*9_steer_2_1_off");
    const { shown } = look(generation);
    const how = { maxTokens: 5, temperature: 0, topP: 1, seed: 1 };
    actions.generate(how);
    await settle();
    expect(last("generate").args[1]).toEqual({
      ...how,
      edits: [{ feature: 7, mode: "ablate", positions: "all" }],
    });
    const call = last("generate");
    actions.stop(generation);
    expect(call.options.signal?.aborted).toBe(true);
    await settle();
    expect(shown()).toMatchObject({ data: null, running: false, error: null });
    actions.setView({ text: "other" });
    expect(shown().running).toBe(false);
  });

  it("are what a continuation rests on: changed, it is asked for again by hand", async () => {
    const { actions, of, look, answer } = await edited();
    const { shown } = look(generation);
    actions.generate({ maxTokens: 5, temperature: 0, topP: 1, seed: 1 });
    await settle();
    await answer("generate", { ids: [1] });
    expect(shown().data).toEqual({ ids: [1] });
    actions.setView({ edits: [ABLATE] });
    await settle();
    expect(shown()).toMatchObject({ data: null, running: false });
    expect(of("generate")).toHaveLength(1);
  });
});

describe("the SAE downstream of edits", () => {
  const FEATURES = [{ feature: 7, mode: "ablate", positions: "all" }];

  it("is the deepest that is at hand, once it is known which there are, and runs with the edits", async () => {
    const { actions, last, of, look, answer } = await opened("edits=7_ablate_all");
    const { shown } = look(downstream);
    await settle();
    expect(last("downstream").args).toEqual([
      DEFAULT_VIEW.text,
      FEATURES,
      { sae: DEFAULT_VIEW.sae },
    ]);
    await answer("catalog", OTHERS);
    expect(last("downstream").args[2]).toEqual({ sae: "blocks.5.hook_resid_post" });
    actions.setView({ token: 3 });
    await settle();
    expect(of("downstream")).toHaveLength(2);
    actions.setView({ edits: [{ ...ABLATE, on: false }] });
    expect(shown()).toMatchObject({ data: null, running: false });
  });

  it("is the view's, which stands in the link and stays with the SAE that is edited", async () => {
    const { store, actions, last, address, look } = await opened("edits=7_ablate_all");
    look(downstream);
    actions.setView({ downstream: "blocks.3.hook_resid_post" });
    await settle();
    expect(last("downstream").args[2]).toEqual({ sae: "blocks.3.hook_resid_post" });
    expect(address.fragment()).toContain("downstream=blocks.3.hook_resid_post");
    actions.setView({ sae: "other" });
    expect(store.getState().view.downstream).toBeNull();
  });

  it("reads only while that is on show, and once for the same edits", async () => {
    const { of, last, look, answer } = await opened("edits=7_ablate_all&place=compare");
    await settle();
    expect(of("downstream")).toHaveLength(0);
    const first = look(downstream);
    await settle();
    first.leave();
    expect(last("downstream").options.signal?.aborted).toBe(true);
    await settle();
    const second = look(downstream);
    await settle();
    await answer("downstream", { schema: "facet.downstream/1" });
    second.leave();
    look(downstream);
    await settle();
    expect(of("downstream")).toHaveLength(2);
  });
});
