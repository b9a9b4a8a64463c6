// Links: a view in a second window shows the same numbers, and a link full of nonsense opens what it can.

import { DEFAULT_SAE } from "./goldens.ts";
import { expect, openFacet, settledStrip, stripValues, test } from "./test.ts";

test("a feature's link shows the same numbers in a second window", async ({ page, context }) => {
  await openFacet(page, { text: "The whale rose beneath the ship." });
  await settledStrip(page);
  await page.getByTestId("text-features").locator("[data-feature]").first().click();
  await page.getByTestId("place-feature").click();
  await expect(page.getByTestId("logit-lens").locator("li").first()).toBeVisible();
  await expect(page.locator(".feature-row .co-activation").first()).toContainText("%");
  const values = await stripValues(page);
  const shown = [
    await page.getByTestId("feature-label").innerText(),
    await page.getByTestId("feature-density").innerText(),
    await page.getByTestId("feature-norm").innerText(),
    await page.getByTestId("neighbours").innerText(),
    await page.getByTestId("logit-lens").getByRole("list").allInnerTexts(),
  ];
  const link = await page.evaluate(() => window.facet.permalink());

  const second = await context.newPage();
  await second.goto(link);
  await expect(second.getByTestId("logit-lens").locator("li").first()).toBeVisible();
  await expect(second.locator(".feature-row .co-activation").first()).toContainText("%");
  expect(await stripValues(second)).toEqual(values);
  expect([
    await second.getByTestId("feature-label").innerText(),
    await second.getByTestId("feature-density").innerText(),
    await second.getByTestId("feature-norm").innerText(),
    await second.getByTestId("neighbours").innerText(),
    await second.getByTestId("logit-lens").getByRole("list").allInnerTexts(),
  ]).toEqual(shown);
});

test("the text stands in the fragment, which no server sees", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await openFacet(page, { text: "a secret sentence" });
  await settledStrip(page);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((url) => /secret/.test(url.replace(/#.*/, "")))).toEqual([]);
});

test("nonsense in every field is named, and the page opens", async ({ page }) => {
  await openFacet(page, {
    place: "<script>",
    endpoint: "javascript:alert(1)",
    precision: "f7",
    backend: "abacus",
    gelu: "swish",
    feature: "-1",
    token: "NaN",
    colour: "red and green",
    mask: "carnival",
    units: "furlongs",
    rank: "worst",
    "max-density": "1e999",
    newlines: "\u0000",
    bytes: "maybe",
    layout: "\u202E",
    dead: "alive",
    nonsense: "1",
  });
  await settledStrip(page);
  const notices = page.getByTestId("notices");
  for (const key of ["place", "endpoint", "precision", "backend", "gelu", "feature", "nonsense"]) {
    await expect(notices).toContainText(key);
  }
});

test("an unknown feature says so, and keeps the text", async ({ page }) => {
  await openFacet(page, { place: "feature", feature: "999999" });
  await expect(
    page
      .getByTestId("error")
      .getByText(/999,?999/)
      .first(),
  ).toBeVisible();
  await expect(page.getByTestId("error").or(page.getByTestId("notices")).first()).toBeVisible();
  await page.getByRole("link", { name: "strongest feature of your text" }).click();
  await expect(page.getByTestId("error")).toHaveCount(0);
  await expect(page.getByTestId("corpus-examples").locator("li").first()).toBeVisible();
  await page.getByTestId("place-text").click();
  await settledStrip(page);
});

test("an unknown SAE says so, and the bundled one opens", async ({ page }) => {
  await expect(openFacet(page, { sae: "blocks.9.hook_resid_post" })).rejects.toThrow(
    /none of that name/,
  );
  await settledStrip(page);
  await expect(page.getByTestId("error")).toContainText("blocks.9.hook_resid_post");
  await expect(page.getByTestId("notices")).toContainText("bundled model");
  await expect(page.getByTestId("provenance")).toContainText(DEFAULT_SAE);
});
