// The page by keyboard alone: one tab stop for the strip, arrows inside it, Enter pins, Escape lets go.

import type { Page } from "@playwright/test";
import { expect, openFacet, settledStrip, test } from "./test.ts";

const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute("data-position") ?? null);

/** Tab from the text box until a token has the focus. */
async function tabToStrip(page: Page): Promise<void> {
  // Ready is the engine; the page draws what it found a moment later.
  await settledStrip(page);
  await page.keyboard.press("/");
  await expect(page.getByTestId("text-input")).toBeFocused();
  for (let presses = 0; presses < 60 && (await focused(page)) === null; presses++) {
    await page.keyboard.press("Tab");
  }
  expect(await focused(page)).not.toBeNull();
}

test("the strip is one tab stop, and arrows move inside it", async ({ page }) => {
  await openFacet(page);
  const strip = await settledStrip(page);
  await expect(strip.locator('[tabindex="0"]')).toHaveCount(1);
  await tabToStrip(page);
  expect(await focused(page)).toBe("0");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect(await focused(page)).toBe("2");
  await page.keyboard.press("ArrowLeft");
  expect(await focused(page)).toBe("1");
  await page.keyboard.press("End");
  expect(await focused(page)).toBe(String((await strip.locator("[data-position]").count()) - 1));
  await page.keyboard.press("Home");
  expect(await focused(page)).toBe("0");
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBeNull();
});

test("focus gives the value in words; Enter pins, Escape lets go", async ({ page }) => {
  await openFacet(page);
  await tabToStrip(page);
  await page.keyboard.press("ArrowRight");
  const token = page.getByTestId("token-strip").locator('[data-position="1"]');
  await expect(token).toHaveAccessibleName(/^token \S+, activation .+ of /);
  await expect(page.getByTestId("token-features")).toContainText("position 1");
  await page.keyboard.press("Enter");
  await expect(token).toHaveAttribute("aria-selected", "true");
  await expect.poll(() => new URL(page.url()).hash).toContain("token=1");
  await page.keyboard.press("Escape");
  await expect(token).toHaveAttribute("aria-selected", "false");
});

test("[ and ] walk the features, r takes a random one, ? lists the keys", async ({ page }) => {
  await openFacet(page, { place: "feature", feature: "7" });
  await expect(page.getByTestId("feature-number")).toHaveValue("7");
  await page.keyboard.press("]");
  await expect(page.getByTestId("feature-number")).toHaveValue("8");
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await expect(page.getByTestId("feature-number")).toHaveValue("6");
  await page.keyboard.press("r");
  await expect(page.getByTestId("feature-number")).not.toHaveValue("6");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeHidden();
});

test("keys typed into the text box are text", async ({ page }) => {
  await openFacet(page, { text: "" });
  const box = page.getByTestId("text-input");
  await box.focus();
  await page.keyboard.type("r[]?/");
  await expect(box).toHaveValue("r[]?/");
  await expect(page).not.toHaveURL(/feature=/);
});
