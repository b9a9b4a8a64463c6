// A corpus scanned from the page, and what a feature's page shows of it.

import { scanFirst, scanOf, showScan } from "./scanned.ts";
import { expect, openFacet, test } from "./test.ts";

const FEATURE = "1139";

test("a scan is run, its examples stand on a feature's page, and it is kept", async ({ page }) => {
  await scanFirst(page, 6);
  await showScan(page, " 6 documents,");
  await page.getByTestId("place-feature").click();
  await page.getByTestId("feature-number").fill(FEATURE);
  await page.keyboard.press("Enter");
  const corpus = page.getByTestId("corpus");
  await expect(corpus).toContainText("6 documents");
  await expect(page.getByTestId("scan-density")).toContainText(/of [\d,]+ tokens/);
  await expect(corpus).toContainText(/mean .*standard deviation .*largest/);
  const groups = page.getByTestId("corpus-examples").locator(".example-group");
  await expect(groups.first()).toContainText("Top activations");
  // The top activations, the sample, five intervals.
  await expect(groups).toHaveCount(7);
  const first = groups.first().getByRole("listitem").first();
  await expect(first.locator("[data-peak]")).toHaveCount(1);
  // What an interval repeats of the groups above it is faded.
  await expect(page.locator("[data-repeat]").first()).toBeAttached();
  await page.getByTestId("place-sae").click();
  await page.reload();
  await expect(scanOf(page, "6 documents")).toHaveCount(1);
});

test("a link to a feature shows the scan that ships, and a new number its own examples", async ({
  page,
}) => {
  await openFacet(page, { place: "feature", feature: FEATURE });
  const first = page.getByTestId("corpus-examples").getByRole("listitem").first();
  await expect(first).toBeVisible();
  await expect(page.getByTestId("scan-density")).toContainText(/of [\d,]+ tokens/);
  const example = await first.textContent();
  await page.keyboard.press("]");
  await expect(page.getByTestId("feature-number")).toHaveValue(String(Number(FEATURE) + 1));
  await expect(first).not.toHaveText(example ?? "");
  // Another SAE on the same page.
  await openFacet(page, { place: "feature", feature: "39", sae: "blocks.5.hook_resid_post" });
  await expect(page.getByTestId("scan-density")).toBeVisible();
  await expect(first).toBeVisible();
});

test("tokens and histogram mark each other, by pointer and by keyboard", async ({ page }) => {
  await scanFirst(page, 6);
  await showScan(page, " 6 documents,");
  await page.getByTestId("place-feature").click();
  await page.getByTestId("feature-number").fill(FEATURE);
  await page.keyboard.press("Enter");
  const histogram = page.getByTestId("corpus-histogram");
  const marked = histogram.locator('.recharts-bar-rectangle path[fill="var(--ink)"]');
  const rows = page.getByTestId("corpus-examples").getByRole("listitem").getByRole("button");
  await expect(histogram.locator(".recharts-bar-rectangle").first()).toBeVisible();
  await rows.first().focus();
  await expect(marked).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(rows.first()).toHaveAttribute("aria-expanded", "true");
  await rows.first().locator("[data-peak]").hover();
  await expect(marked).toHaveCount(1);
  // The other way round.
  const bars = histogram.locator(".recharts-bar-rectangle path");
  await bars.first().hover({ force: true });
  await expect(page.getByTestId("corpus-examples").locator("[data-marked]").first()).toBeAttached();
  await page.getByTestId("switch-counts").getByText("log").click();
  await expect(page).toHaveURL(/counts=log/);
});

test("a bar of the corpus marks its tokens in the reader's own text", async ({ page }) => {
  await openFacet(page, { place: "feature", feature: FEATURE });
  const strip = page.getByTestId("token-strip");
  // Pinned, a token keeps its bar marked while the pointer is on that.
  const histogram = page.getByTestId("corpus-histogram");
  await expect(histogram.locator(".recharts-bar").first()).toBeVisible();
  await strip.locator("[data-tinted]").first().click();
  await histogram.scrollIntoViewIfNeeded();
  const marked = histogram.locator('path[fill="var(--ink)"]');
  await expect(marked).toHaveCount(1);
  await expect(strip.locator("[data-marked]")).toHaveCount(0);
  // Bars are drawn anew while the chart comes to rest.
  await expect(async () => {
    const bar = await marked.boundingBox({ timeout: 1000 });
    if (bar === null) throw new Error("no bar is marked");
    await page.mouse.move(bar.x + bar.width / 2, bar.y + bar.height / 2);
  }).toPass();
  await expect(strip.locator('[aria-selected="true"][data-marked]')).toHaveCount(1);
});

