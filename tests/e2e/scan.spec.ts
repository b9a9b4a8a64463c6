// A scan in a browser: saved to its storage while it runs, taken up after a reload with the same result, and deleted.

import { expect, openFacet, test } from "./test.ts";
import { DEFAULT_SAE } from "./goldens.ts";

const REQUEST = { corpus: { kind: "bundled" as const }, documents: 60 };

test("a scan goes on after a reload, as if nothing had happened", async ({ page }) => {
  test.setTimeout(600_000);
  await openFacet(page, { sae: DEFAULT_SAE });
  const own = (kept: { saved: number | null }[]) => kept.filter(({ saved }) => saved !== null);
  await page.evaluate((request) => void window.facet.scan(request).catch(() => null), REQUEST);
  // Until some of it stands in the storage.
  await expect
    .poll(
      async () => {
        const kept = await page.evaluate(() => window.facet.scans());
        return own(kept).length > 0 && kept.some(({ bytes }) => bytes > 0);
      },
      { timeout: 300_000 },
    )
    .toBe(true);
  await page.reload();
  await page.waitForFunction(() => "facet" in window);
  await page.evaluate(() => window.facet.ready);
  const [before] = await page.evaluate(() => window.facet.scans());
  expect(before).toMatchObject({ finished: false, running: false, request: REQUEST });
  const tokens = before?.tokens ?? 0;
  expect(tokens).toBeGreaterThan(0);
  const run = () =>
    page.evaluate(async (request) => {
      let first = Infinity;
      const summary = await window.facet.scan(request, {
        onProgress: ({ stage, done }) => {
          if (stage === "Scanning") first = Math.min(first, done);
        },
      });
      const { count, sum, max, l0, finished } = summary;
      const feature = await window.facet.featureScan(count.indexOf(Math.max(...count)));
      return { first, count: [...count], sum: [...sum], max: [...max], l0, finished, feature };
    }, REQUEST);
  const { first, ...resumed } = await run();
  expect(first).toBeGreaterThan(tokens);
  expect(resumed.finished).toBe(true);
  await page.evaluate((id) => window.facet.deleteScan(id), before?.id ?? "");
  expect(own(await page.evaluate(() => window.facet.scans()))).toEqual([]);
  const { first: fromStart, ...whole } = await run();
  expect(fromStart).toBeLessThan(tokens);
  expect(whole).toEqual(resumed);
});
