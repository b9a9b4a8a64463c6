// What a browser remembers of its reader, and where a token goes.

import { describe, expect, it } from "vitest";
import { createMemory, PUBLIC_HUB } from "../../../src/state/memory.ts";
import { memoryStorage } from "../../support/memoryStorage.ts";

describe("memory", () => {
  it("keeps endpoints and agreements from one visit to the next", () => {
    const kept = memoryStorage();
    const first = createMemory(kept);
    expect(first.knowsEndpoint(PUBLIC_HUB)).toBe(true);
    expect(first.knowsEndpoint("https://mirror.example")).toBe(false);
    first.rememberEndpoint("https://mirror.example");
    first.rememberAgreement("a b c");
    const second = createMemory(kept);
    expect(second.knowsEndpoint("https://mirror.example")).toBe(true);
    expect(second.agreedTo("a b c")).toBe(true);
    expect(second.agreedTo("a b")).toBe(false);
  });

  it("keeps a token by origin, in the storage only where the reader asks", () => {
    const kept = memoryStorage();
    const memory = createMemory(kept);
    memory.setToken("https://hub.example/mirror", "hf_a", false);
    expect(memory.token("https://hub.example")).toBe("hf_a");
    expect(memory.token("https://hub.example:8443")).toBeNull();
    expect(memory.token("http://hub.example")).toBeNull();
    expect([...kept.held.values()].join()).not.toContain("hf_a");
    expect(createMemory(kept).token("https://hub.example")).toBeNull();
    memory.setToken(PUBLIC_HUB, "hf_b", true);
    expect(createMemory(kept).token(PUBLIC_HUB)).toBe("hf_b");
    memory.setToken(PUBLIC_HUB, "", true);
    expect(memory.token(PUBLIC_HUB)).toBeNull();
    expect(kept.held.size).toBe(0);
  });

  it("asks for persistent storage once", () => {
    let times = 0;
    const memory = createMemory(null, () => times++);
    memory.keepStorage();
    memory.keepStorage();
    expect(times).toBe(1);
  });

  it("works without storage, and with an address that is none", () => {
    const memory = createMemory(null);
    memory.rememberEndpoint("https://a.example");
    expect(memory.knowsEndpoint("https://a.example")).toBe(true);
    expect(memory.token("not an address")).toBeNull();
  });

  it("knows for which hubs a token is there, until it is forgotten", () => {
    const kept = memoryStorage();
    const memory = createMemory(kept);
    expect(memory.tokenOrigins()).toEqual([]);
    memory.setToken(PUBLIC_HUB, "hf_a", true);
    memory.setToken("https://hub.example/mirror", "hf_b", false);
    expect(memory.tokenOrigins()).toEqual([PUBLIC_HUB, "https://hub.example"]);
    expect(createMemory(kept).tokenOrigins()).toEqual([PUBLIC_HUB]);
    memory.setToken(PUBLIC_HUB, "", false);
    expect(createMemory(kept).tokenOrigins()).toEqual([]);
    expect(memory.tokenOrigins()).toEqual(["https://hub.example"]);
  });
});
