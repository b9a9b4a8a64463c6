// axe finds nothing serious in any place, in either theme, wide and narrow.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, openFacet, settledStrip, test } from "./test.ts";

for (const colorScheme of ["light", "dark"] as const) {
  for (const place of ["text", "feature", "find", "sae", "compare"]) {
    test(`${place} in ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await openFacet(page, {
        place,
        feature: "7",
        list: "7 a note\n21",
        other: "blocks.0.hook_resid_post",
        edits: "7_steer_0.5_all",
      });
      if (place === "sae") await expect(page.getByTestId("dead-map")).toBeVisible();
      else if (place === "find") await expect(page.getByTestId("label-search")).toBeVisible();
      else if (place === "compare") await expect(page.getByTestId("matches")).toBeVisible();
      else await settledStrip(page);
      if (place === "text") {
        await expect(page.getByTestId("edit-verdict")).toBeVisible();
        await expect(page.getByTestId("downstream-tokens")).toBeVisible();
        await page.getByTestId("attribute").click();
        await expect(page.getByTestId("attribution").locator("ol li").first()).toBeVisible();
        await page.getByTestId("generate").click();
        await expect(page.getByRole("button", { name: "make it the text" }).last()).toBeVisible();
      }
      if (place === "feature") {
        await expect(page.getByTestId("edit-verdict")).toBeVisible();
        await expect(page.getByTestId("logit-lens").locator("li").first()).toBeVisible();
      }
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        const found = serious.flatMap(({ id, nodes }) =>
          nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`),
        );
        expect(found, `at ${width} pixels`).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, `the page at ${width} pixels`).toBeLessThanOrEqual(width);
      }
    });
  }
}
