// What was measured of a device comes back on the next visit of the same browser, whatever the file went through.

import { expect, test } from "vitest";
import { MeasuredChoices } from "../../../src/worker/measuredChoices.ts";
import { MemoryStore } from "../../hub/memoryStore.ts";

const FILE = "webgpu/choices.json";

async function measure(store: MemoryStore, browser: string, choices: Record<string, string>) {
  const memory = await MeasuredChoices.open(browser, store);
  for (const [key, value] of Object.entries(choices)) memory.set(key, value);
  await memory.saved();
}

test("the next visit finds what this one measured", async () => {
  const store = new MemoryStore();
  await measure(store, "Browser 1", { "linear bf16, many": "quad 8", "linear f32, one": "tile 1" });
  const next = await MeasuredChoices.open("Browser 1", store);
  expect(next.get("linear bf16, many")).toBe("quad 8");
  expect(next.get("linear f32, one")).toBe("tile 1");
  expect(next.get("encode f32, one")).toBeUndefined();
});

test("two tabs add to the same file", async () => {
  const store = new MemoryStore();
  const tabs = [
    await MeasuredChoices.open("Browser 1", store),
    await MeasuredChoices.open("Browser 1", store),
  ];
  tabs[0]?.set("linear", "quad 8");
  tabs[1]?.set("encode", "shared");
  await Promise.all(tabs.map((tab) => tab.saved()));
  const next = await MeasuredChoices.open("Browser 1", store);
  expect([next.get("linear"), next.get("encode")]).toEqual(["quad 8", "shared"]);
});

test("another version of the browser measures again", async () => {
  const store = new MemoryStore();
  await measure(store, "Browser 1", { linear: "quad 8" });
  expect((await MeasuredChoices.open("Browser 2", store)).get("linear")).toBeUndefined();
  await measure(store, "Browser 2", { encode: "tile 8" });
  const next = await MeasuredChoices.open("Browser 2", store);
  expect([next.get("linear"), next.get("encode")]).toEqual([undefined, "tile 8"]);
});

test("half a file, or another's, is as good as none", async () => {
  for (const text of [
    '{"browser":"Browser 1","choi',
    '{"browser":"Browser 1","choices":[1]}',
    "[]",
  ]) {
    const store = new MemoryStore();
    store.contents.set(FILE, new TextEncoder().encode(text));
    await measure(store, "Browser 1", { linear: "quad 8" });
    expect((await MeasuredChoices.open("Browser 1", store)).get("linear")).toBe("quad 8");
  }
});

test("without storage, or room in it, the visit goes on", async () => {
  const none = await MeasuredChoices.open("Browser 1", null);
  none.set("linear", "quad 8");
  await none.saved();
  expect(none.get("linear")).toBe("quad 8");
  const store = new MemoryStore();
  store.quota = 4;
  const full = await MeasuredChoices.open("Browser 1", store);
  full.set("linear", "quad 8");
  await full.saved();
  expect(full.get("linear")).toBe("quad 8");
});