test("the scale can be fixed to the strongest on the corpus", async ({ page }) => {
  await openFacet(page, { place: "feature", feature: FEATURE, scale: "feature" });
  const legend = page.getByTestId("legend");
  await expect(legend).toContainText("the largest on the scanned corpus");
  const histogram = page.getByTestId("corpus-histogram");
  await expect(histogram).toContainText(/largest \d+\.\d+/);
  const largest = /largest (\d+\.\d+)/.exec(await histogram.innerText())?.[1];
  await expect(legend).toContainText(largest ?? "no largest");
});

test("neighbours tell how often they fire together", async ({ page }) => {
  await scanFirst(page, 6);
  await openFacet(page, { place: "feature", feature: FEATURE });
  const shares = page.getByTestId("neighbours").locator(".feature-row .co-activation");
  await expect(shares.first()).toContainText("%");
});

test("a feature that was not seen to fire is bounded, not called dead", async ({ page }) => {
  await scanFirst(page, 1);
  await showScan(page, " 1 document,");
  await page.getByTestId("place-find").click();
  await page.locator('[data-column="density"] button').click();
  await page.locator('[data-column="density"] button').click();
  await page.getByTestId("feature-table").locator("a[data-feature]").first().click();
  await expect(page.getByTestId("scan-density")).toContainText("not seen to fire");
  await expect(page.getByTestId("scan-density")).toContainText("3/N");
});

test("a scan is paused, goes on, and is deleted", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  await page.getByTestId("run-scan").click();
  const status = page.getByTestId("scan-status");
  await expect(status).toContainText(/tokens/);
  await status.getByTestId("cancel").click();
  await expect(status).toContainText("Paused");
  await expect(scanOf(page, "not finished")).toHaveCount(1);
  // The page is loaded anew, and the scan is still there to go on with.
  await page.reload();
  await scanOf(page, "not finished").getByRole("button", { name: /Go on/ }).click();
  await expect(status.getByTestId("progress")).toBeVisible();
  await status.getByTestId("cancel").click();
  await scanOf(page, "not finished")
    .getByRole("button", { name: /Delete/ })
    .click();
  await expect(scanOf(page, "not finished")).toHaveCount(0);
});

test("files of the reader's own are scanned, and refused with words", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  await page.getByTestId("scan-corpus").getByText("files").click();
  await page.getByTestId("scan-files").setInputFiles({
    name: "mine.jsonl",
    mimeType: "application/json",
    buffer: Buffer.from(
      '{"text": "In the beginning was the Word."}\n{"text": "The whale rose."}\n',
    ),
  });
  await page.getByTestId("run-scan").click();
  await expect(scanOf(page, "mine.jsonl")).toHaveCount(1);
  await expect(scanOf(page, "mine.jsonl")).toContainText("2 documents");
  await page.getByTestId("scan-files").setInputFiles({
    name: "other.jsonl",
    mimeType: "application/json",
    buffer: Buffer.from('{"body": "no text here"}\n'),
  });
  await page.getByTestId("run-scan").click();
  await expect(page.getByTestId("scan-panel").getByTestId("error")).toContainText('"body"');
});

test("a scan is taken along as a file, brought back, and two are added up", async ({ page }) => {
  const file = (name: string, text: string) => ({
    name,
    mimeType: "text/plain",
    buffer: Buffer.from(text),
  });
  await openFacet(page, { place: "sae" });
  await page.getByTestId("scan-corpus").getByText("files").click();
  for (const one of [
    file("one.txt", "In the beginning was the Word."),
    file("two.txt", "The whale rose beneath the ship, and sank again."),
  ]) {
    await page.getByTestId("scan-files").setInputFiles(one);
    await page.getByTestId("run-scan").click();
    await expect(scanOf(page, one.name)).toHaveCount(1);
  }
  await showScan(page, "two.txt");
  const downloading = page.waitForEvent("download");
  await scanOf(page, "two.txt")
    .getByRole("button", { name: /Export/ })
    .click();
  const exported = await (await downloading).path();
  await scanOf(page, "two.txt")
    .getByRole("button", { name: /Delete/ })
    .click();
  await expect(scanOf(page, "two.txt")).toHaveCount(0);
  await page.getByTestId("scan-import").setInputFiles(exported);
  await expect(scanOf(page, "two.txt")).toHaveCount(1);
  await expect(scanOf(page, "two.txt").getByRole("radio")).toBeChecked();
  await scanOf(page, "one.txt")
    .getByRole("button", { name: /Add to/ })
    .click();
  await expect(scanOf(page, "2 files")).toHaveCount(1);
  await expect(scanOf(page, "2 files").getByRole("radio")).toBeChecked();
});
