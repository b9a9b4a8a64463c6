// Our WebGPU backend against the goldens on a second implementation of WebGPU: wgpu in Firefox, on Mesa's lavapipe. The
// suites are those that run in Node on Dawn; the page runs them, and here each of its tests is one.

import { expect, it } from "vitest";
import { startFirefox } from "./firefox.ts";
import { startSite } from "./page/site.ts";

const { name, complaints, outcomes, seconds } = await runPage();

async function runPage() {
  const start = performance.now();
  const site = await startSite();
  try {
    const browser = await startFirefox({ webgpu: true });
    try {
      const fragment = process.env["FACET_FULL"] === undefined ? "" : "#full";
      await browser.goto(site.address + fragment);
      const told = await browser.evaluate(() => globalThis.outcomes);
      const took = (performance.now() - start) / 1000;
      return { name: browser.name, complaints: browser.complaints, outcomes: told, seconds: took };
    } finally {
      await browser.close();
    }
  } finally {
    await site.close();
  }
}

it(`ran the suites in ${name} (${seconds.toFixed(0)} s)`, () => {
  expect(outcomes).not.toEqual([]);
  expect(complaints).toEqual([]);
});

it.each(outcomes.map(({ name: test, error }) => [test, error]))("%s", (_, error) => {
  expect(error ?? "passed").toBe("passed");
});
