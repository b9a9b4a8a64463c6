// The page opens, and it is served as it must be.

import { expect, openFacet, test } from "./test.ts";

test("opens the bundled model and answers", async ({ page }) => {
  await openFacet(page);
  const report = await page.evaluate(() => window.facet.analyze("In the beginning"));
  expect(report.schema).toBe("facet.analysis/1");
  expect(report.model.source).toBe("demo");
  expect(report.tokens.length).toBeGreaterThan(3);
});

test("is isolated, and keeps to its Content-Security-Policy", async ({ page }) => {
  await openFacet(page);
  expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true);
  const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
  await expect(policy).toHaveAttribute("content", /script-src 'self' 'wasm-unsafe-eval'/);
});
