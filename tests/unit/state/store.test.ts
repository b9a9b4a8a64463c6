// The store against a recording worker: what a change of the view asks for, and what becomes of old results and errors.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FacetError } from "../../../src/lib/errors.ts";
import {
  analysis,
  comparison,
  feature,
  neuronpediaLabel,
  verification,
} from "../../../src/state/queries.ts";
import { DEFAULT_VIEW, type View } from "../../../src/state/view.ts";
import { CARD, cardOf, opened, setUp, settle } from "../../support/recordingStore.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("typing", () => {
  const FIRST = { text: "first", tokens: [] };

  async function typing() {
    const page = await opened();
    const { shown } = page.look(analysis);
    const type = (text: string): void => page.actions.setView({ text, token: null }, "replace");
    return { ...page, shown, type };
  }

  it("waits until typing settles, cancels the running job, and dims the old result", async () => {
    const { of, last, address, visited, shown, type, answer } = await typing();
    await answer("analyze", FIRST);
    expect(shown()).toMatchObject({ data: FIRST, stale: false });
    type("a");
    type("ab");
    expect(shown()).toMatchObject({ data: FIRST, stale: true, running: false });
    expect(of("analyze")).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(of("analyze").map(({ args }) => args[0])).toEqual([DEFAULT_VIEW.text, "ab"]);
    expect(shown()).toMatchObject({ data: FIRST, stale: true, running: true });
    expect([address.fragment(), visited.length]).toEqual(["text=ab", 1]);
    const running = last("analyze");
    type("abc");
    expect(running.options.signal?.aborted).toBe(true);
    vi.advanceTimersByTime(1000);
    await answer("analyze", { text: "abc", tokens: [] });
    expect(shown()).toMatchObject({ data: { text: "abc" }, stale: false, error: null });
  });

  it("shows progress of the result that is on its way, and no other's", async () => {
    const { last, shown, type } = await typing();
    const progress = { stage: "Reading", done: 1, total: 2, unit: "bytes" } as const;
    last("analyze").options.onProgress?.(progress);
    expect(shown().progress).toEqual(progress);
    const late = last("analyze");
    type("a");
    vi.advanceTimersByTime(1000);
    late.options.onProgress?.(progress);
    expect(shown()).toMatchObject({ running: true, progress: null });
  });

  it.each<[string, Partial<View>]>([
    ["units", { units: "raw" }],
    ["mask", { mask: "all" }],
    ["place", { place: "feature" }],
    ["feature", { feature: 3 }],
    ["colour", { colour: "l0" }],
    ["list", { list: [{ feature: 3, note: "" }] }],
  ])("and pressing a control at once analyses what was typed (%s)", async (_name, patch) => {
    const { store, actions, of, last, shown, type, answer, address } = await typing();
    await answer("analyze", FIRST);
    type("Hello whale");
    actions.setView(patch);
    const called = of("analyze").length;
    expect(store.getState().text).toBe("Hello whale");
    expect(last("analyze").args[0]).toBe("Hello whale");
    expect(new URLSearchParams(address.fragment()).get("text")).toBe("Hello whale");
    await answer("analyze", { text: "Hello whale", tokens: [] });
    vi.advanceTimersByTime(1000);
    await settle();
    expect(of("analyze")).toHaveLength(called);
    expect(shown()).toMatchObject({ data: { text: "Hello whale" }, stale: false });
  });

  it("and going back at once shows the text of then", async () => {
    const { store, actions, of, last, type, back } = await typing();
    actions.setView({ text: "one" });
    type("two");
    back();
    vi.advanceTimersByTime(1000);
    await settle();
    expect(store.getState()).toMatchObject({ text: DEFAULT_VIEW.text });
    expect(store.getState().view.text).toBe(DEFAULT_VIEW.text);
    expect(of("analyze").map(({ args }) => args[0])).not.toContain("two");
    expect(last("analyze").args[0]).toBe(DEFAULT_VIEW.text);
    expect(last("analyze").options.signal?.aborted).toBe(false);
  });

  it("and opening another SAE at once analyses what was typed there", async () => {
    const { store, actions, of, type, answer } = await typing();
    type("typed");
    actions.setView({ sae: "other" });
    await settle();
    await answer("open", cardOf("other"));
    vi.advanceTimersByTime(1000);
    const going = of("analyze").filter(({ options }) => options.signal?.aborted !== true);
    expect(going.map(({ args, options }) => [args[0], options.on])).toEqual([
      ["typed", store.getState().on],
    ]);
  });

  it("mends halves of characters, as links would", async () => {
    const { store, type } = await typing();
    type("a\uD800b");
    expect(store.getState().view.text).toBe("a\uFFFDb");
  });
});

