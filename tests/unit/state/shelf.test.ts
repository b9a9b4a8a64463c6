// A browser's storage that throws, is not there or is full: what is entered stands until the page is closed, and each
// kind of loss is told once.

import { describe, expect, it } from "vitest";
import { createMemory } from "../../../src/state/memory.ts";
import {
  browserShelf,
  type BrowserStorage,
  type Loss,
  pageShelf,
} from "../../../src/state/shelf.ts";
import { memoryShelf } from "../../support/shelf.ts";

const insecure = (): never => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};
const overQuota = (): never => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};

/** As the browser's own, with some of it otherwise. */
function storage(otherwise: Partial<BrowserStorage> = {}): BrowserStorage {
  const shelf = memoryShelf();
  return {
    getItem: (key) => shelf.getItem(key),
    setItem: (key, value) => void shelf.setItem(key, value),
    removeItem: (key) => shelf.removeItem(key),
    ...otherwise,
  };
}

const CASES: readonly (readonly [string, () => BrowserStorage | null | undefined, Loss])[] = [
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
  it("a shelf holds what it is given until the page is closed, and tells once", () => {
    const told: Loss[] = [];
    const shelf = browserShelf(open, (kind) => told.push(kind));
    expect(shelf.getItem("a")).toBeNull();
    expect(shelf.setItem("a", "1")).toBe(false);
    expect(shelf.setItem("b", "2")).toBe(false);
    expect(shelf.getItem("a")).toBe("1");
    shelf.removeItem("a");
    expect(shelf.getItem("a")).toBeNull();
    expect(told).toEqual([loss]);
  });

  it("hubs, downloads, tokens and labels work all the same", () => {
    const memory = createMemory(browserShelf(open, () => undefined));
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

describe("a shelf", () => {
  it("keeps in the browser's storage, and tells nothing, where that works", () => {
    const told: Loss[] = [];
    const kept = storage();
    const first = browserShelf(
      () => kept,
      (kind) => told.push(kind),
    );
    expect(first.setItem("a", "1")).toBe(true);
    expect(
      browserShelf(
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
    const shelf = browserShelf(
      () => ({ ...kept, setItem: (key, value) => (full ? overQuota() : kept.setItem(key, value)) }),
      () => undefined,
    );
    expect(shelf.setItem("a", "1")).toBe(false);
    full = false;
    expect(shelf.setItem("a", "2")).toBe(true);
    expect(kept.getItem("a")).toBe("2");
    expect(shelf.getItem("a")).toBe("2");
  });

  it("of the page alone says that it keeps nothing", () => {
    const shelf = pageShelf();
    expect(shelf.setItem("a", "1")).toBe(false);
    expect(shelf.getItem("a")).toBe("1");
  });
});
