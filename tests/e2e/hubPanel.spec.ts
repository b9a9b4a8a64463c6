// The source panel and what stands in its wake: by keyboard alone, and nothing serious that axe finds.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { TestHub } from "../hub/server.ts";
import {
  expectOnlyRefusals,
  GATED,
  MODEL,
  openedFrom,
  openSources,
  SAE,
  startDemoHub,
} from "./hubPage.ts";
import { expect, openFacet, settledStrip, test } from "./test.ts";

let hub: TestHub;
test.beforeAll(async () => {
  hub = await startDemoHub();
});
test.afterAll(() => hub.close());

/** Tabs until an element has the focus. */
async function tabTo(page: Page, testId: string): Promise<void> {
  const target = page.getByTestId(testId);
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${testId}`);
}

test("by keyboard: open the panel, type a repo, agree, open", async ({ page }) => {
  await openFacet(page);
  await tabTo(page, "sources");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Open a model and an SAE" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("source-panel")).toHaveCount(0);
  await expect(page.getByTestId("sources")).toBeFocused();
  await page.keyboard.press("Enter");

  await tabTo(page, "source-model-text");
  await page.keyboard.type(MODEL);
  const typed = page.getByTestId("source-model").getByRole("radio", { name: "Another" });
  await expect(typed).toBeChecked();
  await tabTo(page, "source-sae-text");
  await page.keyboard.type(SAE);
  await tabTo(page, "source-endpoint");
  await page.keyboard.type(hub.endpoint);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("question")).toBeFocused();
  await tabTo(page, "go-ahead");
  await page.keyboard.press("Enter");
  await openedFrom(page, MODEL);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious in ${colorScheme}`, async ({ page, complaints }) => {
    const look = async (what: string): Promise<void> => {
      // Old results are dimmed until the new ones are there; behind a question they stay so, and are not looked at.
      const asking = await page.getByTestId("question").isVisible();
      if (!asking) await expect(page.locator("main [data-stale]")).toHaveCount(0);
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await new AxeBuilder({ page }).exclude("[data-stale]").analyze();
        const serious = violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        const found = serious.flatMap(({ id, nodes }) =>
          nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`),
        );
        expect(found, `${what} at ${width} pixels`).toEqual([]);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    };
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openFacet(page);
    await settledStrip(page);
    await openSources(page, { model: MODEL, sae: SAE, endpoint: hub.endpoint });
    await expect(page.getByTestId("question")).toBeVisible();
    await look("the question");
    await page.getByTestId("go-ahead").click();
    await openedFrom(page, MODEL);
    await page.getByTestId("sources").click();
    await expect(page.getByTestId("stored-repo")).toHaveCount(2);
    await look("the panel");
    await page.keyboard.press("Escape");
    await openSources(page, { model: GATED });
    await expect(page.getByTestId("sign-in")).toBeVisible();
    await look("the refusal");
    expectOnlyRefusals(complaints, hub);
  });
}