describe("results", () => {
  it("that failed are shown as such, and made again when asked for", async () => {
    const { actions, of, look, refuse } = await opened();
    const { shown } = look(analysis);
    await refuse("analyze", new FacetError("OutOfMemory", "Too long."));
    expect(shown()).toMatchObject({ running: false, error: { code: "OutOfMemory" } });
    actions.request(analysis);
    await settle();
    expect(of("analyze")).toHaveLength(2);
    expect(shown()).toMatchObject({ running: true, error: null });
  });

  it("that failed are made again when the view comes back to them", async () => {
    const { actions, of, look, refuse } = await opened();
    const { shown } = look(analysis);
    await refuse("analyze", new FacetError("OutOfMemory", "Too long."));
    actions.setView({ mask: "all" });
    expect(shown().error).toBeNull();
    actions.setView({ mask: "nonspecial" });
    expect(of("analyze").map(({ args }) => args[1])).toEqual(
      (["nonspecial", "all", "nonspecial"] as const).map((mask) => ({ mask })),
    );
  });

  it("are kept under what they rest on, and not made twice", async () => {
    const { actions, of, look, answer } = await opened();
    const { shown } = look(analysis);
    await answer("analyze", { tokens: [1] });
    actions.setView({ mask: "all" });
    await answer("analyze", { tokens: [2] });
    actions.setView({ mask: "nonspecial" });
    expect(shown()).toMatchObject({ data: { tokens: [1] }, stale: false, running: false });
    actions.setView({ mask: "all", units: "raw" });
    expect(shown()).toMatchObject({ data: { tokens: [2] }, stale: false, running: false });
    expect(of("analyze")).toHaveLength(2);
  });

  it("end with who looks at them, and are one for all that look", async () => {
    const { of, last, look } = await opened();
    const [one, two] = [look(analysis), look(analysis)];
    expect(of("analyze")).toHaveLength(1);
    one.leave();
    expect(last("analyze").options.signal?.aborted).toBe(false);
    two.leave();
    expect(last("analyze").options.signal?.aborted).toBe(true);
    look(analysis);
    await settle();
    expect(of("analyze")).toHaveLength(2);
  });

  it("that were asked for by hand go on when nobody looks, until they are stopped", async () => {
    const { actions, last, look, answer } = await opened();
    const { leave } = look(verification);
    actions.request(verification);
    await settle();
    leave();
    expect(last("verify").options.signal?.aborted).toBe(false);
    actions.stop(verification);
    expect(last("verify").options.signal?.aborted).toBe(true);
    await settle();
    const { shown } = look(verification);
    expect(shown()).toMatchObject({ data: null, running: false, error: null });
    actions.request(verification);
    await settle();
    await answer("verify", { tokens: 1 });
    expect(shown()).toMatchObject({ data: { tokens: 1 }, stale: false });
  });

  it("of one SAE are dimmed while another is opened, and never shown as the other's", async () => {
    const { store, actions, of, last, look, answer } = await opened("feature=7");
    const { shown } = look(feature, 7);
    await settle();
    await answer("feature", { index: 7, decoderNorm: 1 });
    const late = look(analysis);
    const lateCall = last("analyze");
    actions.setView({ sae: "other" });
    await settle();
    expect(shown()).toMatchObject({ data: { decoderNorm: 1 }, stale: true });
    expect(lateCall.options.signal?.aborted).toBe(true);
    lateCall.resolve({ tokens: ["of the first"] });
    await answer("open", cardOf("other"));
    expect(of("feature")).toHaveLength(2);
    expect(last("feature").options.on).toBe(store.getState().on);
    expect(shown()).toMatchObject({ data: { decoderNorm: 1 }, stale: true, running: true });
    expect(late.shown()).toMatchObject({ data: null, running: true });
    await answer("feature", { index: 7, decoderNorm: 2 });
    expect(shown()).toMatchObject({ data: { decoderNorm: 2 }, stale: false });
    // Back to the first: its results are there.
    actions.setView({ sae: DEFAULT_VIEW.sae });
    await settle();
    await answer("open", CARD);
    expect(shown()).toMatchObject({ data: { decoderNorm: 1 }, stale: false });
    expect(of("feature")).toHaveLength(2);
  });

  it("stay as they are where another SAE cannot be opened", async () => {
    const { actions, of, look, answer, refuse } = await opened();
    const { shown } = look(analysis);
    await answer("analyze", { tokens: [1] });
    actions.setView({ sae: "other" });
    await settle();
    expect(shown()).toMatchObject({ data: { tokens: [1] }, stale: true });
    await refuse("open", new FacetError("Mismatch", "Wrong width."));
    expect(shown()).toMatchObject({ data: { tokens: [1] }, stale: false, running: false });
    expect(of("analyze")).toHaveLength(1);
  });

  it("are forgotten when nobody has looked at them for a while", async () => {
    const { actions, of, look, answer } = await opened();
    look(analysis);
    await answer("analyze", { tokens: [1] });
    actions.setView({ mask: "all" });
    await answer("analyze", { tokens: [2] });
    vi.advanceTimersByTime(120_000);
    actions.setView({ mask: "nonspecial" });
    expect(of("analyze")).toHaveLength(3);
  });
});

