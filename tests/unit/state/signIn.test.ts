// Leaving for a hub and coming back signed in: the view survives, the token goes to memory, strangers' codes go nowhere.

import { describe, expect, it } from "vitest";
import { createMemory } from "../../../src/state/memory.ts";
import type { SafeStorage } from "../../../src/state/storage.ts";
import { hubAccount, type SignInPlace } from "../../../src/state/signIn.ts";
import type { WorkerClient } from "../../../src/worker/messages.ts";

function setUp(
  address: string,
  held = new Map<string, string>(),
  { fragment = () => "model=gemma-2b", ...otherwise }: Partial<SafeStorage & SignInPlace> = {},
) {
  const calls: unknown[][] = [];
  const client: WorkerClient = {
    call: (job, args) => {
      calls.push([job, ...args]);
      const answer =
        job === "beginSignIn"
          ? { url: "https://hub.example/oauth?x", pending: { nonce: "n" } }
          : "hf_token";
      return Promise.resolve(answer as never);
    },
    onNotice: () => () => undefined,
  };
  const storage: SafeStorage = {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => held.set(key, value) === held,
    removeItem: (key) => void held.delete(key),
    ...otherwise,
  };
  const went: string[] = [];
  const place: SignInPlace = {
    page: "https://facet.example/",
    address,
    fragment,
    storage,
    leave: (url) => void went.push(url),
    restore: (back) => void went.push(`#${back}`),
  };
  const memory = createMemory(null);
  return { account: hubAccount(client, place, memory, "client"), memory, calls, went, held };
}

describe("signing in at a hub", () => {
  it("leaves with what PKCE needs, and comes back to the same view with a token", async () => {
    const left = setUp("https://facet.example/#model=gemma-2b");
    expect(left.account.returning).toBeNull();
    await left.account.leave("https://hub.example");
    expect(left.went).toEqual(["https://hub.example/oauth?x"]);
    expect(left.calls[0]).toEqual([
      "beginSignIn",
      {
        endpoint: "https://hub.example",
        clientId: "client",
        redirectUrl: "https://facet.example/",
      },
    ]);

    const address = "https://facet.example/?code=secret&state=s";
    const back = setUp(address, left.held);
    expect(back.went).toEqual(["#model=gemma-2b"]);
    await back.account.returning;
    expect(back.calls).toEqual([["finishSignIn", { nonce: "n" }, address]]);
    expect(back.memory.token("https://hub.example")).toBe("hf_token");
    expect(back.held.size).toBe(0);
  });

  it("takes along the view as it is when the reader leaves", async () => {
    let fragment = "model=gemma-2b";
    const { account, held } = setUp("https://facet.example/", new Map(), {
      fragment: () => fragment,
    });
    fragment = "model=gemma-2b&text=typed+since";
    await account.leave("https://hub.example");
    expect(held.get("facet.signing-in")).toContain("typed+since");
  });

  it("leaves a text behind that is too long for the tab's storage, and the view comes back", async () => {
    const held = new Map<string, string>();
    const fragment = `text=${"a".repeat(2_000_000)}&feature=7`;
    const { account, went } = setUp("https://facet.example/", held, {
      fragment: () => fragment,
      setItem: (key, value) => value.length < 1_500_000 && held.set(key, value) === held,
    });
    await account.leave("https://hub.example");
    expect(went).toHaveLength(1);
    expect(setUp("https://facet.example/?code=c&state=s", held).went).toEqual([
      "#left-out=text&feature=7",
    ]);
  });

  it("does not leave where nothing is kept until the reader comes back", async () => {
    const { account, went } = setUp("https://facet.example/", new Map(), { setItem: () => false });
    await expect(account.leave("https://hub.example")).rejects.toMatchObject({
      code: "QuotaExceeded",
      message: expect.stringMatching(/Paste an access token/),
    });
    expect(went).toEqual([]);
  });

  it.each(["", "{", "null", "[]", '{"endpoint":1,"fragment":"a"}', '{"endpoint":"a"}'])(
    "opens where something else stands under its name: %j",
    (stored) => {
      const held = new Map([["facet.signing-in", stored]]);
      const { account, went } = setUp("https://facet.example/?code=c&state=s", held);
      expect(account.returning).toBeNull();
      expect(went).toEqual([]);
    },
  );

  it("ignores a code that this page never asked for", () => {
    const { account, calls } = setUp("https://facet.example/?code=stolen&state=s");
    expect(account.returning).toBeNull();
    expect(calls).toEqual([]);
  });
});
