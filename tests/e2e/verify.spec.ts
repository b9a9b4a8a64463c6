// The SAE place: Verify over the four sample documents shows the card's numbers; the dead-feature map follows its threshold.

import { card, DEFAULT_SAE } from "./goldens.ts";
import { expect, openFacet, test } from "./test.ts";

const published = card.saes.find((sae) => sae.id === DEFAULT_SAE)?.sample.nonspecial;

/** Of CE, absolute; of everything else, relative or absolute, whichever is larger. */
const tolerance = (metric: string, value: number): number =>
  ["ceClean", "ceSae", "ceZero"].includes(metric) ? 1e-4 : 2e-3 * Math.max(1, Math.abs(value));

test("Verify over the sample documents shows the card's numbers", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  await page.getByTestId("verify-sample").click();
  for (const metric of [
    "l0",
    "mse",
    "explainedVariance",
    "ceClean",
    "ceSae",
    "ceZero",
    "ceScore",
  ]) {
    const value = published?.[metric];
    if (value === undefined) throw new Error(`the card has no ${metric}`);
    const cell = page.getByTestId(`metric-${metric}`).locator('[data-kind="corpus"]');
    await expect(cell).toHaveAttribute("data-value", /./, { timeout: 90_000 });
    const measured = Number(await cell.getAttribute("data-value"));
    expect(Math.abs(measured - value), metric).toBeLessThanOrEqual(tolerance(metric, value));
    const beside = page.getByTestId(`metric-${metric}`).locator('[data-kind="published"]');
    expect(Number(await beside.getAttribute("data-value")), metric).toBeCloseTo(value, 6);
  }
});

test("Verify over the corpus can be cancelled, and the page goes on", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  await page.getByTestId("verify-corpus").click();
  await page.getByTestId("cancel").first().click();
  await expect(page.getByTestId("verify-text")).toBeEnabled();
  await page.getByTestId("verify-text").click();
  const cell = page.getByTestId("metric-ceClean").locator('[data-kind="text"]');
  await expect(cell).toHaveAttribute("data-value", /./);
});

test("the count of dead features follows the threshold", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  await expect(page.getByTestId("dead-map")).toBeVisible();
  const count = page.getByTestId("dead-count");
  const before = await count.innerText();
  await page.getByTestId("dead-threshold").fill("-2");
  await expect(count).not.toHaveText(before);
  await expect.poll(() => new URL(page.url()).hash).toContain("dead=-2");
});
