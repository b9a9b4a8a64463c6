// The store against a recording worker: what a change of the view asks for, what becomes of old results and errors.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FacetError } from "../../../src/lib/errors.ts";
import { DEFAULT_VIEW } from "../../../src/state/view.ts";
import type { CreatedStore } from "../../../src/state/createStore.ts";
import { CARD, opened, setUp, settle } from "../../support/recordingStore.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("opening", () => {
  it("opens the view's model and SAE, then analyses its text", async () => {
    const { last, of, store } = await opened();
    expect(last("open").args[0]).toEqual({
      model: "demo",
      sae: DEFAULT_VIEW.sae,
      activation: "tanh",
    });
    expect(of("analyze").map(({ args }) => args)).toEqual([
      [DEFAULT_VIEW.text, { mask: "nonspecial" }],
    ]);
    await expect(store.ready).resolves.toBeUndefined();
  });

  it("says what of a link cannot be honoured and opens what can be", async () => {
    const { store, of, last } = setUp("sae=nothing&colour=purple");
    last("open").reject(new FacetError("RepoNotFound", "There is no SAE called nothing."));
    await settle();
    expect(of("open")).toHaveLength(2);
    last("open").resolve(CARD);
    await settle();
    await expect(store.ready).rejects.toMatchObject({ code: "RepoNotFound" });
    const { view, notices, card, refused } = store.getState();
    expect(view.sae).toBe(DEFAULT_VIEW.sae);
    expect(card.data).toBe(CARD);
    expect(notices.map(({ text }) => text).join("\n")).toMatch(/purple[^]*bundled model/);
    expect(refused).toMatchObject({
      asked: { sae: "nothing" },
      error: { message: "There is no SAE called nothing." },
    });
  });

  it("opens the bundled model where the reader declines what a link asks for", async () => {
    const { store, last } = setUp("model=owner/name&sae=owner/sae&endpoint=https://evil.example");
    await settle();
    store.actions.cancelOpen();
    await settle();
    expect(last("open").args[0]).toMatchObject({ model: "demo" });
    last("open").resolve(CARD);
    await settle();
    expect(store.getState()).toMatchObject({ refused: null, view: { model: "demo" } });
  });

  it("keeps what was open when another SAE cannot be opened", async () => {
    const { store, last } = await opened();
    store.actions.setView({ sae: "other" });
    expect(last("open").args[0]).toMatchObject({ sae: "other" });
    last("open").reject(new FacetError("Mismatch", "Wrong width."));
    await settle();
    const { view, card, refused } = store.getState();
    expect(view.sae).toBe(DEFAULT_VIEW.sae);
    expect(card).toMatchObject({ data: CARD, stale: false, running: false, error: null });
    expect(refused).toMatchObject({ asked: { sae: "other" }, error: { message: "Wrong width." } });
  });

  it("tries what was refused once more, with the token for the hub that refused it", async () => {
    const { store, last } = await opened();
    store.actions.openSources({
      model: "a/b",
      sae: "a/c",
      endpoint: "https://hub.example",
      precision: "int8",
    });
    await settle();
    store.actions.goAhead();
    await settle();
    last("plan").reject(new FacetError("GatedRepo", "Not for all."));
    await settle();
    expect(store.getState().view).toMatchObject({ model: "demo", endpoint: null, precision: null });
    store.actions.signIn("hf_secret", false);
    await settle();
    expect(store.getState().refused).toBeNull();
    expect(last("plan").args[0]).toMatchObject({
      model: "a/b",
      endpoint: "https://hub.example",
      precision: "int8",
      token: "hf_secret",
    });
  });

  it("forgets a refusal that the reader dismisses or leaves behind", async () => {
    const { store, last } = await opened();
    const refuse = async (sae: string): Promise<void> => {
      store.actions.setView({ sae });
      last("open").reject(new FacetError("Mismatch", "Wrong width."));
      await settle();
      expect(store.getState().refused).not.toBeNull();
    };
    await refuse("other");
    store.actions.dismissRefused();
    expect(store.getState().refused).toBeNull();
    await refuse("other");
    store.actions.openSources({
      model: "demo",
      sae: DEFAULT_VIEW.sae,
      endpoint: null,
      precision: null,
    });
    await settle();
    expect(store.getState().refused).toBeNull();
  });

  it("warns where the link was made with another version", async () => {
    const { store } = await opened("model-rev=m0&sae-rev=s1");
    expect(store.getState().notices.map(({ text }) => text)).toEqual([
      "The link was made with another version of the model; its numbers may differ.",
    ]);
  });

  it("never cancels a script's open, and gives the script its error", async () => {
    const { store, last } = await opened();
    const opening = store.open({ model: "demo", sae: "other" });
    expect(store.getState().view.sae).toBe("other");
    expect(last("open").options.signal).toBeUndefined();
    last("open").reject(new FacetError("RepoNotFound", "None."));
    await expect(opening).rejects.toMatchObject({ code: "RepoNotFound" });
    expect(store.getState().view.sae).toBe(DEFAULT_VIEW.sae);
  });
});

