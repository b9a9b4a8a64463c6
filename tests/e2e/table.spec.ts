// The table of all features: sorted, narrowed, walked with the keyboard, in the link, taken away as a file.

import { readFileSync } from "node:fs";
import { expect, openFacet, type Page, test } from "./test.ts";

const rows = (page: Page) => page.getByTestId("feature-table").locator(".table-row");
/** Numbers of the features that are drawn, from the top. */
const drawn = async (page: Page): Promise<number[]> => {
  const found = await rows(page).evaluateAll((elements) =>
    elements
      .map((element) => ({
        top: element.getBoundingClientRect().top,
        feature: Number(element.querySelector("a")?.dataset["feature"]),
      }))
      .toSorted((a, b) => a.top - b.top),
  );
  return found.map(({ feature }) => feature);
};

test("is sorted by a column's head, either way, and the link says so", async ({ page }) => {
  await openFacet(page, { place: "find" });
  await expect(rows(page).first()).toBeVisible();
  expect((await drawn(page)).slice(0, 4)).toEqual([0, 1, 2, 3]);
  const norm = page.getByRole("columnheader", { name: "‖W_dec‖" });
  await norm.getByRole("button").click();
  await expect(norm).toHaveAttribute("aria-sort", "descending");
  const norms = await page.evaluate(() =>
    [...document.querySelectorAll(".table-row")].map((row) => Number(row.children[5]?.textContent)),
  );
  expect(norms.length).toBeGreaterThan(20);
  const first = (await drawn(page))[0];
  await norm.getByRole("button").click();
  await expect(norm).toHaveAttribute("aria-sort", "ascending");
  expect((await drawn(page))[0]).not.toBe(first);
  await expect(page).toHaveURL(/sort=norm/);
  await page.goBack();
  await expect.poll(async () => (await drawn(page))[0]).toBe(first);
});

test("draws a window of the rows, wherever it is scrolled to", async ({ page }) => {
  await openFacet(page, { place: "find" });
  const table = page.getByTestId("feature-table");
  await expect(table).toHaveAttribute("aria-rowcount", "2049");
  expect(await rows(page).count()).toBeLessThan(60);
  await table.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect.poll(async () => (await drawn(page)).at(-1)).toBe(2047);
  expect(await rows(page).count()).toBeLessThan(60);
});

test("is one tab stop; arrows move along the rows, Enter opens", async ({ page }) => {
  await openFacet(page, { place: "find" });
  const table = page.getByTestId("feature-table");
  await table.focus();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"])
    await page.keyboard.press(key);
  await expect(table.locator("[data-active]")).toHaveText(/^1/);
  await page.keyboard.press("End");
  await expect(table.locator("[data-active]")).toHaveText(/^2047/);
  await page.keyboard.press("PageUp");
  await expect(table.locator("[data-active]")).toBeInViewport();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("feature-number")).toHaveValue("1");
});

test("is narrowed by density, by the list and by a token", async ({ page }) => {
  await openFacet(page, { place: "find", list: "5\n9" });
  const status = page.getByTestId("label-search").getByRole("status");
  await expect(status).toContainText("2,048 of 2,048");
  await page.getByTestId("density-from").selectOption("-2");
  await expect(status).not.toContainText("2,048 of 2,048");
  await page.getByTestId("density-from").selectOption("");
  await page.getByTestId("only-listed").check();
  await expect(status).toContainText("2 of 2,048");
  expect(await drawn(page)).toEqual([5, 9]);
  await page.getByTestId("only-listed").uncheck();

  await page.getByTestId("token-logit-text").fill(" king");
  await page.getByRole("group", { name: "Tokens of what was typed" }).getByRole("button").click();
  const logit = page.getByRole("columnheader", { name: "logit" });
  await expect(logit).toHaveAttribute("aria-sort", "descending");
  await expect(page).toHaveURL(/promotes=\d+/);
  // The feature with its largest logit has it in its logit lens.
  const [best] = await drawn(page);
  await page.getByTestId("feature-table").locator(`a[data-feature="${best}"]`).click();
  await expect(page.getByTestId("logit-lens")).toContainText("king");
});

test("finds nearest neighbours on request", async ({ page }) => {
  await openFacet(page, { place: "find" });
  await page.getByTestId("load-nearest").click();
  await expect(rows(page).first()).toContainText(/\d+ · −?\d\.\d{3}/);
  await expect(page.getByTestId("load-nearest")).toHaveCount(0);
});

test("is taken away as CSV and as Parquet", async ({ page }) => {
  await openFacet(page, { place: "find" });
  const take = async (id: string): Promise<Buffer> => {
    const downloading = page.waitForEvent("download");
    await page.getByTestId(id).click();
    return readFileSync(await (await downloading).path());
  };
  const lines = (await take("table-csv")).toString().trim().split("\r\n");
  expect(lines).toHaveLength(2049);
  expect(lines[0]).toMatch(/^feature,density,/);
  expect((await take("table-parquet")).subarray(0, 4).toString()).toBe("PAR1");
});
