// Finding features by label, naming them, and lists of them as links.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, openFacet, type Page, settledStrip, test } from "./test.ts";

const DEMO = join(import.meta.dirname, "../../public/demo");
const SAE = "sae/blocks.3.hook_resid_post_fast_lr";

test("features are found by label, and the search is in the link", async ({ page }) => {
  await openFacet(page);
  await page.keyboard.press("f");
  await expect(page.getByTestId("label-query")).toBeFocused();
  await page.keyboard.type("tell");
  const found = page.getByTestId("label-search").locator(".table-row");
  await expect(found.first()).toContainText(/tell/i);
  await expect(page).toHaveURL(/find=tell/);
  await page.reload();
  await expect(found.first()).toContainText(/tell/i);
  await found.first().getByRole("link").click();
  await expect(page.getByTestId("feature-label")).toContainText(/tell/i);
});

test("a feature is named, the name stays and is shown everywhere, and goes when it is emptied", async ({
  page,
}) => {
  await openFacet(page, { place: "feature", feature: "21" });
  const name = async (text: string): Promise<void> => {
    await page.getByTestId("edit-label").click();
    await expect(page.getByTestId("label-input")).toBeFocused();
    await page.getByTestId("label-input").fill(text);
    await page.keyboard.press("Enter");
  };
  await name('mine <b>bold</b> \u202E"');
  const label = page.getByTestId("feature-label");
  await expect(label).toContainText("mine <b>bold</b> [202E]");
  await expect(label).toContainText("your own label");
  await expect(page).toHaveTitle(/mine/);
  await page.reload();
  await expect(label).toContainText("mine <b>bold</b>");
  await page.getByTestId("place-find").click();
  await page.getByTestId("label-query").fill("bold");
  await expect(page.getByTestId("label-search").locator(".table-row")).toHaveCount(1);
  await openFacet(page, { place: "feature", feature: "21" });
  await name("");
  await expect(label).toContainText(/tell/);
});

test("labels are exported and brought back; a hostile file is refused with words", async ({
  page,
}) => {
  await openFacet(page, { place: "feature", feature: "5" });
  await page.getByTestId("edit-label").click();
  await page.getByTestId("label-input").fill("five");
  await page.keyboard.press("Enter");
  await page.getByTestId("place-find").click();
  const downloading = page.waitForEvent("download");
  await page.getByTestId("labels-export").click();
  const file = await (await downloading).path();

  await page.evaluate(() => localStorage.clear());
  await page.reload();
  // The file's labels belong to an SAE: there must be one.
  await expect(page.getByTestId("labels-import")).toBeEnabled();
  await expect(page.getByTestId("own-labels")).toContainText("None for this SAE yet");
  await page.getByTestId("labels-file").setInputFiles(file);
  await expect(page.getByTestId("own-labels")).toContainText("1 for this SAE");
  await expect(page.getByTestId("notices")).toContainText("1 label was brought in");

  const kept = JSON.parse(readFileSync(file, "utf8")) as { labels: Record<string, unknown> };
  for (const [labels, words] of [
    [{ 99999: "x" }, "99999"],
    [{ 1: ["x"] }, "a list of 1"],
  ] as const) {
    await page.getByTestId("labels-file").setInputFiles({
      name: "evil.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify({ ...kept, labels })),
    });
    await expect(page.getByTestId("notices")).toContainText(words);
  }
  await expect(page.getByTestId("own-labels")).toContainText("1 for this SAE");
});

test("a list is made by keyboard, ordered, noted, and opens from its link elsewhere", async ({
  page,
  context,
}) => {
  await openFacet(page, { place: "feature", feature: "21" });
  await page.keyboard.press("l");
  await expect(page.getByTestId("list-toggle")).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("]");
  await page.keyboard.press("l");
  await page.getByTestId("place-find").click();
  const entries = page.getByTestId("list").locator(".list-entry");
  await expect(entries).toHaveCount(2);
  await page.getByRole("button", { name: "Move feature 22 up" }).click();
  await page.getByLabel("Note on feature 22").fill("<i>first</i>");
  await page.keyboard.press("Enter");
  await page.getByTestId("list-name").fill("Saying");
  await page.getByTestId("list-name").blur();
  await expect(page).toHaveTitle(/^“Saying”: 2 features/);

  const second = await context.newPage();
  await second.goto(await page.evaluate(() => window.facet.permalink()));
  const there = second.getByTestId("list").locator(".list-entry");
  await expect(there).toHaveCount(2);
  await expect(there.first()).toHaveAttribute("data-feature", "22");
  await expect(second.getByLabel("Note on feature 22")).toHaveValue("<i>first</i>");
  await second.getByRole("button", { name: "Take feature 22 off the list" }).click();
  await expect(there).toHaveCount(1);

  // The numbers mean other features in another SAE; going back brings the list back.
  await page.getByTestId("choose-sae").selectOption("blocks.0.hook_resid_post");
  await expect(entries).toHaveCount(0);
  await expect(page.getByTestId("notices")).toContainText("back button");
  await page.goBack();
  await expect(entries).toHaveCount(2);
});

test("rows of features have a mark that lists them", async ({ page }) => {
  await openFacet(page);
  await settledStrip(page);
  const row = page.getByTestId("text-features").locator(".feature-row").first();
  await row.hover();
  await row.locator(".list-mark").click();
  await expect(page).toHaveURL(/list=\d+/);
  await expect(row.locator(".list-mark")).toHaveAttribute("aria-pressed", "true");
});

/** The bundled SAE, saying that Neuronpedia has it. */
async function onNeuronpedia(page: Page): Promise<void> {
  const cfg = JSON.parse(readFileSync(join(DEMO, SAE, "cfg.json"), "utf8")) as object;
  const body = JSON.stringify({ ...cfg, neuronpedia_id: "demo/3-res" });
  const manifest = JSON.parse(readFileSync(join(DEMO, "manifest.json"), "utf8")) as {
    files: { path: string; size: number }[];
  };
  const files = manifest.files.map((file) =>
    file.path === `${SAE}/cfg.json` ? { ...file, size: Buffer.byteLength(body) } : file,
  );
  await page.route(`**/demo/${SAE}/cfg.json`, (route) => route.fulfill({ body }));
  await page.route("**/demo/manifest.json", (route) =>
    route.fulfill({ body: JSON.stringify({ ...manifest, files }) }),
  );
}

test("Neuronpedia is asked only where it is switched on, and for a number alone", async ({
  page,
}) => {
  await onNeuronpedia(page);
  const asked: string[] = [];
  await page.route("https://www.neuronpedia.org/**", (route) => {
    asked.push(route.request().url());
    return route.fulfill({
      headers: {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
      },
      json: { explanations: [{ description: "<b>sayings</b>", explanationModelName: "gpt-4o" }] },
    });
  });
  await openFacet(page, { place: "feature", feature: "2", text: "a secret text" });
  await expect(page.getByTestId("neuronpedia")).toContainText("and nothing else");
  await page.keyboard.press("]");
  await settledStrip(page);
  expect(asked).toEqual([]);

  await page.getByTestId("neuronpedia-switch").check();
  await expect(page.getByTestId("neuronpedia")).toContainText("<b>sayings</b> (gpt-4o)");
  expect(asked).toEqual(["https://www.neuronpedia.org/api/feature/demo/3-res/3"]);
  await page.getByTestId("neuronpedia-switch").uncheck();
  await page.keyboard.press("]");
  await expect(page.getByTestId("feature-number")).toHaveValue("4");
  await page.waitForTimeout(800);
  expect(asked).toHaveLength(1);
});
