// What is asked before it is read: hubs, downloads, and what the loss or a logit lens reads of a large model; and that
// tokens go to their hub alone.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CALLS, needsOf } from "../../../src/jobs/calls.ts";
import type { ArgsOf } from "../../../src/jobs/table.ts";
import { createFacet } from "../../../src/scripting.ts";
import {
  analysis,
  comparison,
  downstream,
  feature,
  intervention,
  tokenLogits,
  selfCheck,
  verification,
} from "../../../src/state/queries.ts";
import { CARD, cardOf, LARGE, opened, setUp, settle } from "../../support/recordingStore.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PLAN = { bytes: 1_500_000_000 };
const HUB = "model=gemma-2b&sae=blocks.6.hook_resid_post";
const BIG = { ...cardOf("blocks.6.hook_resid_post", LARGE), modelKey: "gemma-2b" };

/** A hub's model is open whose opening read little; its embedding and its other blocks are large. */
async function hubOpened(more = "") {
  const page = setUp(HUB + more);
  await settle();
  await page.answer("plan", { bytes: 1 });
  await page.answer("open", BIG);
  return page;
}

describe("opening", () => {
  it("shows a large download before it starts, and asks once", async () => {
    const { store, actions, of, last, answer } = await opened();
    actions.setView({ model: "gemma-2b", sae: "blocks.6.hook_resid_post" });
    await settle();
    expect(of("open")).toHaveLength(1);
    await answer("plan", PLAN);
    expect(store.getState().question).toEqual({ kind: "download", plan: PLAN });
    actions.goAhead();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(last("open").args[0]).toMatchObject({ model: "gemma-2b" });
    await answer("open", BIG);
    actions.reopen();
    await settle();
    expect(of("plan")).toHaveLength(1);
    expect(of("open")).toHaveLength(3);
  });

  it("uses the precision chosen there, and the link says so", async () => {
    const { actions, last, answer, address } = await opened();
    actions.setView({ model: "gemma-2b", sae: "blocks.6.hook_resid_post" });
    await settle();
    await answer("plan", PLAN);
    actions.goAhead("int4");
    await settle();
    expect(last("open").args[0]).toMatchObject({ precision: "int4" });
    await answer("open", BIG);
    expect(address.fragment()).toContain("precision=int4");
  });

  it.each(["cancelOpen", "decline"] as const)(
    "reads nothing when declined, and shows what was open (%s)",
    async (no) => {
      const { store, actions, of, answer } = await opened();
      actions.setView({ model: "owner/name", sae: "owner/sae" });
      await settle();
      await answer("plan", PLAN);
      actions[no]();
      await settle();
      expect(of("open")).toHaveLength(1);
      expect(store.getState()).toMatchObject({
        question: null,
        refused: null,
        view: { model: "demo" },
        card: { data: CARD, error: null },
      });
      expect(store.getState().notices).toEqual([]);
    },
  );

  it("withdraws the question that another choice leaves behind", async () => {
    const { store, actions, of, answer } = await opened();
    actions.setView({ model: "owner/name", sae: "owner/sae" });
    await settle();
    await answer("plan", PLAN);
    expect(store.getState().question).not.toBeNull();
    actions.setView({ model: "demo", sae: "blocks.0.hook_resid_post" });
    await settle();
    expect(store.getState().question).toBeNull();
    expect(of("open").map(({ args }) => (args[0] as { model: string }).model)).toEqual([
      "demo",
      "demo",
    ]);
  });

  it("asks before a link's hub is read, and gives it no token of another", async () => {
    const page = setUp(
      `model=owner/name&sae=owner/sae&endpoint=${encodeURIComponent("https://evil.example")}`,
    );
    page.memory.setToken("https://huggingface.co", "hf_secret", false);
    await settle();
    expect(page.store.getState().question).toEqual({
      kind: "endpoint",
      endpoint: "https://evil.example",
    });
    expect(page.of("plan")).toHaveLength(0);
    page.actions.goAhead();
    await settle();
    expect(page.last("plan").args[0]).not.toHaveProperty("token");
    expect(JSON.stringify(page.last("plan").args)).not.toContain("hf_secret");
  });

  it("of a folder from disk asks nothing", async () => {
    const { actions, last, of, answer } = await opened();
    actions.openSources({
      model: "demo",
      sae: { name: "my sae", files: [] },
      endpoint: null,
      precision: null,
    });
    await settle();
    await answer("addFolder", "local/my-sae");
    expect(of("plan")).toHaveLength(0);
    expect(last("open").args[0]).toMatchObject({ model: "demo", sae: "local/my-sae" });
  });
});

