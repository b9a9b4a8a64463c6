// Opening by a recording worker: what is asked of it, and what of the view becomes of each way that it can end.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FacetError } from "../../../src/lib/errors.ts";
import { analysis, feature, intervention } from "../../../src/state/queries.ts";
import { readFragment, writeFragment } from "../../../src/state/permalink.ts";
import { DEFAULT_VIEW, type View } from "../../../src/state/view.ts";
import { CARD, cardOf, opened, setUp, settle } from "../../support/recordingStore.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NONE = new FacetError("RepoNotFound", "There is none.");
const WRONG = new FacetError("Mismatch", "Wrong width.");

describe("opening", () => {
  it("opens the view's model and SAE, then analyses its text", async () => {
    const { last, of, store, look, answer } = setUp();
    look(analysis);
    await settle();
    expect(last("open").args[0]).toEqual({
      model: "demo",
      sae: DEFAULT_VIEW.sae,
      activation: "tanh",
    });
    expect(of("analyze")).toHaveLength(0);
    await answer("open", CARD);
    expect(of("analyze").map(({ args }) => args)).toEqual([
      [DEFAULT_VIEW.text, { mask: "nonspecial" }],
    ]);
    expect(last("analyze").options.on).toBe(store.getState().on);
    await expect(store.ready).resolves.toBeUndefined();
  });

  it("says what of a link cannot be honoured and opens what can be", async () => {
    const { store, of, refuse, answer } = setUp("sae=nothing&colour=purple");
    await settle();
    await refuse("open", NONE);
    expect(of("open")).toHaveLength(2);
    await answer("open", CARD);
    await expect(store.ready).rejects.toMatchObject({ code: "RepoNotFound" });
    const { view, notices, card, refused } = store.getState();
    expect(view.sae).toBe(DEFAULT_VIEW.sae);
    expect(card.data).toEqual(CARD);
    expect(notices.map(({ text }) => text).join("\n")).toMatch(/purple[^]*bundled model/);
    expect(refused).toMatchObject({
      asked: { sae: "nothing" },
      error: { message: "There is none." },
    });
  });

  it("leaves what a link says of the features of an SAE that cannot be opened", async () => {
    const { store, of, refuse, answer, look, address } = setUp(
      "sae=nothing&feature=7&edits=7_ablate_all&list=7&list-name=mine&downstream=x&scan=y&text=whale",
    );
    look(feature, () => [store.getState().view.feature]);
    look(intervention, null);
    await settle();
    await refuse("open", NONE);
    await answer("open", CARD);
    expect(store.getState().view).toEqual({ ...DEFAULT_VIEW, text: "whale" });
    expect(address.fragment()).toBe("text=whale");
    expect([...of("feature"), ...of("intervene")]).toEqual([]);
  });

  it.each(["cancelOpen", "decline"] as const)(
    "opens the bundled model where the reader declines what a link asks for (%s)",
    async (no) => {
      const { store, actions, last, answer } = setUp(
        "model=owner/name&sae=owner/sae&endpoint=https://evil.example&feature=3",
      );
      await settle();
      actions[no]();
      await settle();
      expect(last("open").args[0]).toMatchObject({ model: "demo" });
      await answer("open", CARD);
      expect(store.getState()).toMatchObject({
        refused: null,
        question: null,
        view: { model: "demo", endpoint: null, feature: null },
      });
    },
  );

  it("keeps what was open when another SAE cannot be opened", async () => {
    const { store, actions, last, refuse } = await opened();
    const { on } = store.getState();
    actions.setView({ sae: "other" });
    expect(store.getState()).toMatchObject({ on: null, card: { data: CARD, stale: true } });
    await settle();
    expect(last("open").args[0]).toMatchObject({ sae: "other" });
    await refuse("open", WRONG);
    const { view, card, refused } = store.getState();
    expect(view.sae).toBe(DEFAULT_VIEW.sae);
    expect(store.getState().on).toBe(on);
    expect(card).toMatchObject({ data: CARD, stale: false, running: false, error: null });
    expect(refused).toMatchObject({ asked: { sae: "other" }, error: { message: "Wrong width." } });
  });

  it("tries what was refused once more, with the token for the hub that refused it", async () => {
    const { store, actions, last, refuse } = await opened();
    actions.openSources({
      model: "a/b",
      sae: "a/c",
      endpoint: "https://hub.example",
      precision: "int8",
    });
    await settle();
    actions.goAhead();
    await settle();
    await refuse("plan", new FacetError("GatedRepo", "Not for all."));
    expect(store.getState().view).toMatchObject({ model: "demo", endpoint: null, precision: null });
    actions.signIn("hf_secret", false);
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
    const { store, actions, refuse, answer } = await opened();
    const refused = async (sae: string): Promise<void> => {
      actions.setView({ sae });
      await settle();
      await refuse("open", WRONG);
      expect(store.getState().refused).not.toBeNull();
    };
    await refused("other");
    actions.dismissRefused();
    expect(store.getState().refused).toBeNull();
    await refused("other");
    actions.setView({ sae: "blocks.0.hook_resid_post" });
    expect(store.getState().refused).toBeNull();
    await settle();
    await answer("open", cardOf("blocks.0.hook_resid_post"));
    expect(store.getState().refused).toBeNull();
  });

  it("forgets a refusal once a script has opened another", async () => {
    const { store, actions, refuse, answer } = await opened();
    actions.setView({ sae: "other" });
    await settle();
    await refuse("open", WRONG);
    const opening = store.open({ model: "demo", sae: "third" });
    await settle();
    await answer("open", cardOf("third"));
    await opening;
    expect(store.getState().refused).toBeNull();
  });

  it("warns where the link was made with another version", async () => {
    const { store } = await opened("model-rev=m0&sae-rev=s1");
    expect(store.getState().notices.map(({ text }) => text)).toEqual([
      "The link was made with another version of the model; its numbers may differ.",
    ]);
  });

  it.each([
    ["sae-rev=s2", { sae: `${DEFAULT_VIEW.sae}@s2` }],
    ["model-rev=m2", { model: "demo@m2" }],
  ])("opens what a link of another revision alone asks for (%s)", async (link, asked) => {
    const { store, actions, of, last, goTo, answer } = await opened();
    goTo(link);
    await settle();
    expect(of("open")).toHaveLength(2);
    expect(last("open").args[0]).toMatchObject(asked);
    const other = {
      ...CARD,
      provenance: {
        ...CARD.provenance,
        model: { ...CARD.provenance.model, revision: "m2" },
        sae: { ...CARD.provenance.sae, revision: "s2" },
      },
    };
    await answer("open", other);
    expect(store.getState().on).toBe(JSON.stringify(other.provenance));
    expect(actions.permalink()).toBe("https://facet.example/#model-rev=m2&sae-rev=s2");
  });

  it("opens nothing anew for a link that names the revisions that are open", async () => {
    const { of, goTo } = await opened();
    goTo("model-rev=m1&sae-rev=s1&text=whale");
    await settle();
    expect(of("open")).toHaveLength(1);
  });

  it("never cancels a script's open for what the page asks next, and gives the script its card", async () => {
    const { store, actions, of, last, answer } = await opened();
    const opening = store.open({ model: "demo", sae: "other" });
    await settle();
    expect(store.getState().view.sae).toBe("other");
    const first = last("open");
    actions.setView({ sae: "third" });
    await settle();
    expect(first.options.signal?.aborted).toBe(false);
    expect(of("open")).toHaveLength(2);
    first.resolve(cardOf("other"));
    await expect(opening).resolves.toMatchObject({ saeKey: "other" });
    await settle();
    expect(last("open").args[0]).toMatchObject({ sae: "third" });
    await answer("open", cardOf("third"));
    expect(store.getState().card.data).toMatchObject({ saeKey: "third" });
  });

  it("gives a script the error of its open", async () => {
    const { store, refuse } = await opened();
    const opening = store.open({ model: "demo", sae: "other" });
    await settle();
    await refuse("open", NONE);
    await expect(opening).rejects.toMatchObject({ code: "RepoNotFound" });
    expect(store.getState().view.sae).toBe(DEFAULT_VIEW.sae);
  });

  it("shows what is open where a script's next open fails", async () => {
    const { store, answer, refuse, address } = await opened();
    const [good, bad] = [
      store.open({ model: "demo", sae: "good" }),
      store.open({ model: "demo", sae: "bad" }),
    ];
    await settle();
    await answer("open", cardOf("good"));
    await good;
    await refuse("open", NONE);
    await expect(bad).rejects.toMatchObject({ code: "RepoNotFound" });
    const { view, card, on } = store.getState();
    expect(view.sae).toBe("good");
    expect(card).toMatchObject({ data: { saeKey: "good" }, stale: false, running: false });
    expect(on).toBe(JSON.stringify(cardOf("good").provenance));
    expect(readFragment(address.fragment()).view.sae).toBe("good");
  });

  it("opens one after another, and of many choices only the last", async () => {
    const { store, actions, of, last, answer } = await opened();
    for (const sae of ["a", "b", "c", "d"]) actions.setView({ sae });
    await settle();
    // The first choice was given up before it reached the worker, or in it.
    expect(of("open").filter(({ options }) => options.signal?.aborted !== true)).toHaveLength(2);
    expect(last("open").args[0]).toMatchObject({ sae: "d" });
    await answer("open", cardOf("d"));
    expect(store.getState().view.sae).toBe("d");
  });
});

