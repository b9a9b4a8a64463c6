// Without a WebGPU adapter the page runs on TensorFlow.js, says so, and shows the same numbers.

import type { Page } from "@playwright/test";
import { card, expectSameTokens, goldenOf } from "../goldens.ts";
import { expect, openFacet, settledStrip, test } from "../test.ts";

const TEXT = card.presets[0] ?? "";

test("falls back to tfjs, and agrees with the reference", async ({ page }) => {
  await openFacet(page);
  const strip = await settledStrip(page);
  await expect(strip.locator("[data-tinted]").first()).toBeVisible();
  await expect(page.getByTestId("provenance")).toContainText("tfjs-wasm");
  await expect(page.getByTestId("notices")).toContainText("No WebGPU");
  const report = await page.evaluate((text) => window.facet.analyze(text), TEXT);
  expectSameTokens(report.tokens, goldenOf(TEXT).report.tokens);
});

test("WebGPU cannot be chosen, and asking for it is a NoBackend error", async ({ page }) => {
  await openFacet(page);
  await expect(page.getByTestId("choose-backend").locator('option[value="webgpu"]')).toBeDisabled();
  const code = await page.evaluate(async () => {
    try {
      await window.facet.open({
        model: "demo",
        sae: "blocks.0.hook_resid_post",
        backend: "webgpu",
      });
      return null;
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : String(error);
    }
  });
  expect(code).toBe("NoBackend");
});

/** What runs it, and how many threads a machine like this one gives. */
async function threads(page: Page): Promise<{ adapter: string; most: number }> {
  await openFacet(page);
  return page.evaluate(async (text) => {
    const { backend } = await window.facet.analyze(text);
    return { adapter: String(backend.adapter), most: Math.min(4, navigator.hardwareConcurrency) };
  }, TEXT);
}

test("an isolated page computes on several threads, under the policy that allows no blob:", async ({
  page,
}) => {
  const { adapter, most } = await threads(page);
  expect(adapter).toContain(`${most} thread`);
});

test("without cross-origin isolation it computes on one thread", async ({ page }) => {
  await page.context().route("**/*", async (route) => {
    const response = await route.fetch();
    const headers = Object.fromEntries(
      Object.entries(response.headers()).filter(([name]) => !name.startsWith("cross-origin-")),
    );
    await route.fulfill({ response, headers });
  });
  expect((await threads(page)).adapter).toContain("1 thread");
});

test("where no threads may start it computes on one, and goes on", async ({ page, complaints }) => {
  // A worker takes the policy of its own response.
  await page.context().route("**/assets/entry-*.js", async (route) => {
    const response = await route.fetch();
    const policy = response.headers()["content-security-policy"] ?? "";
    expect(policy).toContain("worker-src 'self'");
    const headers = {
      ...response.headers(),
      "content-security-policy": policy.replace("worker-src 'self'", "worker-src 'none'"),
    };
    await route.fulfill({ response, headers });
  });
  expect((await threads(page)).adapter).toContain("1 thread");
  expect(complaints.splice(0).filter((complaint) => !/worker/i.test(complaint))).toEqual([]);
});
