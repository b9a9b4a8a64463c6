// The code of a place that cannot be fetched: a blip of the network is not seen, and a longer fault ends with a press on
// "Draw it again". Nothing is lost, and no reload is needed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, openFacet, settledStrip, test } from "./test.ts";

interface Chunk {
  readonly file: string;
  readonly modules: readonly string[];
}

function fileWith(module: string): string {
  const path = join(import.meta.dirname, "../../.cache/build/page.json");
  const chunks = JSON.parse(readFileSync(path, "utf8")) as Chunk[];
  const found = chunks.find(({ modules }) => modules.some((name) => name.endsWith(module)));
  if (found === undefined) throw new Error(`No chunk holds ${module}.`);
  return found.file;
}

/** Lets `times` requests for the file fail; how many did. */
async function failing(page: Page, file: string, times: number): Promise<() => number> {
  let failed = 0;
  await page.route(`**/${file}`, async (route) => {
    if (failed === times) return route.continue();
    failed++;
    return route.abort("connectionreset");
  });
  return () => failed;
}

const PLACES = [
  ["find", "ui/find/FindPlace.tsx", {}],
  ["sae", "ui/sae/SaePlace.tsx", {}],
  ["compare", "ui/compare/ComparePlace.tsx", {}],
  ["feature", "ui/edits/FeatureEdits.tsx", { feature: "17" }],
  ["text", "ui/edits/EditsPanel.tsx", {}],
] as const;

for (const [place, module, view] of PLACES) {
  test(`the place "${place}" comes after its code failed twice`, async ({ page, complaints }) => {
    const failed = await failing(page, fileWith(module), 2);
    await openFacet(page, { place, ...view });
    await expect.poll(failed).toBe(2);
    await expect(page.locator(`main[data-place="${place}"] h2, main h1`).first()).toBeVisible();
    await expect(page.getByTestId("error")).toHaveCount(0);
    complaints.length = 0;
  });
}

test("a place whose code keeps failing says so, and is drawn again on request", async ({
  page,
  complaints,
}) => {
  await openFacet(page);
  await settledStrip(page);
  const file = fileWith("ui/find/FindPlace.tsx");
  await failing(page, file, Infinity);
  await page.evaluate(() => (location.hash = `${location.hash}&place=find`));
  const error = page.getByTestId("error");
  await expect(error).toContainText("Fetching the code of this view");
  await page.unroute(`**/${file}`);
  await error.getByRole("button", { name: "Draw it again" }).click();
  await expect(error).toHaveCount(0);
  await expect(page.locator('main[data-place="find"]')).not.toBeEmpty();
  complaints.length = 0;
});