describe("tokens", () => {
  /** All that is kept, shown or shared. */
  const everywhere = ({ store, actions, visited }: Awaited<ReturnType<typeof opened>>): string =>
    JSON.stringify([
      store.getState(),
      visited,
      actions.permalink(),
      store.results.client.getQueryCache().getAll(),
    ]);

  it("go only with requests to the hub they were entered for, and show nowhere", async () => {
    const page = await opened();
    const { actions, last, answer, look } = page;
    actions.setView({ model: "google/gemma-2b", sae: "owner/sae" });
    actions.signIn(" hf_secret ", false);
    await settle();
    expect(last("plan").args[0]).toMatchObject({ token: "hf_secret" });
    await answer("plan", { bytes: 1 });
    expect(last("open").args[0]).toMatchObject({ token: "hf_secret" });
    await answer("open", cardOf("owner/sae"));
    actions.setView({ otherSae: "owner/third" });
    look(comparison);
    await settle();
    await answer("plan", { bytes: 1 });
    expect(last("compare").args[0]).toMatchObject({ sae: "owner/third", token: "hf_secret" });
    expect(everywhere(page)).not.toContain("hf_secret");
    actions.setView({ endpoint: "https://other.example" });
    await settle();
    actions.goAhead();
    await settle();
    expect(last("plan").args[0]).not.toHaveProperty("token");
    expect(everywhere(page)).not.toContain("hf_secret");
  });

  it("of a script stand in its request alone", async () => {
    const page = await opened();
    const opening = page.store.open({ model: "a/b", sae: "a/c", token: "hf_secret" });
    await settle();
    expect(page.last("open").args[0]).toEqual({
      model: "a/b",
      sae: "a/c",
      activation: "tanh",
      token: "hf_secret",
    });
    await page.answer("open", cardOf("a/c"));
    await opening;
    expect(everywhere(page)).not.toContain("hf_secret");
    page.actions.setView({ sae: "a/d" });
    await settle();
    expect(page.last("plan").args[0]).not.toHaveProperty("token");
  });

  it("are forgotten here and where requests are made", async () => {
    const { store, actions, last } = await opened();
    actions.signIn("hf_secret", false);
    await settle();
    expect(store.getState().tokenOrigins).toEqual(["https://huggingface.co"]);
    actions.forgetToken("https://huggingface.co");
    expect(store.getState().tokenOrigins).toEqual([]);
    expect(last("forgetToken").args).toEqual(["https://huggingface.co"]);
    actions.setView({ model: "google/gemma-2b", sae: "owner/sae" });
    await settle();
    await vi.runOnlyPendingTimersAsync();
    last("open").resolve(CARD);
    await settle();
    expect(last("plan").args[0]).not.toHaveProperty("token");
  });
});