// Each way to ask for another SAE, and each way that it can end.

const ITS_SAE = "owner/sae";
const THIRD = "blocks.0.hook_resid_post";
const PLAN = { bytes: 1_500_000_000 };

type Belonging = Pick<View, "feature" | "list" | "listName" | "edits">;

const about = (index: number, listName: string): Belonging => ({
  feature: index,
  list: [{ feature: index, note: "" }],
  listName,
  edits: [{ feature: index, mode: "ablate", positions: "all", on: true }],
});
const OWN = about(3, "mine");
const ITS = about(5, "its");
const { feature: none, list, listName, edits } = DEFAULT_VIEW;
const NOTHING: Belonging = { feature: none, list, listName, edits };

const link = (view: Partial<View>): string => writeFragment({ ...DEFAULT_VIEW, ...view });

type Page = Awaited<ReturnType<typeof opened>>;

/** What the worker is asked before it opens a hub's SAE. */
async function small(page: Page): Promise<void> {
  await settle();
  await page.answer("plan", { bytes: 1 });
}

const atHome = (): Promise<Page> => opened(link(OWN));

interface Way {
  readonly begin: () => Promise<Page>;
  readonly ask: (page: Page) => void;
  /** What of features it brings along. */
  readonly brings: Belonging;
  /** The reader is asked first. */
  readonly asked: boolean;
}

