// Takes pictures of the built page: every place, both themes, wide and narrow, into test-results/screenshots/.
// For people to look at; the two in the README are copies. Run `npm run build` first.

import { chromium } from "@playwright/test";
import { join } from "node:path";
import { preview } from "vite";
import { BROWSER_ARGS, ensureBrowser } from "./browser.mjs";

const FOLDER = join(import.meta.dirname, "../test-results/screenshots");
const PLACES = {
  text: "",
  feature: "place=feature&feature=1139",
  find: "place=find&find=of&list=1139+a+strong+one%0A21+sayings%0A17&list-name=Verbs",
  sae: "place=sae",
  compare: "place=compare&other=blocks.3.hook_resid_post_topk",
};
const WIDTHS = [1440, 390];
/** For fonts and charts to come to rest, in milliseconds. */
const REST = 1500;

const server = await preview({ logLevel: "warn" });
const address = server.resolvedUrls?.local[0];
const { quiet, softwareWebGpu } = BROWSER_ARGS;
const browser = await chromium.launch({
  executablePath: ensureBrowser(),
  args: [...quiet, ...softwareWebGpu],
});
for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const [place, fragment] of Object.entries(PLACES)) {
    const page = await browser.newPage({ colorScheme, deviceScaleFactor: 2 });
    await page.goto(`${address}#${fragment}`);
    await page.waitForFunction(() => "facet" in window);
    await page.evaluate(() => window.facet.ready);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(REST);
      const path = join(FOLDER, `${place}-${colorScheme}-${width}.png`);
      await page.screenshot({ path, fullPage: width === 390 });
      console.log(path);
    }
    await page.close();
  }
}
await browser.close();
await server.close();
