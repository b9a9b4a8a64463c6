// The Text place: coloured tokens of a preset, another text, other colours, and what hostile text does (nothing).

import { card, expectSameTokens, goldenOf } from "./goldens.ts";
import { expect, openFacet, settledStrip, stripValues, test } from "./test.ts";

const [FIRST = "", SECOND = ""] = card.presets;

test("opening the page shows the coloured tokens of the first preset", async ({ page }) => {
  await openFacet(page);
  const strip = await settledStrip(page);
  const golden = goldenOf(FIRST);
  await expect(strip.locator("[data-position]")).toHaveCount(golden.report.tokens.length);
  await expect(strip.locator("[data-tinted]").first()).toBeVisible();
  await expect(page.getByTestId("text-input")).toHaveValue(FIRST);

  const report = await page.evaluate((text) => window.facet.analyze(text), FIRST);
  expectSameTokens(report.tokens, golden.report.tokens);
});

test("the colours are the chosen feature's activations", async ({ page }) => {
  const { report } = goldenOf(FIRST);
  const strongest = report.tokens[5]?.features[0];
  if (strongest === undefined) throw new Error("token 5 has no feature");
  await openFacet(page, { feature: String(strongest.index) });
  const values = await stripValues(page);
  for (const { position, features } of report.tokens.slice(1)) {
    const wanted = features.find(({ index }) => index === strongest.index)?.folded ?? 0;
    expect(values[position], `token ${position}`).toBeCloseTo(wanted, 2);
  }
});

test("typing a new text changes the tokens, and the link", async ({ page }) => {
  await openFacet(page);
  const before = await stripValues(page);
  await page.getByTestId("text-input").fill(SECOND);
  const golden = goldenOf(SECOND);
  const strip = page.getByTestId("token-strip");
  await expect(strip.locator("[data-position]")).toHaveCount(golden.report.tokens.length);
  expect(await stripValues(page)).not.toEqual(before);
  await expect
    .poll(() => new URLSearchParams(new URL(page.url()).hash.slice(1)).get("text"))
    .toBe(SECOND);
});

test("a preset is one click, and the browser's back button undoes it", async ({ page }) => {
  await openFacet(page);
  await settledStrip(page);
  await page.getByTestId("presets").getByRole("button").nth(1).click();
  await expect(page.getByTestId("text-input")).toHaveValue(SECOND);
  await page.goBack();
  await expect(page.getByTestId("text-input")).toHaveValue(FIRST);
});

test("L0, error and CE change colour too", async ({ page }) => {
  await openFacet(page);
  const { report } = goldenOf(FIRST);
  const colours = page.getByTestId("switch-colour");

  await colours.locator("label", { hasText: "L0" }).click();
  await expect(page.getByTestId("legend")).toContainText("L0");
  const l0 = await stripValues(page);
  expect(l0.slice(1)).toEqual(report.tokens.slice(1).map((token) => token.l0));

  await colours.locator("label", { hasText: "error" }).click();
  await expect(page.getByTestId("legend")).toContainText("squared error");
  const errors = await stripValues(page);
  for (const { position, squaredError } of report.tokens.slice(1)) {
    const difference = Math.abs((errors[position] ?? NaN) - squaredError);
    expect(difference).toBeLessThanOrEqual(2e-3 * Math.max(1, squaredError));
  }

  await colours.locator("label", { hasText: "CE change" }).click();
  await expect(page.getByTestId("legend")).toContainText("CE change");
  await expect(page.getByTestId("token-strip").locator("[data-negative]").first()).toBeVisible();
});

test("markup and bidi controls in a text are shown as text", async ({ page }) => {
  const hostile =
    '<img src=x onerror="document.title=1"><script>document.title=2</script> \u202Eabc\u2066';
  await openFacet(page, { text: hostile });
  await settledStrip(page);
  await expect(page).toHaveTitle(/· Facet$/);
  expect(await page.locator("main img, main script").count()).toBe(0);
  const shown = (await page.getByTestId("token-strip").textContent()) ?? "";
  expect(shown).toContain("onerror");
  expect(shown).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
});

test("an empty text is BOS alone, and says what to do", async ({ page }) => {
  await openFacet(page);
  await page.getByTestId("text-input").fill("");
  await expect(page.getByTestId("empty-text")).toBeVisible();
  await expect(page.getByTestId("token-strip").locator("[data-position]")).toHaveCount(1);
});

test("a text over the model's context says how much is used", async ({ page }) => {
  await openFacet(page);
  await page.getByTestId("text-input").fill("the whale and the ship ".repeat(300));
  await expect(page.getByTestId("truncated")).toContainText("The first 1,024 tokens");
});