describe("what the loss or a logit lens reads of a large model", () => {
  const LOSS = { kind: "reads", reads: "loss", bytes: LARGE.lossBytes };
  const LENS = { kind: "reads", reads: "lens", bytes: LARGE.embeddingBytes };

  it("is a question where a link colours by CE, and read once agreed to", async () => {
    const { store, actions, of, look, answer } = await hubOpened("&colour=ce");
    look(analysis);
    const { shown } = look(verification);
    await settle();
    expect(store.getState().question).toEqual(LOSS);
    expect(of("verify")).toHaveLength(0);
    expect(shown()).toMatchObject({ running: true, error: null });
    actions.goAhead();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(of("verify")).toHaveLength(1);
    await answer("verify", { schema: "facet.verification/1" });
    actions.setView({ text: "another" });
    await settle();
    expect(store.getState().question).toBeNull();
    expect(of("verify")).toHaveLength(2);
  });

  it("is one question for all that a link's edits ask for", async () => {
    const { store, actions, of, look } = await hubOpened("&edits=7_ablate_all");
    look(intervention, null);
    look(downstream);
    await settle();
    expect(store.getState().question).toEqual(LOSS);
    expect([...of("intervene"), ...of("downstream")]).toEqual([]);
    actions.goAhead();
    await settle();
    expect([of("intervene"), of("downstream")].map(({ length }) => length)).toEqual([1, 1]);
    expect(store.getState().question).toBeNull();
  });

  it("declined, is not read and no error; requested, it is asked again", async () => {
    const { store, actions, of, look } = await hubOpened("&colour=ce");
    const { shown } = look(verification);
    await settle();
    actions.decline();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(shown()).toEqual({
      data: null,
      stale: false,
      running: false,
      progress: null,
      error: null,
    });
    expect(of("verify")).toHaveLength(0);
    actions.request(verification);
    await settle();
    expect(store.getState().question).toEqual(LOSS);
    actions.goAhead();
    await settle();
    expect(of("verify")).toHaveLength(1);
  });

  it("is asked for no more once nobody looks at it", async () => {
    const { store, look, of } = await hubOpened("&colour=ce");
    const { leave } = look(verification);
    await settle();
    expect(store.getState().question).toEqual(LOSS);
    leave();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(of("verify")).toHaveLength(0);
  });

  it("are questions one after another", async () => {
    const { store, actions, look, of } = await hubOpened("&colour=ce&promotes=5");
    look(verification);
    look(tokenLogits);
    await settle();
    expect(store.getState().question).toEqual(LOSS);
    actions.goAhead();
    await settle();
    expect(store.getState().question).toEqual(LENS);
    expect(of("tokenLogits")).toHaveLength(0);
    actions.goAhead();
    await settle();
    expect([of("verify"), of("tokenLogits")].map(({ length }) => length)).toEqual([1, 1]);
  });

  it("is a question where a control asks for it, too", async () => {
    const { store, actions, of } = await hubOpened();
    for (const ask of [
      () => actions.request(verification),
      () => actions.request(selfCheck),
      () => actions.attribute(null),
      () => actions.generate({ maxTokens: 4, temperature: 0, topP: 1, seed: 1 }),
      () => actions.verifyCorpus(2),
      () => actions.runScan({ corpus: { kind: "bundled" }, metrics: true }),
    ]) {
      ask();
      await settle();
      expect(store.getState().question).toEqual(LOSS);
      actions.decline();
      await settle();
      expect(store.getState().question).toBeNull();
    }
    for (const job of [
      "verify",
      "selfCheck",
      "attribute",
      "generate",
      "verifyCorpus",
      "scan",
    ] as const) {
      expect(of(job), job).toEqual([]);
    }
  });

  it("is read unasked of what ships with the page", async () => {
    const { store, of, look } = await opened("colour=ce", cardOf("demo", LARGE));
    look(verification);
    await settle();
    expect(store.getState().question).toBeNull();
    expect(of("verify")).toHaveLength(1);
  });

  it("is for a feature's page a button that says so: pressed, all features come with it", async () => {
    const { store, actions, of, look, answer, last } = await hubOpened("&feature=7");
    look(feature, () => [store.getState().view.feature]);
    await settle();
    expect(store.getState().question).toBeNull();
    expect(of("feature")).toHaveLength(0);
    await answer("featureFacts", { index: 7, logitLens: null });
    actions.loadLens();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(last("feature").args).toEqual([7]);
    await answer("feature", { index: 7, logitLens: {} });
    actions.setView({ feature: 8 });
    await settle();
    expect(last("feature").args).toEqual([8]);
    expect(of("featureFacts")).toHaveLength(1);
  });

  // What pages around this one may call, with arguments as they would give them.
  const ARGS = {
    verify: ["text"],
    verifyCorpus: [],
    feature: [7],
    residual: ["text", 0],
    generate: ["text", { maxTokens: 4 }],
    attribute: ["text"],
    intervene: ["text", []],
    catalog: [],
    analyze: ["text"],
  } as const;
  const embedded = Object.entries(CALLS).flatMap(([job, { for: who }]) =>
    who === "embed" ? [job as keyof typeof ARGS] : [],
  );

  it.each(embedded)("is asked of the reader for a page around this one (%s)", async (job) => {
    const page = await hubOpened();
    const { store, actions, of } = page;
    const facet = createFacet("1", store, store.ask, "stranger");
    const call = facet[job] as (...args: readonly unknown[]) => Promise<unknown>;
    const { reads } = needsOf(job, ARGS[job] as unknown as ArgsOf<typeof job>);
    const before = of(job).length;
    const asked = call(...ARGS[job]);
    asked.catch(() => undefined);
    await settle();
    if (reads === null) {
      expect(store.getState().question).toBeNull();
      expect(of(job)).toHaveLength(before + 1);
      return;
    }
    expect(store.getState().question).toEqual(reads === "loss" ? LOSS : LENS);
    actions.decline();
    await expect(asked).rejects.toMatchObject({ code: "Cancelled" });
    expect(of(job)).toHaveLength(before);
    const again = call(...ARGS[job]);
    await settle();
    actions.goAhead();
    await settle();
    await page.answer(job, { of: job });
    await expect(again).resolves.toEqual({ of: job });
  });

  it("is of what is being opened, where a page around this one does not wait for it", async () => {
    const { store, actions, of, last, answer } = await opened();
    const facet = createFacet("1", store, store.ask, "stranger");
    const opening = facet.open({ model: "gemma-2b", sae: "blocks.6.hook_resid_post" });
    const asked = facet.verify("text");
    await settle();
    await answer("plan", { bytes: 1 });
    expect(of("verify")).toHaveLength(0);
    await answer("open", BIG);
    await opening;
    await settle();
    expect(store.getState().question).toEqual(LOSS);
    expect(of("verify")).toHaveLength(0);
    actions.goAhead();
    await settle();
    // Just that: where another is opened first, the worker does not run it.
    expect(last("verify").options.on).toBe(store.getState().on);
    await answer("verify", {});
    await asked;
  });

  it("stops with its signal while something is being opened", async () => {
    const { store, of } = await opened();
    const facet = createFacet("1", store, store.ask, "stranger");
    const opening = facet.open({ model: "gemma-2b", sae: "x" });
    opening.catch(() => undefined);
    const controller = new AbortController();
    const asked = facet.verify("text", undefined, { signal: controller.signal });
    await settle();
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: "Cancelled" });
    expect(of("verify")).toHaveLength(0);
  });
});

