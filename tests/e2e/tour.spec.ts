// The whole page without a mouse: from a sentence of one's own to its features, one of them in full, the table, the map, the
// other SAE, and away with it. Every stop of the Tab key on the way is one that can be seen.

import { readFile } from "node:fs/promises";
import { expectSeen, tabTo } from "./focus.ts";
import { expect, openFacet, type Page, settledStrip, test } from "./test.ts";

test.use({
  permissions: ["clipboard-read", "clipboard-write"],
  viewport: { width: 1440, height: 900 },
});
test.setTimeout(300_000);

const SENTENCE = "The doctor said that her daughter would be well again before the winter came.";
/** Position of " said". */
const SAID = 4;
const OTHER = "blocks.5.hook_resid_post";

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expectSeen(page);
  }
};

/** What a download begun by Enter holds. */
async function download(page: Page): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  return readFile(await file.path(), "utf8");
}

test("the whole tour, with the keyboard alone", async ({ page, context }) => {
  await openFacet(page);

  // A sentence, a token, the feature that fires most on it.
  await press(page, "/", "Control+A");
  await page.keyboard.type(SENTENCE);
  const strip = page.getByTestId("token-strip");
  await expect(strip).toContainText("winter");
  await settledStrip(page);
  await tabTo(page, strip.locator("[data-position]"));
  await press(page, ...Array<string>(SAID).fill("ArrowRight"));
  const said = strip.locator(`[data-position="${SAID}"]`);
  await expect(said).toBeFocused();
  await expect(said).toHaveAccessibleName(/^token said, activation .+ of /);
  await press(page, "Enter");
  await expect(said).toHaveAttribute("aria-selected", "true");
  const ofToken = page.getByTestId("token-features").locator("[data-feature]").first();
  await tabTo(page, ofToken);
  const feature = (await ofToken.getAttribute("data-feature")) ?? "";
  await press(page, "Enter");
  await expect(ofToken).toHaveAttribute("aria-pressed", "true");
  await expect(page).toHaveURL(new RegExp(`feature=${feature}&token=${SAID}`));

  // Its page: examples, histogram, positive logits, neighbours.
  await tabTo(page, page.getByTestId("open-feature"));
  await page.keyboard.press("Enter");
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText(`Feature ${feature}`);
  await expect(heading).toBeFocused();
  await expectSeen(page);
  const example = page.getByTestId("corpus-examples").getByRole("button").first();
  await expect(example).toBeVisible();
  await expect(page.getByTestId("scan-density")).toContainText("of 81,276 tokens");
  await expect(page.getByTestId("corpus-histogram").locator(".recharts-bar").first()).toBeVisible();
  await tabTo(page, page.getByTestId("switch-counts").getByRole("radio"));
  await press(page, "ArrowRight");
  await expect(page).toHaveURL(/counts=log/);
  await tabTo(page, example);
  const marked = page.getByTestId("corpus-histogram").locator('path[fill="var(--ink)"]');
  await expect(marked).toHaveCount(1);
  await press(page, "Enter");
  await expect(example).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByTestId("logit-lens").locator("li").first()).toContainText("said");
  const neighbour = page.getByTestId("neighbours").getByRole("link").first();
  await tabTo(page, neighbour);
  const next = (await neighbour.getAttribute("data-feature")) ?? "";
  await page.keyboard.press("Enter");
  await expect(heading).toHaveText(`Feature ${next}`);
  await expect(heading).toBeFocused();
  await expect(example).toBeVisible();

  // Next, previous, onto the list.
  await press(page, "]");
  await expect(heading).toHaveText(`Feature ${Number(next) + 1}`);
  await press(page, "[", "[");
  await expect(heading).toHaveText(`Feature ${Number(next) - 1}`);
  await press(page, "l");
  await expect(page).toHaveURL(new RegExp(`list=${Number(next) - 1}`));

  // The table: by label, by density, sorted, as a file, and into a feature.
  await press(page, "f");
  await expect(page.getByTestId("label-query")).toBeFocused();
  const found = page.getByTestId("label-search").getByRole("status");
  await expect(found).toContainText("2,048 of 2,048");
  await page.keyboard.type("the");
  await expect(found).not.toContainText("2,048 of 2,048");
  await press(page, "Control+A", "Delete");
  await expect(found).toContainText("2,048 of 2,048");
  await tabTo(page, page.getByTestId("density-from"));
  await press(page, "ArrowDown");
  await expect(page).toHaveURL(/min-density=-1(&|$)/);
  await expect(found).not.toContainText("2,048 of 2,048");
  await tabTo(page, page.getByTestId("token-logit-text"));
  await page.keyboard.type(" said");
  const token = page.getByTestId("token-logit").locator(".token-choice").first();
  await expect(token).toBeVisible();
  await tabTo(page, token);
  await press(page, "Enter");
  await expect(page).toHaveURL(/sort=promotes/);
  await tabTo(page, page.getByTestId("table-csv"));
  expect(await download(page)).toMatch(/^feature,density,.*\r\n\d+,0\./);
  const density = page.getByRole("columnheader", { name: "density" });
  await tabTo(page, density.getByRole("button"));
  await press(page, "Enter");
  await expect(density).toHaveAttribute("aria-sort", "descending");
  const table = page.getByTestId("feature-table");
  await tabTo(page, table, "Shift+Tab");
  await press(page, "ArrowDown", "ArrowDown");
  const row = table.locator("[data-active]");
  const chosen = (await row.locator("a").textContent()) ?? "";
  await page.keyboard.press("Enter");
  await expect(heading).toHaveText(`Feature ${chosen}`);
  await expect(heading).toBeFocused();

  // The map, coloured by the scan, zoomed, and into a feature.
  await tabTo(page, page.getByTestId("place-sae"), "Shift+Tab");
  await press(page, "Enter");
  const counted = page.getByTestId("dead-count");
  await expect(counted).toContainText("never seen to fire");
  const byFile = (await counted.textContent()) ?? "";
  await tabTo(page, page.getByTestId("switch-map-colour").getByRole("radio"));
  await press(page, "ArrowRight");
  await expect(page).toHaveURL(/map=scan/);
  await expect(counted).not.toHaveText(byFile);
  await tabTo(page, page.getByTestId("dead-threshold"));
  await press(page, "ArrowLeft");
  await expect(page).toHaveURL(/dead=-5\.5/);
  const map = page.getByTestId("dead-map");
  await tabTo(page, map);
  await press(page, "ArrowRight", "ArrowRight", "ArrowDown", "+");
  await expect(map).toHaveAttribute("aria-valuetext", /^feature 65, /);
  await page.keyboard.press("Enter");
  await expect(heading).toHaveText("Feature 65");
  await expect(heading).toBeFocused();

  // The other SAE on the same sentence.
  await tabTo(page, page.getByTestId("place-compare"), "Shift+Tab");
  await press(page, "Enter");
  await expect(heading).toHaveText("Compare");
  await tabTo(page, page.getByTestId("suggestions").getByRole("button", { name: OTHER }));
  await page.keyboard.press("Enter");
  await expect(heading).toBeFocused();
  await expect(page.getByTestId("other-sae")).toHaveValue(OTHER);
  await expect(page.getByTestId("matches").locator("tbody tr").first()).toBeVisible();
  await tabTo(page, page.getByTestId("strip-b").locator("[data-position]"));
  await press(page, "End", "Home");
  await tabTo(page, page.getByTestId("matches").getByRole("button").first());
  await press(page, "Enter");
  await expect(page.getByTestId("matches").locator("[data-chosen]")).toHaveCount(1);

  // Away with it: the link, which opens the same elsewhere, the card, the report.
  await tabTo(page, page.getByTestId("copy-link"), "Shift+Tab");
  await press(page, "Enter");
  await expect(page.getByText("Link copied")).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await tabTo(page, page.getByTestId("share"));
  await press(page, "Enter");
  await tabTo(page, page.getByTestId("export-json"));
  const report: unknown = JSON.parse(await download(page));
  expect(report).toMatchObject({ sides: [{}, {}] });
  const elsewhere = await context.newPage();
  await elsewhere.goto(link);
  await expect(elsewhere.getByTestId("strip-b").locator("[data-position]").first()).toBeVisible();
  await expect(elsewhere.getByTestId("text-input")).toHaveValue(SENTENCE);
  await elsewhere.close();

  // And back, by the browser's own key.
  await page.goBack();
  await page.goBack();
  await expect(page.getByTestId("suggestions")).toBeVisible();
  await press(page, "/");
  await expect(page.getByTestId("text-input")).toBeFocused();
  await expect(page.getByTestId("text-input")).toHaveValue(SENTENCE);
});