const WAYS: Record<string, Way> = {
  "a control": {
    begin: atHome,
    ask: ({ actions }) => actions.setView({ sae: ITS_SAE }),
    brings: NOTHING,
    asked: true,
  },
  "a link": {
    begin: atHome,
    ask: ({ goTo }) => goTo(link({ sae: ITS_SAE, ...ITS })),
    brings: ITS,
    asked: true,
  },
  "the back button": {
    async begin() {
      const page = setUp(link({ sae: ITS_SAE, ...ITS }));
      await small(page);
      await page.answer("open", cardOf(ITS_SAE));
      page.actions.setView({ sae: DEFAULT_VIEW.sae, ...OWN });
      await settle();
      await page.answer("open", CARD);
      return page;
    },
    ask: ({ back }) => back(),
    brings: ITS,
    asked: true,
  },
  "a script": {
    begin: atHome,
    ask: ({ store }) => void store.open({ model: "demo", sae: ITS_SAE }).catch(() => undefined),
    brings: NOTHING,
    asked: false,
  },
  "a page around this one": {
    begin: atHome,
    ask: ({ store }) =>
      void store.open({ model: "demo", sae: ITS_SAE }, "stranger").catch(() => undefined),
    brings: NOTHING,
    asked: true,
  },
};

function expectShown({ store, address }: Page, sae: string, belonging: Belonging): void {
  const { view, card, on, question } = store.getState();
  expect(view).toMatchObject({ model: "demo", sae, ...belonging });
  expect(readFragment(address.fragment()).view).toEqual(view);
  expect(card).toMatchObject({ stale: false, running: false, error: null });
  expect(card.data?.saeKey).toBe(sae);
  expect(on).toBe(JSON.stringify(card.data?.provenance));
  expect(question).toBeNull();
}

describe.each(Object.entries(WAYS))("another SAE by %s", (_name, { begin, ask, brings, asked }) => {
  it("opened, has its own features on show", async () => {
    const page = await begin();
    ask(page);
    if (asked) await small(page);
    await settle();
    await page.answer("open", cardOf(ITS_SAE));
    expectShown(page, ITS_SAE, brings);
    expect(page.store.getState().refused).toBeNull();
  });

  it("that cannot be opened leaves everything as it was", async () => {
    const page = await begin();
    ask(page);
    if (asked) await small(page);
    await settle();
    await page.refuse("open", NONE);
    expectShown(page, DEFAULT_VIEW.sae, OWN);
    expect(page.store.getState().refused).toMatchObject({ asked: { sae: ITS_SAE } });
  });

  it("declined, leaves everything as it was", async () => {
    const page = await begin();
    ask(page);
    await settle();
    if (asked) {
      await page.answer("plan", PLAN);
      expect(page.store.getState().question).toEqual({ kind: "download", plan: PLAN });
      page.actions.decline();
    } else page.actions.cancelOpen();
    await settle();
    expectShown(page, DEFAULT_VIEW.sae, OWN);
    expect(page.store.getState().refused).toBeNull();
  });

  it("replaced, leaves nothing of its own to the one that takes its place", async () => {
    const page = await begin();
    ask(page);
    await settle();
    page.actions.setView({ sae: THIRD });
    await settle();
    if (!asked) await page.answer("open", cardOf(ITS_SAE));
    await page.answer("open", cardOf(THIRD));
    expectShown(page, THIRD, NOTHING);
  });

  it("replaced by one that cannot be opened, leaves what is open", async () => {
    const page = await begin();
    ask(page);
    await settle();
    page.actions.setView({ sae: THIRD });
    await settle();
    if (!asked) await page.answer("open", cardOf(ITS_SAE));
    await page.refuse("open", NONE);
    // A script's opening is not given up, so it is what is open.
    if (asked) expectShown(page, DEFAULT_VIEW.sae, OWN);
    else expectShown(page, ITS_SAE, brings);
  });
});
