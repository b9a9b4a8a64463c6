// The map of features: what colours it, by keyboard, zoomed, and laid out by likeness.

import { scanFirst, showScan } from "./scanned.ts";
import { expect, openFacet, test } from "./test.ts";

test("is walked with arrows, tells the feature in words, and Enter opens it", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  const map = page.getByTestId("dead-map");
  await map.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  // 64 to a row.
  await expect(map).toHaveAttribute("aria-valuenow", "65");
  await expect(page.getByTestId("dead-readout")).toContainText("feature 65");
  await page.keyboard.press("+");
  await page.keyboard.press("End");
  await expect(map).toHaveAttribute("aria-valuenow", "2047");
  // The cursor stays in sight however far it is zoomed in.
  await expect(map.locator(".dead-cursor")).toBeInViewport();
  await page.keyboard.press("0");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("feature-number")).toHaveValue("1");
});

test("a click opens the feature under the pointer, a drag does not", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  const canvas = page.getByTestId("dead-map").locator("canvas");
  await page.getByRole("button", { name: "Zoom in" }).click();
  const box = await canvas.boundingBox();
  if (box === null) throw new Error("no map");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  const before = await page.getByTestId("dead-readout").innerText();
  await page.mouse.down();
  await page.mouse.move(x + 60, y, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/place=sae/);
  await page.mouse.move(x + 1, y + 1);
  await expect(page.getByTestId("dead-readout")).not.toHaveText(before);
  await page.mouse.down();
  await page.mouse.up();
  await expect(page.getByTestId("feature-number")).toBeVisible();
});

test("is coloured by the training file, by a scan, or by their difference", async ({ page }) => {
  await scanFirst(page, 6);
  await showScan(page, " 6 documents,");
  const count = page.getByTestId("dead-count");
  const byFile = await count.innerText();
  const colours = page.getByTestId("switch-map-colour");
  await colours.getByText("scan", { exact: true }).click();
  await expect(count).not.toHaveText(byFile);
  await expect(count).toContainText("Published: 118");
  await colours.getByText("their difference").click();
  await expect(count).toContainText("by one source and over it by the other");
  await expect(page).toHaveURL(/map=difference/);
  await expect(page.getByTestId("corpus-l0")).toContainText("log-normal");
});

test("lays like features together, in a worker that can be stopped", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  const panel = page.getByTestId("dead-features");
  await page.getByTestId("switch-map-layout").getByText("like with like").click();
  await panel.getByRole("button", { name: "Cancel" }).click();
  await page.getByTestId("load-projection").click();
  await expect(panel).toContainText("UMAP of the 15 nearest");
  const map = page.getByTestId("dead-map");
  await expect(map).toHaveAttribute("aria-label", /like decoder rows together/);
  await map.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("dead-readout")).toContainText("feature");
});

test("a link that lays like features together does so by itself", async ({ page }) => {
  await openFacet(page, { place: "sae", "map-layout": "similarity" });
  await expect(page.getByTestId("dead-features")).toContainText("UMAP of the 15 nearest");
});
