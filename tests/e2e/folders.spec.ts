// Folders on disk: an SAE on the bundled model and a model with its SAE give the golden numbers, and nothing leaves.

import { join } from "node:path";
import { card, DEFAULT_SAE, expectSameTokens, goldenOf } from "./goldens.ts";
import { expect, openFacet, settledStrip, test } from "./test.ts";

const ROOT = join(import.meta.dirname, "../..");
const DEMO = join(ROOT, "public/demo");
const [FIRST = ""] = card.presets;

test("an SAE's folder opens on the bundled model, and nothing is sent anywhere", async ({
  page,
}) => {
  await openFacet(page);
  await settledStrip(page);
  const sent: string[] = [];
  page.on("request", (request) => {
    // Facet's own code and styles may still be fetched.
    const isCode =
      request.method() === "GET" && /\/path\/assets\/[^?]+\.(js|css)$/.test(request.url());
    if (!isCode) sent.push(`${request.method()} ${request.url()}`);
  });
  await page.getByTestId("sources").click();
  await page.getByTestId("folder-input").setInputFiles(join(DEMO, "sae", DEFAULT_SAE));
  const chosen = page.getByTestId("source-sae").getByRole("radio", { name: "on this computer" });
  await expect(chosen).toBeChecked();
  await page.getByTestId("source-open").click();
  await expect(page.getByTestId("provenance")).toContainText(`local/${DEFAULT_SAE}`);
  const report = await page.evaluate((text) => window.facet.analyze(text), FIRST);
  expectSameTokens(report.tokens, goldenOf(FIRST).report.tokens);
  expect(sent).toEqual([]);
});

test("of a folder with a model and SAEs each is offered", async ({ page }) => {
  await openFacet(page);
  await page.getByTestId("sources").click();
  await page.getByTestId("folder-input").setInputFiles(DEMO);
  const local = { name: "on this computer" };
  await expect(page.getByTestId("source-model").getByRole("radio", local)).toBeChecked();
  await expect(page.getByTestId("source-sae").getByRole("radio", local)).toHaveCount(4);
  await page.getByTestId("source-sae").getByRole("radio", { name: DEFAULT_SAE }).check();
  await page.getByTestId("source-open").click();
  await expect(page.getByTestId("provenance")).toContainText("local/demo-model");
  await expect(page.getByTestId("provenance")).toContainText(`local/demo-sae-${DEFAULT_SAE}`);
  const report = await page.evaluate((text) => window.facet.analyze(text), FIRST);
  expectSameTokens(report.tokens, goldenOf(FIRST).report.tokens);
});

test("an SAE of another width says so, and what was open stays", async ({ page }) => {
  await openFacet(page);
  await page.getByTestId("sources").click();
  const other = join(ROOT, "tests/fixtures/goldens/sae/jumprelu");
  await page.getByTestId("folder-input").setInputFiles(other);
  await page.getByTestId("source-open").click();
  await expect(page.getByTestId("error")).toHaveAttribute("data-code", "Mismatch");
  await expect(page.getByTestId("provenance")).toContainText("demo @");
});

test("a folder of neither is asked about", async ({ page }) => {
  await openFacet(page);
  await page.getByTestId("sources").click();
  await page.getByTestId("folder-input").setInputFiles(join(ROOT, "docs"));
  await page.getByTestId("unknown-folder").getByRole("button", { name: "An SAE" }).click();
  await expect(page.getByTestId("unknown-folder")).toHaveCount(0);
  await page.getByTestId("source-open").click();
  await expect(page.getByTestId("error")).toHaveAttribute("data-code", "EntryNotFound");
  await expect(page.getByTestId("error")).toContainText("cfg.json");
});

test("a folder's files can be dropped on the page", async ({ page }) => {
  await openFacet(page);
  // A drop of loose files: folders cannot be made in a page.
  const drop = await page.evaluateHandle(async () => {
    const transfer = new DataTransfer();
    const folder = new URL("demo/sae/blocks.0.hook_resid_post/", location.href.replace(/#.*/, ""));
    for (const name of ["cfg.json", "sae_weights.safetensors"]) {
      const answer = await fetch(new URL(name, folder));
      transfer.items.add(new File([await answer.arrayBuffer()], name));
    }
    return transfer;
  });
  await page.dispatchEvent("body", "dragover", { dataTransfer: drop });
  await expect(page.getByText("nothing is uploaded")).toBeVisible();
  await page.dispatchEvent("body", "drop", { dataTransfer: drop });
  const chosen = page.getByTestId("source-sae").getByRole("radio", { name: "on this computer" });
  await expect(chosen).toBeChecked();
  await page.getByTestId("source-open").click();
  await expect(page.getByTestId("provenance")).toContainText("local/dropped");
});
