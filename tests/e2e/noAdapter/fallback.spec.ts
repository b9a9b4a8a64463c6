// Without a WebGPU adapter the page runs on TensorFlow.js, says so, and shows the same numbers.

import { card, expectSameTokens, goldenOf } from "../goldens.ts";
import { expect, openFacet, settledStrip, test } from "../test.ts";

const TEXT = card.presets[0] ?? "";

test("falls back to tfjs, and agrees with the reference", async ({ page }) => {
  await openFacet(page);
  const strip = await settledStrip(page);
  await expect(strip.locator("[data-tinted]").first()).toBeVisible();
  await expect(page.getByTestId("provenance")).toContainText("tfjs-wasm");
  await expect(page.getByTestId("notices")).toContainText("No WebGPU");
  const report = await page.evaluate((text) => window.facet.analyze(text), TEXT);
  expectSameTokens(report.tokens, goldenOf(TEXT).report.tokens);
});

test("WebGPU cannot be chosen, and asking for it is a NoBackend error", async ({ page }) => {
  await openFacet(page);
  await expect(page.getByTestId("choose-backend").locator('option[value="webgpu"]')).toBeDisabled();
  const code = await page.evaluate(async () => {
    try {
      await window.facet.open({
        model: "demo",
        sae: "blocks.0.hook_resid_post",
        backend: "webgpu",
      });
      return null;
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : String(error);
    }
  });
  expect(code).toBe("NoBackend");
});
