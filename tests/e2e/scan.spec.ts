// A scan in a browser: stopped and saved to its storage, taken up after a reload with the same result, and deleted.

import { expect, openFacet, test } from "./test.ts";
import { DEFAULT_SAE } from "./goldens.ts";

/** All documents: the stop has to reach the worker before the scan's end, on machines of any speed. */
const REQUEST = { corpus: { kind: "bundled" as const } };

test("a scan goes on after a reload, as if nothing had happened", async ({ page }) => {
  test.setTimeout(600_000);
  await openFacet(page, { sae: DEFAULT_SAE });
  const own = (kept: { saved: number | null }[]) => kept.filter(({ saved }) => saved !== null);
  // Stopping saves: once the call is answered, what there is stands in the storage.
  const stopped = await page.evaluate((request) => {
    const stop = new AbortController();
    const onProgress = ({ stage }: { stage: string }): void => {
      if (stage === "Scanning") stop.abort();
    };
    return window.facet.scan(request, { signal: stop.signal, onProgress }).then(
      () => "finished before it was stopped",
      (error: unknown) => (error as { code: string }).code,
    );
  }, REQUEST);
  expect(stopped).toBe("Cancelled");
  const [saved] = await page.evaluate(() => window.facet.scans());
  const tokens = saved?.tokens ?? 0;
  expect(tokens).toBeGreaterThan(0);
  await page.reload();
  await page.waitForFunction(() => "facet" in window);
  await page.evaluate(() => window.facet.ready);
  const [before] = await page.evaluate(() => window.facet.scans());
  expect(before).toMatchObject({ finished: false, running: false, request: REQUEST, tokens });
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
  // A scan that was still there would be done at once, without a word.
  expect(fromStart).toBeLessThan(Infinity);
  expect(whole).toEqual(resumed);
});
