// What is asked before a large download, of a gemma-2b at full size: bytes, precisions with their memory, and no byte of
// a weight before the answer.

import { startTestHub, type TestHub } from "../hub/server.ts";
import {
  SYNTHETIC_MODEL_REPO,
  SYNTHETIC_SAE_REPO,
  syntheticGemma,
  syntheticSae,
} from "../hub/syntheticGemma.ts";
import { expect, openFacet, settledStrip, test } from "./test.ts";

let hub: TestHub;
test.beforeAll(async () => {
  hub = await startTestHub({
    repos: {
      [SYNTHETIC_MODEL_REPO]: { files: syntheticGemma() },
      [SYNTHETIC_SAE_REPO]: { files: syntheticSae() },
    },
  });
});
test.afterAll(() => hub.close());

test("gemma-2b says what it will read and hold before it is read", async ({ page }) => {
  await openFacet(page);
  await page.getByTestId("sources").click();
  await page.getByTestId("source-model").getByRole("radio", { name: "google/gemma-2b ·" }).check();
  await page.getByTestId("source-sae").getByRole("radio", { name: "blocks.6." }).check();
  await page.getByTestId("source-endpoint").fill(hub.endpoint);
  await page.getByTestId("source-open").click();
  await page.getByTestId("go-ahead").click();

  const question = page.getByTestId("question");
  await expect(question).toHaveAttribute("data-kind", "download");
  // Blocks 0 to 6 in bf16 and the SAE in f32, with the tokenizer; then the other blocks and the embedding.
  await expect(question).toContainText(/reads 1\.8\d GB/);
  await expect(question).toContainText(/reads 3\.4\d GB more/);
  const precisions = page.getByTestId("precisions");
  await expect(precisions.getByRole("radio", { name: /^bf16/ })).toBeChecked();
  const memory = await precisions.locator(".precision-bytes").allInnerTexts();
  expect(memory.length).toBeGreaterThanOrEqual(3);
  expect(memory.every((text) => / [MG]B$/.test(text))).toBe(true);
  expect(hub.stats.bytes).toBeLessThan(1_000_000);

  await page.getByTestId("decline").click();
  await expect(question).toHaveCount(0);
  await settledStrip(page);
  await expect(page.getByTestId("provenance")).toContainText("demo @");
});
