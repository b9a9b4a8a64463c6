// Taking a view along: the card follows the place, and each copy holds what it says.

import { expect, openFacet, type Page, settledStrip, test } from "./test.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const clipboard = (page: Page): Promise<string> =>
  page.evaluate(() => navigator.clipboard.readText());

test("the title follows the view", async ({ page }) => {
  await openFacet(page);
  await expect(page).toHaveTitle(/^What fires on a text: blocks\.3.* · Facet$/);
  await page.getByTestId("place-sae").click();
  await expect(page).toHaveTitle(/^blocks\.3\S+ on .* · Facet$/);
  await openFacet(page, { place: "feature", feature: "21" });
  await expect(page).toHaveTitle(/^Feature 21, “.*tell.*” · blocks\.3.* · Facet$/);
  await expect(page.locator("meta[property='og:title']")).toHaveAttribute("content", /Feature 21/);
});

test("the card, the frame and the code are copied, by keyboard", async ({ page }) => {
  await openFacet(page, { place: "feature", feature: "21" });
  await expect(page.getByTestId("logit-lens").locator("li").first()).toBeVisible();
  const copied = async (button: string): Promise<string> => {
    await page.getByTestId("share").focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog", { name: "Share this view" })).toBeVisible();
    await expect(page.getByTestId(button)).toBeEnabled();
    await page.getByTestId(button).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByText(/ copied$/)).toBeVisible();
    return clipboard(page);
  };
  expect(await copied("copy-markdown")).toMatch(
    /^\[Feature 21,.*\]\(http:.*feature=21.*\)\n.*Positive logits: /,
  );
  const code = await copied("copy-embed");
  expect(code).toContain("embed=1");
  expect(await copied("copy-code")).toContain("sae.W_dec[21]");

  // What was copied is a frame that shows the feature.
  const src = /src="([^"]+)"/.exec(code)?.[1]?.replaceAll("&amp;", "&") ?? "";
  await page.goto("about:blank");
  await page.goto(src);
  await expect(page.getByTestId("embed-bar")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Feature 21" })).toBeVisible();
  await settledStrip(page);
});
