// What is downloaded, and when: charts after the first coloured token, a backend's code only where it runs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, openFacet, settledStrip, test } from "./test.ts";

interface Chunk {
  readonly file: string;
  readonly modules: readonly string[];
}

/** Files of the build that hold a package, from what the build said of itself. */
function filesWith(name: string): string[] {
  return ["page", "worker"]
    .flatMap((part) => {
      const path = join(import.meta.dirname, `../../.cache/build/${part}.json`);
      return JSON.parse(readFileSync(path, "utf8")) as Chunk[];
    })
    .filter(({ modules }) => modules.some((path) => path.includes(`node_modules/${name}/`)))
    .map(({ file }) => file);
}

test("charts come after the first coloured token", async ({ page }) => {
  const charts = filesWith("recharts");
  expect(charts.length).toBeGreaterThan(0);
  // On the page's own clock, in milliseconds since navigation: news of it would reach the test too late.
  await page.addInitScript(() => {
    new MutationObserver((_changes, observer) => {
      if (document.querySelector("[data-tinted]") === null) return;
      observer.disconnect();
      performance.mark("first coloured token");
    }).observe(document, { childList: true, subtree: true, attributes: true });
  });
  await openFacet(page);
  await expect(page.locator(".recharts-wrapper").first()).toBeVisible();
  const { coloured, requests } = await page.evaluate(() => ({
    coloured: performance.getEntriesByName("first coloured token")[0]?.startTime ?? Infinity,
    requests: performance
      .getEntriesByType("resource")
      .map(({ name, startTime }) => ({ name, startTime })),
  }));
  const asked = requests.filter(({ name }) => charts.some((file) => name.endsWith(file)));
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter(({ startTime }) => startTime < coloured)).toEqual([]);
});

test("webgpu loads nothing of TensorFlow.js", async ({ page }) => {
  const files = filesWith("@tensorflow/tfjs-core");
  expect(files.length).toBeGreaterThan(0);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await openFacet(page, { backend: "webgpu" });
  await settledStrip(page);
  expect(asked.filter((url) => files.some((file) => url.endsWith(file)))).toEqual([]);
});