describe("the SAE beside the open one", () => {
  it("is compared once its download is agreed to, without the loss of a large model", async () => {
    const { store, actions, of, last, answer, look } = await hubOpened();
    actions.setView({ otherSae: "owner/sae" });
    look(comparison);
    await settle();
    await answer("plan", PLAN);
    expect(store.getState().question).toMatchObject({ kind: "download" });
    expect(of("compare")).toHaveLength(0);
    actions.goAhead("int8");
    await settle();
    expect(store.getState().view.otherPrecision).toBe("int8");
    expect(last("compare").args[0]).toMatchObject({ sae: "owner/sae", precision: "int8" });
    expect(last("compare").args[2]).toMatchObject({ loss: false });
    expect(of("compare")).toHaveLength(1);
    const side = { analysis: { sae: { revision: "o1" } } };
    await answer("compare", { sides: [{ verification: null }, side] });
    actions.setView({ colour: "ce" });
    await settle();
    expect(of("compare")).toHaveLength(1);
    actions.goAhead();
    await settle();
    expect(last("compare").args[2]).toMatchObject({ loss: true });
  });

  it("is not compared where its download is declined", async () => {
    const { store, actions, of, answer, look } = await opened();
    actions.setView({ otherSae: "owner/sae" });
    const { shown } = look(comparison);
    await settle();
    await answer("plan", PLAN);
    actions.decline();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(shown()).toMatchObject({ running: false, error: null });
    expect(of("compare")).toHaveLength(0);
  });

  it("downstream of edits is not read from a hub unasked", async () => {
    const page = await opened("edits=7_ablate_all&downstream=owner/sae");
    const { store, actions, of, last, answer, look } = page;
    const { shown } = look(downstream);
    await settle();
    expect(of("downstream")).toHaveLength(0);
    await answer("plan", PLAN);
    expect(store.getState().question).toMatchObject({ kind: "download" });
    actions.decline();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(shown()).toMatchObject({ data: null, running: false, error: null });
    expect(of("downstream")).toHaveLength(0);
    actions.request(downstream);
    await settle();
    await answer("plan", PLAN);
    actions.goAhead();
    await settle();
    expect(last("downstream").args[2]).toEqual({ sae: "owner/sae" });
  });

  it("is asked about no more while another is to be opened, and anew when that is not", async () => {
    const page = await opened("edits=7_ablate_all&downstream=owner/sae");
    const { store, actions, of, answer, look } = page;
    look(downstream);
    await settle();
    await answer("plan", PLAN);
    const foreign = { model: "a/b", sae: "a/c", endpoint: "https://hub.example" };
    const asked = store.open(foreign, "stranger");
    await settle();
    expect(store.getState().question).toMatchObject({ kind: "endpoint" });
    expect(store.getState().view.downstream).toBeNull();
    actions.decline();
    await expect(asked).rejects.toMatchObject({ code: "Cancelled" });
    await settle();
    await answer("plan", PLAN);
    expect(store.getState().view.downstream).toBe("owner/sae");
    expect(store.getState().question).toMatchObject({ kind: "download" });
    expect(of("downstream")).toHaveLength(0);
  });

  it("is a question for a page around this one, even one that asks to open just that", async () => {
    const { store, actions, of, answer } = await opened();
    const facet = createFacet("1", store, store.ask, "stranger");
    const opening = store.open({ model: "demo", sae: "owner/sae" }, "stranger");
    const asked = facet.intervene("text", [], { downstream: "owner/sae" });
    asked.catch(() => undefined);
    await settle();
    await answer("plan", PLAN);
    expect(store.getState().question).toMatchObject({ kind: "download" });
    actions.decline();
    await expect(opening).rejects.toMatchObject({ code: "Cancelled" });
    await settle();
    await answer("plan", PLAN);
    expect(store.getState().question).toMatchObject({ kind: "download" });
    actions.decline();
    await expect(asked).rejects.toMatchObject({ code: "Cancelled" });
    expect(of("intervene")).toHaveLength(0);
  });
});

describe("a page around this one", () => {
  const FOREIGN = { model: "a/b", sae: "a/c", endpoint: "https://evil.example" };

  it("opens only what the reader agrees to", async () => {
    const { store, actions, of, last, answer } = await opened();
    const opening = store.open(FOREIGN, "stranger");
    await settle();
    expect(store.getState().question).toMatchObject({ kind: "endpoint" });
    expect(of("plan")).toHaveLength(0);
    actions.goAhead();
    await settle();
    await answer("plan", { bytes: 1 });
    expect(last("open").args[0]).toEqual({ ...FOREIGN, activation: "tanh" });
    await answer("open", CARD);
    await expect(opening).resolves.toMatchObject({ provenance: CARD.provenance });
  });

  it("learns that the reader declined", async () => {
    const { store, actions, of } = await opened();
    const opening = store.open(FOREIGN, "stranger");
    await settle();
    actions.cancelOpen();
    await expect(opening).rejects.toMatchObject({ code: "Cancelled" });
    expect(of("open")).toHaveLength(1);
    expect(store.getState().view.model).toBe("demo");
  });
});