describe("asking first", () => {
  const PLAN = { bytes: 1_500_000_000 };

  it("shows a large download before it starts, and asks once", async () => {
    const { store, of, last } = await opened();
    store.actions.setView({ model: "gemma-2b", sae: "blocks.6.hook_resid_post" });
    expect(of("open")).toHaveLength(1);
    last("plan").resolve(PLAN);
    await settle();
    expect(store.getState().question).toEqual({ kind: "download", plan: PLAN });
    store.actions.goAhead();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(last("open").args[0]).toMatchObject({ model: "gemma-2b" });
    last("open").resolve({ ...CARD, modelKey: "gemma-2b" });
    await settle();
    store.actions.reopen();
    await settle();
    expect(of("plan")).toHaveLength(1);
    expect(of("open")).toHaveLength(3);
  });

  it("opens in the precision chosen there, and the link says so", async () => {
    const { store, last, visited } = await opened();
    store.actions.setView({ model: "gemma-2b", sae: "blocks.6.hook_resid_post" });
    last("plan").resolve(PLAN);
    await settle();
    store.actions.goAhead("int4");
    await settle();
    expect(last("open").args[0]).toMatchObject({ precision: "int4" });
    expect(visited.at(-1)).toContain("precision=int4");
  });

  it("opens nothing when declined, and shows what was open", async () => {
    const { store, of, last } = await opened();
    store.actions.setView({ model: "owner/name", sae: "owner/sae" });
    last("plan").resolve(PLAN);
    await settle();
    store.actions.cancelOpen();
    await settle();
    expect(of("open")).toHaveLength(1);
    expect(store.getState()).toMatchObject({
      question: null,
      view: { model: "demo" },
      card: { data: CARD, error: null },
    });
    expect(store.getState().notices).toEqual([]);
  });

  it("asks before a link's hub is read, and gives it no token of another", async () => {
    const { store, of, last } = setUp(
      `model=owner/name&sae=owner/sae&endpoint=${encodeURIComponent("https://evil.example")}`,
    );
    await settle();
    expect(store.getState().question).toEqual({
      kind: "endpoint",
      endpoint: "https://evil.example",
    });
    expect(of("plan")).toHaveLength(0);
    store.actions.goAhead();
    await settle();
    expect(last("plan").args[0]).not.toHaveProperty("token");
    expect(JSON.stringify(last("plan").args)).not.toContain("hf_secret");
  });

  it("sends a token only with requests to the hub it was entered for, and shows it nowhere", async () => {
    const { store, last, visited } = await opened();
    store.actions.setView({ model: "google/gemma-2b", sae: "owner/sae" });
    store.actions.signIn(" hf_secret ", false);
    await settle();
    expect(last("plan").args[0]).toMatchObject({ token: "hf_secret" });
    store.actions.setView({ endpoint: "https://other.example" });
    await settle();
    store.actions.goAhead();
    await settle();
    expect(last("plan").args[0]).not.toHaveProperty("token");
    expect(
      JSON.stringify(store.getState()) + visited.join() + store.actions.permalink(),
    ).not.toContain("hf_secret");
  });

  it("forgets a token here and where requests are made", async () => {
    const { store, last } = await opened();
    store.actions.signIn("hf_secret", false);
    await settle();
    expect(store.getState().tokenOrigins).toEqual(["https://huggingface.co"]);
    store.actions.forgetToken("https://huggingface.co");
    expect(store.getState().tokenOrigins).toEqual([]);
    expect(last("forgetToken").args).toEqual(["https://huggingface.co"]);
    store.actions.setView({ model: "google/gemma-2b", sae: "owner/sae" });
    await settle();
    expect(last("plan").args[0]).not.toHaveProperty("token");
  });

  it("opens a folder from disk without asking", async () => {
    const { store, last, of } = await opened();
    store.actions.openSources({
      model: "demo",
      sae: { name: "my sae", files: [] },
      endpoint: null,
      precision: null,
    });
    await settle();
    last("addFolder").resolve("local/my-sae");
    await settle();
    expect(of("plan")).toHaveLength(0);
    expect(last("open").args[0]).toMatchObject({ model: "demo", sae: "local/my-sae" });
  });
});