describe("the view", () => {
  it("verifies the text when tokens are coloured by cross-entropy, and again when the text changes", async () => {
    const { actions, of, look } = await opened();
    look(verification);
    expect(of("verify")).toHaveLength(0);
    actions.setView({ colour: "ce" });
    await settle();
    expect(of("verify")).toHaveLength(1);
    actions.setView({ text: "new" });
    await settle();
    expect(of("verify").at(-1)?.args).toEqual(["new", { mask: "nonspecial" }]);
    actions.setView({ colour: "feature" });
    actions.setView({ text: "newer" });
    await settle();
    expect(of("verify")).toHaveLength(2);
  });

  it("looks a feature up once", async () => {
    const { store, actions, of, look, answer } = await opened();
    const { shown } = look(feature, () => [store.getState().view.feature]);
    expect(of("feature")).toHaveLength(0);
    actions.setView({ feature: 7 });
    look(feature, 7);
    await settle();
    await answer("feature", { index: 7 });
    actions.setView({ feature: 8 });
    await settle();
    expect(shown()).toMatchObject({ data: { index: 7 }, stale: true, running: true });
    await answer("feature", { index: 8 });
    actions.setView({ feature: 7 });
    expect(shown()).toMatchObject({ data: { index: 7 }, stale: false });
    expect(of("feature").map(({ args }) => args)).toEqual([[7], [8]]);
  });

  it("follows back and forward", async () => {
    const { store, actions, of, goTo, back, look } = await opened();
    look(analysis);
    look(feature, () => [store.getState().view.feature]);
    actions.setView({ text: "one" });
    goTo("text=two&feature=3");
    await settle();
    expect(store.getState().view).toMatchObject({ text: "two", feature: 3 });
    expect(of("analyze").at(-1)?.args[0]).toBe("two");
    expect(of("feature").at(-1)?.args).toEqual([3]);
    back();
    await settle();
    expect(store.getState().view).toMatchObject({ text: "one", feature: null });
    expect(of("analyze").at(-1)?.args[0]).toBe("one");
  });

  it("says of a followed link what cannot be honoured, and of the next no more", async () => {
    const { store, goTo } = await opened();
    goTo("colour=purple");
    expect(
      store
        .getState()
        .notices.map(({ text }) => text)
        .join(),
    ).toContain("purple");
    goTo("colour=l0");
    expect(store.getState().notices).toEqual([]);
  });

  it("drops a chosen feature, list and edits with their SAE, and says so of work", async () => {
    const { store, actions } = await opened();
    actions.setView({
      feature: 7,
      list: [{ feature: 7, note: "" }],
      edits: [{ feature: 7, mode: "ablate", positions: "all", on: true }],
    });
    actions.setView({ sae: "other" });
    const { view, notices } = store.getState();
    expect(view).toMatchObject({ feature: null, list: [], edits: [] });
    const told = notices.map(({ text }) => text).join("\n");
    expect(told).toMatch(/list was of the other SAE/);
    expect(told).toMatch(/edits were of the other SAE/);
  });

  it("names the versions in its permalink, and nothing secret", async () => {
    const { actions } = await opened();
    expect(actions.permalink()).toBe("https://facet.example/#model-rev=m1&sae-rev=s1");
    expect(actions.permalink({ place: "sae" })).toContain("place=sae");
  });
});

