// axe finds nothing serious in any place, in either theme, wide and narrow; and on a phone no place is wider than the screen.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, openFacet, type Page, settledStrip, test } from "./test.ts";

const NARROW = 390;
const WIDTHS = [1440, NARROW];

/** Each place with everything there that comes late: scans, charts, comparisons, what edits do. */
const PLACES: Record<string, (page: Page) => Promise<void>> = {
  async text(page) {
    await settledStrip(page);
    await expect(page.getByTestId("edit-verdict")).toBeVisible();
  },
  async feature(page) {
    await settledStrip(page);
    await expect(page.getByTestId("logit-lens").locator("li").first()).toBeVisible();
    await expect(page.getByTestId("corpus-examples").locator("li").first()).toBeVisible();
    await expect(page.locator(".feature-row .co-activation").first()).toContainText("%");
  },
  async find(page) {
    await expect(page.locator(".table-row").first()).toBeVisible();
    await expect(page.getByTestId("label-search")).toContainText("from a scan");
  },
  async sae(page) {
    await expect(page.getByTestId("dead-map")).toBeVisible();
    await expect(page.getByTestId("kept-scans").locator("li").first()).toBeVisible();
    await expect(page.getByTestId("corpus-l0").locator("svg").first()).toBeVisible();
    await expect(page.getByTestId("corpus-positions").locator("svg").first()).toBeVisible();
  },
  async compare(page) {
    await expect(page.getByTestId("matches").locator("tbody tr").first()).toBeVisible();
  },
};

/** What reaches beyond the window's right edge and cannot be scrolled to on its own. */
const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`)
      .concat(`the page is ${document.documentElement.scrollWidth} pixels wide`);
  });

async function expectSound(page: Page, at: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const found = serious.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`),
  );
  expect(found, at).toEqual([]);
  expect(await tooWide(page), at).toEqual([]);
}

/** Sound and no wider than the screen, in either theme at either width; `arranged` readies what stands there. */
async function expectSoundEverywhere(
  page: Page,
  what: string,
  arranged: (width: number) => Promise<void>,
): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await arranged(width);
      await expectSound(page, `${what} at ${width} pixels, ${colorScheme}`);
    }
  }
}

for (const [place, settled] of Object.entries(PLACES)) {
  test(place, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await openFacet(page, {
      place,
      feature: "7",
      list: "7 a note\n21",
      other: "blocks.0.hook_resid_post",
      edits: "7_steer_0.5_all",
    });
    await settled(page);
    if (place === "text") {
      await expect(page.getByTestId("downstream-tokens")).toBeVisible();
      await page.getByTestId("attribute").click();
      await expect(page.getByTestId("attribution").locator("ol li").first()).toBeVisible();
      await page.getByTestId("generate").click();
      await expect(page.getByRole("button", { name: "make it the text" }).last()).toBeVisible();
    }
    if (place === "feature") await expect(page.getByTestId("edit-verdict")).toBeVisible();
    await expectSoundEverywhere(page, place, () => settled(page));
  });
}

test("what opens over a place, and errors", async ({ page }) => {
  await openFacet(page, { place: "feature", feature: "999999" });
  await expect(page.getByTestId("error")).toBeVisible();
  const parts = { share: "#share-card", keys: "#keys-help", sources: "#source-panel" };
  for (const [button, part] of Object.entries(parts)) {
    await expectSoundEverywhere(page, button, async (width) => {
      await page.keyboard.press("Escape");
      await expect(page.locator(part)).toBeHidden();
      // On a phone they are folded away.
      const fold = page.locator(".header-fold > summary");
      if (width === NARROW && !(await page.getByTestId(button).isVisible())) {
        await fold.press("Enter");
      }
      await page.getByTestId(button).press("Enter");
      await expect(page.locator(part)).toBeVisible();
    });
    await page.keyboard.press("Escape");
    await expect(page.locator(part)).toBeHidden();
  }
});

test("an empty text, and nothing to compare with", async ({ page }) => {
  await openFacet(page, { text: "" });
  await expect(page.getByTestId("empty-text")).toBeVisible();
  await expectSoundEverywhere(page, "text", () => page.getByTestId("place-text").click());
  await page.getByTestId("place-compare").click();
  await expectSoundEverywhere(page, "compare", () =>
    expect(page.getByTestId("suggestions")).toBeVisible(),
  );
});
