// The self-check as the page shows it, on rows that stand in for the worker's: its own logic is the engine's to test.

import type { FromWorker, ToWorker } from "../../src/worker/messages.ts";
import { expect, openFacet, test } from "./test.ts";

test("the self-check shows each fact, and which do not agree", async ({ page }) => {
  await page.addInitScript(() => {
    const rows = [
      ["Token ids", "2, 651", "2, 651", true],
      ["Mean norm", "97.1", "94.8", false],
    ].map(([name, measured, published, ok]) => ({
      name,
      measured,
      published,
      tolerance: "± 1",
      source: "<b>a table</b>",
      ok,
    }));
    window.Worker = class extends Worker {
      override postMessage(message: ToWorker): void {
        if (message.type !== "call" || message.job !== "selfCheck") {
          super.postMessage(message, []);
          return;
        }
        const value = { schema: "facet.selfcheck/1", sae: { hook: "blocks.6" }, rows };
        const data: FromWorker = { type: "result", id: message.id, value };
        this.dispatchEvent(new MessageEvent("message", { data }));
      }
      override addEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
        const seen = (event: Event): void => {
          if (!(event instanceof MessageEvent)) return;
          const data = event.data as FromWorker;
          // Of the open model and SAE, facts are known.
          if (
            data.type === "result" &&
            (data.value as { hasSelfCheck?: boolean } | null)?.hasSelfCheck === false
          )
            (data.value as { hasSelfCheck: boolean }).hasSelfCheck = true;
        };
        if (type === "message") super.addEventListener(type, seen);
        super.addEventListener(type, listener);
      }
    };
  });
  await openFacet(page, { place: "sae" });
  await page.getByTestId("run-self-check").click();
  await expect(page.getByTestId("self-check-outcome")).toHaveText("1 of 2 facts agree.");
  const rows = page.getByTestId("self-check").locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText("94.8");
  await expect(rows.nth(1)).toContainText("no");
  await expect(rows.nth(1)).toContainText("<b>a table</b>");
});

test("without known facts there is no self-check", async ({ page }) => {
  await openFacet(page, { place: "sae" });
  await expect(page.getByTestId("verify")).toBeVisible();
  await expect(page.getByTestId("self-check")).toHaveCount(0);
});