describe("typing", () => {
  const type = (store: CreatedStore, text: string): void =>
    store.actions.setView({ text }, "replace");

  it("waits until typing settles, cancels the running job, and dims the old result", async () => {
    const { store, of, last, visited } = await opened();
    last("analyze").resolve({ text: "first", tokens: [] });
    await settle();
    type(store, "a");
    type(store, "ab");
    expect(store.getState().analysis).toMatchObject({ data: { text: "first" }, stale: true });
    expect(of("analyze")).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(of("analyze").map(({ args }) => args[0])).toEqual([DEFAULT_VIEW.text, "ab"]);
    expect(visited).toEqual(["text=ab"]);
    const running = last("analyze");
    type(store, "abc");
    expect(running.options.signal?.aborted).toBe(true);
    vi.advanceTimersByTime(1000);
    last("analyze").resolve({ text: "abc", tokens: [] });
    await settle();
    expect(store.getState().analysis).toMatchObject({
      data: { text: "abc" },
      stale: false,
      error: null,
    });
  });

  it("tries again when a failed text is set once more", async () => {
    const { store, of, last } = await opened();
    last("analyze").reject(new FacetError("OutOfMemory", "Too long."));
    await settle();
    expect(store.getState().analysis.error).toMatchObject({ code: "OutOfMemory" });
    store.actions.setView({ text: DEFAULT_VIEW.text });
    expect(of("analyze")).toHaveLength(2);
  });
});

describe("the view", () => {
  it("verifies the text when tokens are coloured by cross-entropy, and again when the text changes", async () => {
    const { store, of } = await opened();
    expect(of("verify")).toHaveLength(0);
    store.actions.setView({ colour: "ce" });
    expect(of("verify")).toHaveLength(1);
    store.actions.setView({ text: "new" });
    expect(of("verify").at(-1)?.args[0]).toBe("new");
  });

  it("looks a feature up once", async () => {
    const { store, of, last } = await opened();
    store.actions.setView({ feature: 7 });
    store.actions.loadFeature(7);
    last("feature").resolve({ index: 7 });
    await settle();
    store.actions.loadFeature(7);
    expect(of("feature")).toHaveLength(1);
    store.actions.setView({ feature: 8 });
    expect(of("feature").at(-1)?.args).toEqual([8]);
  });

  it("does not give up what the page asks for as soon as something else is on show", async () => {
    const { store, last, of } = await opened();
    store.actions.loadFeature(7);
    last("feature").resolve({ index: 7 });
    await settle();
    store.actions.setView({ sae: "other" });
    // As a component does that is drawn anew: before anything that was to happen after the opening.
    const stop = store.subscribe(() => {
      if (store.getState().card.data?.saeKey !== "other") return;
      stop();
      store.actions.loadFeature(7);
    });
    last("open").resolve({ ...CARD, saeKey: "other" });
    await settle();
    last("feature").resolve({ index: 7, decoderNorm: 2 });
    await settle();
    expect(of("feature")).toHaveLength(2);
    expect(store.getState().feature).toMatchObject({ stale: false, data: { decoderNorm: 2 } });
  });

  it("reads a large unembedding only when asked, and then for every feature", async () => {
    const { store, of, last } = setUp();
    last("open").resolve({ ...CARD, model: { embeddingBytes: 1_048_576_000 } });
    await settle();
    store.actions.setView({ feature: 7 });
    expect(of("feature")).toHaveLength(0);
    last("featureFacts").resolve({ index: 7, logitLens: null });
    await settle();
    store.actions.loadLens();
    expect(last("feature").args).toEqual([7]);
    last("feature").resolve({ index: 7, logitLens: {} });
    await settle();
    store.actions.setView({ feature: 8 });
    expect(last("feature").args).toEqual([8]);
    expect(of("featureFacts")).toHaveLength(1);
  });

  it("follows back and forward", async () => {
    const { store, of, goTo } = await opened();
    store.actions.setView({ text: "one" });
    goTo("text=two&feature=3");
    expect(store.getState().view).toMatchObject({ text: "two", feature: 3 });
    expect(of("analyze").at(-1)?.args[0]).toBe("two");
    expect(of("feature").at(-1)?.args).toEqual([3]);
  });

  it("drops a chosen feature with its SAE", async () => {
    const { store } = await opened();
    store.actions.setView({ feature: 7 });
    store.actions.setView({ sae: "other" });
    expect(store.getState().view.feature).toBeNull();
  });

  it("names the versions in its permalink, and nothing secret", async () => {
    const { store } = await opened();
    expect(store.actions.permalink()).toBe("https://facet.example/#model-rev=m1&sae-rev=s1");
  });
});

