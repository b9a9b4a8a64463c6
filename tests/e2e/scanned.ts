// A page on which part of the bundled corpus was scanned.

import { expect, openFacet, type Page } from "./test.ts";

/** Opens the SAE place and scans the first documents of the bundled corpus. */
export async function scanFirst(page: Page, documents: number): Promise<void> {
  await openFacet(page, { place: "sae" });
  await page.getByTestId("scan-documents").fill(String(documents));
  await page.getByTestId("run-scan").click();
  await expect(scanOf(page, ` ${documents} document`)).toHaveCount(1);
  await expect(page.getByTestId("scan-status").getByTestId("progress")).toHaveCount(0);
}

/** A scan in the list of those that are kept, by what it is told with. */
export const scanOf = (page: Page, told: string) =>
  page.getByTestId("kept-scans").getByRole("listitem").filter({ hasText: told });

/** Has the page show this scan, whichever else there is. */
export async function showScan(page: Page, told: string): Promise<void> {
  await scanOf(page, told).getByRole("radio").check();
}
