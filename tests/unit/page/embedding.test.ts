// The calls of a page that embeds Facet: who is answered, what comes back, and what becomes of hostile messages.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerEmbedder, type EmbeddedWindow, type EmbedMessage } from "../../../src/embedding.ts";
import { FacetError } from "../../../src/lib/errors.ts";
import type { Facet } from "../../../src/scripting.ts";
import { DEFAULT_VIEW } from "../../../src/state/view.ts";

interface Sent {
  readonly message: EmbedMessage;
  readonly to: string;
}

function setUp({ embed = true } = {}) {
  const sent: Sent[] = [];
  const parent = {
    postMessage: (message: EmbedMessage, to: string) => void sent.push({ message, to }),
  };
  let listener: ((event: MessageEvent<unknown>) => void) | undefined;
  const window: EmbeddedWindow = {
    parent,
    addEventListener: (_type, added) => void (listener = added),
  };
  const called: unknown[][] = [];
  const facet = {
    version: "1.2.3",
    ready: Promise.resolve(),
    analyze: async (...args: unknown[]) => {
      called.push(args);
      return { schema: "facet.analysis/1" };
    },
    feature: async () => {
      throw new FacetError("NoSuchFeature", "There is none.");
    },
    permalink: () => "https://facet.example/#embed=1",
  } as unknown as Facet;
  const state = { view: { ...DEFAULT_VIEW, embed } };
  answerEmbedder(window, facet, { getState: () => state as never });
  const post = async (data: unknown, from: unknown = parent, origin = "https://lab.example") => {
    listener?.({ data, source: from, origin } as MessageEvent<unknown>);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    return sent.at(-1);
  };
  return { post, sent, called };
}

describe("embedding", () => {
  it("says once that it is there, with its version alone", () => {
    const { sent } = setUp();
    expect(sent).toEqual([{ message: { facet: 1, event: "loaded", version: "1.2.3" }, to: "*" }]);
  });

  it("answers the calls of window.facet, to the origin that asked alone", async () => {
    const { post, called } = setUp();
    const args = ["The whale", { mask: "all" }];
    expect(await post({ facet: 1, id: "a", call: "analyze", args })).toEqual({
      message: { facet: 1, id: "a", result: { schema: "facet.analysis/1" } },
      to: "https://lab.example",
    });
    expect(called).toEqual([args]);
    expect(await post({ facet: 1, id: 2, call: "permalink" })).toMatchObject({
      message: { id: 2, result: "https://facet.example/#embed=1" },
    });
    expect(await post({ facet: 1, id: 3, call: "ready" })).toMatchObject({
      message: { id: 3, result: null },
    });
    expect(await post({ facet: 1, id: 4, call: "ready" }, undefined, "null")).toMatchObject({
      to: "*",
    });
  });

  it("gives errors whole", async () => {
    const { post } = setUp();
    expect(await post({ facet: 1, id: 1, call: "feature", args: [1e9] })).toMatchObject({
      message: { id: 1, error: { code: "NoSuchFeature", message: "There is none." } },
    });
  });

  it("hears nobody but the page around it, and no other protocol", async () => {
    const { post, sent, called } = setUp();
    await post({ facet: 1, id: 1, call: "analyze", args: ["x"] }, {});
    await post({ facet: 1, id: 1, call: "analyze", args: ["x"] }, null);
    await post({ source: "react-devtools", id: 1 });
    await post("facet");
    expect(called).toEqual([]);
    expect(sent).toHaveLength(1);
  });

  it("answers nothing outside the embed view", async () => {
    const { post, called } = setUp({ embed: false });
    expect(await post({ facet: 1, id: 1, call: "analyze", args: ["x"] })).toMatchObject({
      message: { error: { code: "Format", message: expect.stringContaining("embed=1") } },
    });
    expect(called).toEqual([]);
  });

  it.each([
    ["another version", { facet: 2, id: 1, call: "analyze" }, /this version speaks 1/],
    ["no id", { facet: 1, call: "analyze" }, /id is undefined/],
    ["an endless id", { facet: 1, id: "x".repeat(101), call: "analyze" }, /1 to 100/],
    ["an unknown call", { facet: 1, id: 1, call: "eval", args: ["1"] }, /it is one of ready/],
    ["a call of the prototype", { facet: 1, id: 1, call: "constructor" }, /it is one of/],
    ["the version", { facet: 1, id: 1, call: "version" }, /it is one of/],
    ["arguments that are no list", { facet: 1, id: 1, call: "analyze", args: "x" }, /give a list/],
    ["too many", { facet: 1, id: 1, call: "analyze", args: [1, 2, 3, 4] }, /give a list/],
    ["a null", { facet: 1, id: 1, call: "analyze", args: ["x", null] }, /give a list/],
  ])("refuses %s in words", async (_what, data, words) => {
    const { post, called } = setUp();
    const reply = await post(data);
    expect(reply?.message).toMatchObject({
      error: { code: "Format", message: expect.stringMatching(words) },
    });
    expect(called).toEqual([]);
  });

  it("survives anything at all", async () => {
    const { post, sent } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (data) => {
        await post(data);
        await post({ facet: data, id: data, call: data, args: data });
      }),
    );
    expect(sent.every(({ message }) => message.facet === 1)).toBe(true);
  });
});
