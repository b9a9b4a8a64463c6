// Leaving for a hub and coming back signed in: the view survives, the token goes to memory, strangers' codes go nowhere.

import { describe, expect, it } from "vitest";
import { createMemory } from "../../../src/state/memory.ts";
import type { Shelf } from "../../../src/state/shelf.ts";
import { hubAccount, type SignInPlace } from "../../../src/state/signIn.ts";
import type { WorkerClient } from "../../../src/worker/messages.ts";

function setUp(address: string, held = new Map<string, string>()) {
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
  const shelf: Shelf = {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
  };
  const went: string[] = [];
  const place: SignInPlace = {
    page: "https://facet.example/",
    address,
    fragment: "model=gemma-2b",
    shelf,
    leave: (url) => void went.push(url),
    restore: (fragment) => void went.push(`#${fragment}`),
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

  it("ignores a code that this page never asked for", () => {
    const { account, calls } = setUp("https://facet.example/?code=stolen&state=s");
    expect(account.returning).toBeNull();
    expect(calls).toEqual([]);
  });
});
