// A browser's storage that throws, is not there or is full: what is entered stands until the page is closed, and each
// kind of loss is told once.

import { describe, expect, it } from "vitest";
import { createMemory } from "../../../src/state/memory.ts";
import {
  browserStorage,
  type WebStorage,
  type Loss,
  pageStorage,
} from "../../../src/state/storage.ts";
import { memoryStorage } from "../../support/memoryStorage.ts";

const insecure = (): never => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};
const overQuota = (): never => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};

/** As the browser's own, with some of it otherwise. */
function storage(otherwise: Partial<WebStorage> = {}): WebStorage {
  const memory = memoryStorage();
  return {
    getItem: (key) => memory.getItem(key),
    setItem: (key, value) => void memory.setItem(key, value),
    removeItem: (key) => memory.removeItem(key),
    ...otherwise,
  };
}

const CASES: readonly (readonly [string, () => WebStorage | null | undefined, Loss])[] = [
  ["the name throws", insecure, "blocked"],
  ["there is none", () => null, "blocked"],
  ["it is missing", () => undefined, "blocked"],
  [
    "everything throws",
    () => storage({ getItem: insecure, setItem: insecure, removeItem: insecure }),
    "blocked",
  ],
  ["it is full", () => storage({ setItem: overQuota }), "full"],
];

describe.each(CASES)("where %s", (_what, open, loss) => {
  it("the storage holds what it is given until the page is closed, and tells once", () => {
    const told: Loss[] = [];
    const safe = browserStorage(open, (kind) => told.push(kind));
    expect(safe.getItem("a")).toBeNull();
    expect(safe.setItem("a", "1")).toBe(false);
    expect(safe.setItem("b", "2")).toBe(false);
    expect(safe.getItem("a")).toBe("1");
    safe.removeItem("a");
    expect(safe.getItem("a")).toBeNull();
    expect(told).toEqual([loss]);
  });

  it("hubs, downloads, tokens and labels work all the same", () => {
    const memory = createMemory(browserStorage(open, () => undefined));
    memory.rememberEndpoint("https://hub.example");
    expect(memory.knowsEndpoint("https://hub.example")).toBe(true);
    memory.rememberAgreement("a b c");
    expect(memory.agreedTo("a b c")).toBe(true);
    memory.setToken("https://hub.example", "hf_a", true);
    expect(memory.token("https://hub.example")).toBe("hf_a");
    expect(memory.tokenOrigins()).toEqual(["https://hub.example"]);
    memory.setToken("https://hub.example", "", true);
    expect(memory.token("https://hub.example")).toBeNull();
    memory.labels.setAsksNeuronpedia(true);
    expect(memory.labels.asksNeuronpedia()).toBe(true);
  });
});

describe("the storage", () => {
  it("keeps in the browser's own, and tells nothing, where that works", () => {
    const told: Loss[] = [];
    const kept = storage();
    const first = browserStorage(
      () => kept,
      (kind) => told.push(kind),
    );
    expect(first.setItem("a", "1")).toBe(true);
    expect(
      browserStorage(
        () => kept,
        () => undefined,
      ).getItem("a"),
    ).toBe("1");
    first.removeItem("a");
    expect(kept.getItem("a")).toBeNull();
    expect(told).toEqual([]);
  });

  it("keeps again once there is room", () => {
    let full = true;
    const kept = storage();
    const safe = browserStorage(
      () => ({ ...kept, setItem: (key, value) => (full ? overQuota() : kept.setItem(key, value)) }),
      () => undefined,
    );
    expect(safe.setItem("a", "1")).toBe(false);
    full = false;
    expect(safe.setItem("a", "2")).toBe(true);
    expect(kept.getItem("a")).toBe("2");
    expect(safe.getItem("a")).toBe("2");
  });

  it("of the page alone says that it keeps nothing", () => {
    const safe = pageStorage();
    expect(safe.setItem("a", "1")).toBe(false);
    expect(safe.getItem("a")).toBe("1");
  });
});
