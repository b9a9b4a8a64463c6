// Two SAEs on one text, and one SAE under two settings: the numbers are those that each has alone, and stand in a link.

import { DEFAULT_SAE } from "./goldens.ts";
import { expect, openFacet, type Page, test } from "./test.ts";

const OTHER = "blocks.3.hook_resid_post_topk";
const TEXT = "The whale rose beneath the ship.";

/** The values that colour a side, once it is there and not of an older text. */
async function sideValues(page: Page, side: "a" | "b"): Promise<(number | null)[]> {
  const strip = page.getByTestId(`strip-${side}`);
  await expect(strip.locator("[data-position]").first()).toBeVisible();
  await expect(page.locator(".columns-compare")).not.toHaveAttribute("data-stale");
  return strip.locator("[data-position]").evaluateAll((tokens) =>
    tokens.map((token) => {
      const value = token.getAttribute("data-value");
      return value === null ? null : Number(value);
    }),
  );
}

test("two SAEs stand side by side with the numbers that each has alone", async ({ page }) => {
  await openFacet(page, { text: TEXT, colour: "l0" });
  await page.getByTestId("place-compare").click();
  await page.getByTestId("other-sae").selectOption(OTHER);
  const [a, b] = [await sideValues(page, "a"), await sideValues(page, "b")];
  await expect(page.getByTestId("compare-summary")).toContainText("CE score");
  await expect(page.getByTestId("matches").locator("tbody tr").first()).toBeVisible();
  const alone = async (sae: string): Promise<number[]> => {
    await page.evaluate((key) => window.facet.open({ model: "demo", sae: key }), sae);
    const { tokens } = await page.evaluate((text) => window.facet.analyze(text), TEXT);
    return tokens.slice(1).map(({ l0 }) => l0);
  };
  expect(a.slice(1)).toEqual(await alone(DEFAULT_SAE));
  expect(b.slice(1)).toEqual(await alone(OTHER));
});

test("weights and GELU are compared too, and the link opens the same elsewhere", async ({
  page,
  context,
}) => {
  await openFacet(page, { text: TEXT, colour: "error", place: "compare" });
  await page.getByTestId("other-precision").selectOption("int4");
  await page.getByTestId("other-activation").selectOption("erf");
  const b = await sideValues(page, "b");
  expect(b).not.toEqual(await sideValues(page, "a"));
  // Every feature's nearest is itself: the decoder is the same.
  await expect(page.getByTestId("matches").locator("tbody tr").first()).toContainText("1.000");

  const second = await context.newPage();
  const link = await page.evaluate(() => window.facet.permalink());
  expect(link).toContain("other-rev=");
  await second.goto(link);
  expect(await sideValues(second, "b")).toEqual(b);
  await expect(second).toHaveTitle(/int4, erf/);

  await second.getByTestId("swap").click();
  await expect(second.getByTestId("provenance")).toContainText("int4");
  await expect.poll(() => sideValues(second, "a")).toEqual(b);
});

test("a match colours the other side by its nearest feature", async ({ page }) => {
  await openFacet(page, { text: TEXT, place: "compare", other: OTHER });
  const row = page.getByTestId("matches").locator("tbody tr").first();
  await row.getByRole("button").click();
  await expect(row).toHaveAttribute("data-chosen", "true");
  await expect(page).toHaveURL(/feature=\d+/);
  const [own = "", , , , match = ""] = await row.locator("td").allInnerTexts();
  await expect(page.getByRole("region", { name: "Tokens of A" })).toContainText(`feature ${own}`);
  await expect(page.getByRole("region", { name: "Tokens of B" })).toContainText(`feature ${match}`);
});

test("what to compare with is a press away, and a feature of B opens on its own page", async ({
  page,
}) => {
  await openFacet(page, { text: TEXT, place: "compare" });
  await page.getByTestId("suggestions").getByRole("button", { name: OTHER }).click();
  await expect(page.getByTestId("other-sae")).toHaveValue(OTHER);
  await sideValues(page, "b");
  const ofB = page.getByTestId("matches").getByRole("link").first();
  const number = await ofB.innerText();
  await ofB.click();
  await expect(page.getByTestId("feature-number")).toHaveValue(number);
  await expect(page.getByTestId("provenance")).toContainText(OTHER);
  await page.getByTestId("place-compare").click();
  await expect(page.getByTestId("other-sae")).toHaveValue(DEFAULT_SAE);
});

test("going back to before the choice shows no comparison", async ({ page }) => {
  await openFacet(page, { text: TEXT, place: "compare" });
  await page.getByTestId("other-sae").selectOption(OTHER);
  await sideValues(page, "b");
  await page.goBack();
  await expect(page.getByTestId("suggestions")).toBeVisible();
  await expect(page.getByTestId("strip-b")).toHaveCount(0);
});

test("what cannot be opened beside is said, and what is open stays", async ({ page }) => {
  await openFacet(page, { text: TEXT, place: "compare", other: "blocks.9.hook_resid_post" });
  await expect(page.getByTestId("error")).toContainText("blocks.9.hook_resid_post");
  await expect(page.getByTestId("provenance")).toContainText(DEFAULT_SAE);
  await page.getByTestId("other-sae").selectOption(OTHER);
  await sideValues(page, "b");
  await expect(page.getByTestId("error")).toHaveCount(0);
});