describe("comparing", () => {
  const OTHER = "place=compare&other=blocks.0.hook_resid_post&other-gelu=erf";
  const COMPARED = {
    sides: [{ verification: {} }, { analysis: { sae: { revision: "o1" } } }],
  };

  it("compares what the link asks for, once something is open", async () => {
    const { actions, last, of, look, answer } = setUp(OTHER);
    look(comparison);
    await settle();
    expect(of("compare")).toHaveLength(0);
    await answer("open", CARD);
    expect(last("compare").args).toEqual([
      { model: "demo", sae: "blocks.0.hook_resid_post", activation: "erf" },
      DEFAULT_VIEW.text,
      { mask: "nonspecial", loss: true },
    ]);
    await answer("compare", COMPARED);
    expect(actions.permalink()).toContain("other-rev=o1");
  });

  it("names no revision in the link of an SAE that is not compared yet", async () => {
    const { actions, look, answer } = await opened(OTHER);
    look(comparison);
    await settle();
    await answer("compare", COMPARED);
    actions.setView({ otherSae: "blocks.5.hook_resid_post" });
    expect(actions.permalink()).not.toContain("other-rev");
  });

  it("compares only while it is on show, anew when the text or a setting changes", async () => {
    const { actions, of, last, look, answer } = await opened();
    actions.setView({ otherSae: "blocks.0.hook_resid_post" });
    await settle();
    expect(of("compare")).toHaveLength(0);
    const first = look(comparison);
    await settle();
    expect(of("compare")).toHaveLength(1);
    await answer("compare", COMPARED);
    first.leave();
    const again = look(comparison);
    await settle();
    expect(of("compare")).toHaveLength(1);
    expect(again.shown()).toMatchObject({ data: COMPARED, stale: false });
    actions.setView({ otherPrecision: "int4" });
    await settle();
    expect(last("compare").args[0]).toMatchObject({ precision: "int4" });
    expect(again.shown()).toMatchObject({ data: COMPARED, stale: true, running: true });
    actions.setView({ text: "new" });
    await settle();
    expect(last("compare").args[1]).toBe("new");
    expect(of("compare")).toHaveLength(3);
    again.leave();
    expect(last("compare").options.signal?.aborted).toBe(true);
  });

  it("shows why the other cannot be opened, and tries again when asked", async () => {
    const { store, actions, of, look, refuse } = await opened();
    actions.setView({ otherSae: "none" });
    const { shown } = look(comparison);
    await settle();
    await refuse("compare", new FacetError("RepoNotFound", "None."));
    expect(shown().error).toMatchObject({ code: "RepoNotFound" });
    expect(store.getState().card.data).toEqual(CARD);
    actions.request(comparison);
    await settle();
    expect(of("compare")).toHaveLength(2);
  });
});

describe("labels of Neuronpedia", () => {
  const card = { ...CARD, sae: { neuronpediaId: "gemma-2b/6-res", labels: null } };

  it("are asked for where the reader has switched that on, and stand in lists", async () => {
    const { store, actions, of, last, look, answer } = await opened("", card);
    look(neuronpediaLabel, 7);
    await settle();
    expect(of("neuronpediaLabel")).toHaveLength(0);
    actions.askNeuronpedia(true);
    await settle();
    expect(last("neuronpediaLabel").args).toEqual(["gemma-2b/6-res", 7]);
    const label = { text: "verbs", author: null };
    await answer("neuronpediaLabel", label);
    expect(store.getState().labels.neuronpedia).toEqual({ 7: label });
    actions.setView({ sae: "other" });
    await settle();
    await answer("open", cardOf("other"));
    expect(store.getState().labels.neuronpedia).toEqual({});
  });
});
