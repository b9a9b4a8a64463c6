// With a software adapter the page picks tfjs by itself; both backends can be chosen, and agree with the reference.

import { card, expectSameTokens, goldenOf } from "./goldens.ts";
import { expect, openFacet, settledStrip, test } from "./test.ts";

const TEXT = card.presets[1] ?? "";

test("a software adapter is not picked, and the page says so", async ({ page }) => {
  await openFacet(page);
  await settledStrip(page);
  await expect(page.getByTestId("provenance")).toContainText("tfjs-wasm");
  await expect(page.getByTestId("notices")).toContainText("WebAssembly");
});

for (const backend of ["webgpu", "tfjs-wasm", "tfjs-cpu"]) {
  test(`${backend} can be chosen, and agrees with the reference`, async ({ page }) => {
    await openFacet(page);
    await page.getByTestId("choose-backend").selectOption(backend);
    await expect(page.getByTestId("provenance")).toContainText(backend);
    await settledStrip(page);
    const report = await page.evaluate((text) => window.facet.analyze(text), TEXT);
    expect(report.backend.name).toBe(backend);
    expectSameTokens(report.tokens, goldenOf(TEXT).report.tokens);
  });
}

test("erf is another function than tanh, and agrees with the reference", async ({ page }) => {
  await openFacet(page, { backend: "webgpu", gelu: "erf" });
  const report = await page.evaluate((text) => window.facet.analyze(text), TEXT);
  expect(report.model.activation).toBe("erf");
  expectSameTokens(report.tokens, goldenOf(TEXT, "erf").report.tokens);
});
