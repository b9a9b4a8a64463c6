// What every browser test starts from: a page that may not complain, and a way to open Facet.

import {
  type BrowserContext,
  expect,
  type Locator,
  type Page,
  test as base,
} from "@playwright/test";
import type { Facet } from "../../src/scripting.ts";

declare global {
  interface Window {
    facet: Facet;
  }
}

/** Errors of the console (worker, policy and missing files among them) and exceptions that nobody caught. */
type Complaints = string[];

function listen(context: BrowserContext): Complaints {
  const complaints: Complaints = [];
  context.on("console", (message) => {
    if (message.type() === "error")
      complaints.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  return complaints;
}

export const test = base.extend<{ complaints: Complaints }>({
  complaints: [
    async ({ context }, use) => {
      const complaints = listen(context);
      await use(complaints);
      expect(complaints, "the page complained in the console").toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a view (the fields of a permalink's fragment) and waits until its model and SAE are open. */
export async function openFacet(page: Page, view: Record<string, string> = {}): Promise<void> {
  const fragment = new URLSearchParams(view).toString();
  await page.goto(fragment === "" ? "./" : `./#${fragment}`);
  await page.waitForFunction(() => "facet" in window);
  await page.evaluate(() => window.facet.ready);
}

/** The coloured tokens, once they belong to what the view asks for. */
export async function settledStrip(page: Page): Promise<Locator> {
  const strip = page.getByTestId("token-strip");
  await expect(strip.locator("[data-position]").first()).toBeVisible();
  await expect(strip).not.toHaveAttribute("data-stale");
  return strip;
}

/** The values that colour the strip, by position; null for tokens outside of the scale. */
export async function stripValues(page: Page): Promise<(number | null)[]> {
  const strip = await settledStrip(page);
  return strip.locator("[data-position]").evaluateAll((tokens) =>
    tokens.map((token) => {
      const value = token.getAttribute("data-value");
      return value === null ? null : Number(value);
    }),
  );
}

export { expect, type Locator, type Page };
