// Takes pictures of the built page, for people to look at: every place, both themes, wide and narrow, into
// test-results/screenshots/; with --docs the README's, into docs/. Run `npm run build` first.

import { chromium } from "@playwright/test";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { preview } from "vite";
import { BROWSER_ARGS, ensureBrowser } from "./browser.mjs";

const ROOT = join(import.meta.dirname, "..");
const { values: options } = parseArgs({ options: { docs: { type: "boolean", default: false } } });

const TEXT = "text=The+doctor+said+that+her+daughter+would+be+well+again+before+the+winter+came.";
const PLACES = {
  text: "feature=1139&token=22",
  feature:
    "place=feature&feature=931&text=And+the+LORD+said+unto+the+king+of+Israel,+Go+up+against+the+city.",
  find: `place=find&promotes=730&sort=promotes&descending=1&list=1139+a+strong+one%0A21+sayings%0A693&list-name=Verbs`,
  sae: "place=sae",
  compare: `place=compare&other=blocks.3.hook_resid_post_topk&${TEXT}&colour=error`,
};
/** The README's: one theme each. */
const DOCS = { text: "light", feature: "light", find: "light", sae: "dark", compare: "light" };
/** Pixels of the picture per pixel of the page: as sharp as a few hundred kilobytes allow. */
const SCALE = 1.05;
/** So that examples of the corpus are on it. */
const FEATURE_HEIGHT = 1080;
const WIDTHS = [1440, 390];
/** For fonts, scans and charts to come to rest, in milliseconds. */
const REST = 2500;

const server = await preview({ logLevel: "warn" });
const address = server.resolvedUrls?.local[0];
const { quiet, softwareWebGpu } = BROWSER_ARGS;
const browser = await chromium.launch({
  executablePath: ensureBrowser(),
  args: [...quiet, ...softwareWebGpu],
});

/**
 * A place, open and without notices, which are about the machine that takes the pictures.
 * @param {string} fragment
 * @param {"light" | "dark"} colorScheme
 * @param {number} deviceScaleFactor
 */
async function opened(fragment, colorScheme, deviceScaleFactor) {
  const viewport = { width: 1440, height: 900 };
  const page = await browser.newPage({ colorScheme, deviceScaleFactor, viewport });
  await page.goto(`${address}#${fragment}`);
  await page.waitForFunction(() => "facet" in window);
  await page.evaluate(() => window.facet.ready);
  await page.waitForTimeout(REST);
  for (const dismiss of await page.getByRole("button", { name: "Dismiss" }).all()) {
    await dismiss.click();
  }
  await page.evaluate(() => window.scrollTo(0, 0));
  return page;
}

if (options.docs) {
  for (const [place, theme] of Object.entries(DOCS)) {
    const fragment = PLACES[/** @type {keyof typeof PLACES} */ (place)];
    const page = await opened(fragment, theme === "dark" ? "dark" : "light", SCALE);
    if (place === "feature") await page.setViewportSize({ width: 1440, height: FEATURE_HEIGHT });
    if (place === "sae") {
      await page.getByRole("button", { name: "this text" }).click();
      await page.getByRole("button", { name: "the first 4 documents" }).click();
      await page.waitForTimeout(2 * REST);
      await page.evaluate(() => window.scrollTo(0, 0));
    }
    await page.mouse.move(0, 0);
    const path = join(ROOT, "docs", `${place}.png`);
    await page.screenshot({ path });
    console.log(path);
    await page.close();
  }
} else {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const [place, fragment] of Object.entries(PLACES)) {
      const page = await opened(fragment, colorScheme, 2);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(REST);
        const name = `${place}-${colorScheme}-${width}.png`;
        const path = join(ROOT, "test-results/screenshots", name);
        await page.screenshot({ path, fullPage: width === 390 });
        console.log(path);
      }
      await page.close();
    }
  }
}
await browser.close();
await server.close();
