// Random views as links, opened one after another on the bundled model: each opens without an error, and its permalink
// is the view again. A sample of them always, all thousand in the full run.

import fc from "fast-check";
import { readFragment, writeFragment } from "../../src/state/permalink.ts";
import { bundledView } from "../support/views.ts";
import { expect, openFacet, type Page, test } from "./test.ts";

/** Views are drawn from this seed, so that a failure can be looked at again. */
const SEED = 20261122;
const SAMPLE = 16;
const ALL = 1000;
/** Milliseconds for one view: a comparison on the slowest backend, in software, on a busy machine. */
const PATIENCE = 300_000;

/** What shows that something is on its way. A Verify of an older text stays dimmed until it is run again. */
const WAITING = [".provenance", ".strip", ".feature-card", ".columns-feature"]
  .map((part) => `${part}[data-stale]`)
  .concat(".progress", "[aria-busy=true]")
  .join(", ");

async function settled(page: Page): Promise<void> {
  // Calls run in order: once this one is through, so are those that the link made.
  await page.evaluate(() => window.facet.analyze(""));
  await expect(page.locator(WAITING)).toHaveCount(0, { timeout: PATIENCE });
}

async function openEach(page: Page, runs: number): Promise<void> {
  await openFacet(page);
  const { saes } = await page.evaluate(() => window.facet.catalog());
  const bundled = saes
    .filter(({ model }) => model === "demo")
    .map(({ key, dSae }) => ({ key, dSae: dSae ?? 1 }));
  expect(bundled).toHaveLength(4);
  for (const view of fc.sample(bundledView(bundled), { seed: SEED, numRuns: runs })) {
    const fragment = writeFragment(view);
    await page.evaluate(
      (hash) =>
        new Promise<void>((resolve) => {
          // A fragment that is there already is no step of the history.
          if (window.location.hash.slice(1) === hash) resolve();
          window.addEventListener("popstate", () => resolve(), { once: true });
          window.location.hash = hash;
        }),
      fragment,
    );
    await settled(page);
    const error = page.getByTestId("error");
    const found = (await error.count()) === 0 ? "" : await error.first().innerText();
    expect(found, fragment).toBe("");
    await expect(page.getByTestId("notices").getByText("The link"), fragment).toHaveCount(0);
    const link = await page.evaluate(() => window.facet.permalink());
    const again = readFragment(new URL(link).hash).view;
    const revisions = { modelRevision: null, saeRevision: null, otherRevision: null };
    expect({ ...again, ...revisions }, fragment).toEqual(view);
  }
}

test(`${SAMPLE} random links open`, async ({ page }) => {
  test.setTimeout(900_000);
  await openEach(page, SAMPLE);
});

test(`${ALL} random links open @full`, async ({ page }) => {
  test.setTimeout(14_400_000);
  await openEach(page, ALL);
});
