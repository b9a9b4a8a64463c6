// What every browser test starts from: a page that may not complain, and a way to open Facet.

import { type BrowserContext, expect, type Page, test as base } from "@playwright/test";
import type { Facet } from "../../src/scripting.ts";

declare global {
  interface Window {
    facet: Facet;
  }
}

/** Complaints so far; a test that provokes one takes it out. */
export type Complaints = string[];

interface Fixtures {
  complaints: Complaints;
}

/** Errors of the console (worker, policy and missing files among them) and exceptions that nobody caught. */
function listen(context: BrowserContext): Complaints {
  const complaints: Complaints = [];
  context.on("console", (message) => {
    if (message.type() === "error")
      complaints.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  return complaints;
}

export const test = base.extend<Fixtures>({
  complaints: [
    async ({ context }, use) => {
      const complaints = listen(context);
      await use(complaints);
      expect(complaints, "the page complained in the console").toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a view (the fragment of a permalink, or nothing) and waits until its model and SAE are open. */
export async function openFacet(page: Page, fragment = ""): Promise<void> {
  await page.goto(`./${fragment}`);
  await page.waitForFunction(() => "facet" in window);
  await page.evaluate(() => window.facet.ready);
}

export { expect };