describe("comparing", () => {
  const OTHER = "place=compare&other=blocks.0.hook_resid_post&other-gelu=erf";
  const COMPARED = {
    sides: [{ verification: {} }, { analysis: { sae: { revision: "o1" } } }],
  };

  it("compares what the link asks for, once something is open", async () => {
    const { store, last, of } = setUp(OTHER);
    expect(of("compare")).toHaveLength(0);
    last("open").resolve(CARD);
    await settle();
    expect(last("compare").args).toEqual([
      { model: "demo", sae: "blocks.0.hook_resid_post", activation: "erf" },
      DEFAULT_VIEW.text,
      { mask: "nonspecial", loss: true },
    ]);
    last("compare").resolve(COMPARED);
    await settle();
    expect(store.actions.permalink()).toContain("other-rev=o1");
  });

  it("compares only while it is on show, anew when the text or a setting changes", async () => {
    const { store, of, last } = await opened();
    store.actions.setView({ otherSae: "blocks.0.hook_resid_post" });
    expect(of("compare")).toHaveLength(0);
    store.actions.setView({ place: "compare" });
    expect(of("compare")).toHaveLength(1);
    last("compare").resolve(COMPARED);
    await settle();
    store.actions.setView({ place: "text" });
    store.actions.setView({ place: "compare" });
    expect(of("compare")).toHaveLength(1);
    store.actions.setView({ otherPrecision: "int4" });
    expect(last("compare").args[0]).toMatchObject({ precision: "int4" });
    store.actions.setView({ text: "new" });
    expect(last("compare").args[1]).toBe("new");
    expect(of("compare")).toHaveLength(3);
    store.actions.setView({ place: "text" });
    expect(last("compare").options.signal?.aborted).toBe(true);
  });

  it("asks before a large download, and leaves the loss of a large model out", async () => {
    const { store, of, last } = setUp();
    last("open").resolve({ ...CARD, model: { embeddingBytes: 1_048_576_000 } });
    await settle();
    store.actions.setView({ place: "compare", otherSae: "owner/sae" });
    last("plan").resolve({ bytes: 1_500_000_000 });
    await settle();
    expect(store.getState().question).toMatchObject({ kind: "download" });
    expect(of("compare")).toHaveLength(0);
    store.actions.goAhead("int8");
    await settle();
    expect(last("compare").args[0]).toMatchObject({ sae: "owner/sae", precision: "int8" });
    expect(last("compare").args[2]).toMatchObject({ loss: false });
    expect(store.getState().view.otherPrecision).toBe("int8");
    last("compare").resolve({ ...COMPARED, sides: [{ verification: null }, COMPARED.sides[1]] });
    await settle();
    store.actions.setView({ colour: "ce" });
    await settle();
    expect(last("compare").args[2]).toMatchObject({ loss: true });
  });

  it("is not made where the reader declines the download", async () => {
    const { store, of, last } = await opened();
    store.actions.setView({ place: "compare", otherSae: "owner/sae" });
    last("plan").resolve({ bytes: 1_500_000_000 });
    await settle();
    store.actions.cancelOpen();
    await settle();
    expect(store.getState().question).toBeNull();
    expect(store.getState().comparison).toMatchObject({ running: false, error: null });
    expect(of("compare")).toHaveLength(0);
  });

  it("shows why the other cannot be opened, and tries again when asked", async () => {
    const { store, of, last } = await opened();
    store.actions.setView({ place: "compare", otherSae: "none" });
    last("compare").reject(new FacetError("RepoNotFound", "None."));
    await settle();
    expect(store.getState().comparison.error).toMatchObject({ code: "RepoNotFound" });
    expect(store.getState().card.data).toBe(CARD);
    store.actions.compareAgain();
    expect(of("compare")).toHaveLength(2);
  });
});

describe("a page around this one", () => {
  const FOREIGN = { model: "a/b", sae: "a/c", endpoint: "https://evil.example" };

  it("opens only what the reader agrees to", async () => {
    const { store, of, last } = await opened();
    const opening = store.open(FOREIGN, "stranger");
    await settle();
    expect(store.getState().question).toMatchObject({ kind: "endpoint" });
    expect(of("plan")).toHaveLength(0);
    store.actions.goAhead();
    await settle();
    last("plan").resolve({ bytes: 1 });
    await settle();
    expect(last("open").args[0]).toEqual(FOREIGN);
    last("open").resolve(CARD);
    await expect(opening).resolves.toBe(CARD);
  });

  it("learns that the reader declined", async () => {
    const { store, of } = await opened();
    const opening = store.open(FOREIGN, "stranger");
    await settle();
    store.actions.cancelOpen();
    await expect(opening).rejects.toMatchObject({ code: "Cancelled" });
    expect(of("open")).toHaveLength(1);
    expect(store.getState().view.model).toBe("demo");
  });
});
