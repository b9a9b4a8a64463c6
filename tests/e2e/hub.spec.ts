// Models and SAEs from a hub: asked first, the same numbers as the bundled ones, kept here, and deleted on request.

import type { TestHub } from "../hub/server.ts";
import { card, expectSameTokens, goldenOf } from "./goldens.ts";
import {
  expectOnlyRefusals,
  MODEL,
  openedFrom,
  openSources,
  SAE,
  startDemoHub,
} from "./hubPage.ts";
import { expect, openFacet, settledStrip, stripValues, test } from "./test.ts";

const [FIRST = ""] = card.presets;

let hub: TestHub;
test.beforeAll(async () => {
  hub = await startDemoHub();
});
test.beforeEach(() => {
  hub.stats.clear();
  hub.faults.clear();
});
test.afterAll(() => hub.close());

test("a model and an SAE from a hub give the bundled ones' numbers", async ({ page }) => {
  await openFacet(page);
  const bundled = await stripValues(page);
  await openSources(page, { model: MODEL, sae: SAE, endpoint: `${hub.endpoint}/` });

  const question = page.getByTestId("question");
  await expect(question).toContainText(hub.endpoint);
  await expect(question).toBeFocused();
  expect(hub.stats.log, "nothing is read before the reader agreed").toEqual([]);
  await page.getByTestId("go-ahead").click();
  await openedFrom(page, MODEL);
  await expect(page.getByTestId("provenance")).toContainText(SAE);
  const values = await stripValues(page);
  for (const [position, value] of bundled.entries()) {
    if (value !== null) expect(values[position], `token ${position}`).toBeCloseTo(value, 3);
  }
  const report = await page.evaluate((text) => window.facet.analyze(text), FIRST);
  expectSameTokens(report.tokens, goldenOf(FIRST).report.tokens);
  expect(report.model).toMatchObject({ source: MODEL, revision: hub.commit(MODEL) });
});

test("a link to a hub asks first; declined, the bundled model opens and nothing was read", async ({
  page,
}) => {
  await page.goto(
    `./#${new URLSearchParams({ model: MODEL, sae: SAE, endpoint: hub.endpoint }).toString()}`,
  );
  await expect(page.getByTestId("question")).toContainText(hub.endpoint);
  await page.getByTestId("decline").click();
  await settledStrip(page);
  await expect(page.getByTestId("provenance")).toContainText("demo @");
  expect(hub.stats.log).toEqual([]);
});

test("a second visit reads no byte of the hub; what is kept is listed and deleted", async ({
  page,
}) => {
  await openFacet(page);
  await openSources(page, { model: MODEL, sae: SAE, endpoint: hub.endpoint });
  await page.getByTestId("go-ahead").click();
  await openedFrom(page, MODEL);
  const values = await stripValues(page);
  expect(hub.stats.bytes).toBeGreaterThan(1_000_000);
  // The logit lens reads the whole embedding.
  await page.evaluate(() => window.facet.feature(7));

  hub.stats.clear();
  await page.reload();
  await page.waitForFunction(() => "facet" in window);
  await page.evaluate(() => window.facet.ready);
  await openedFrom(page, MODEL);
  expect(await stripValues(page)).toEqual(values);
  expect(hub.stats.bytes).toBe(0);

  await page.getByTestId("sources").click();
  const rows = page.getByTestId("stored-repo");
  await expect(rows).toHaveCount(2);
  const model = rows.filter({ hasText: MODEL });
  await expect(model).toContainText(hub.commit(MODEL).slice(0, 10));
  await expect(model).toContainText(hub.endpoint);
  const sizes = await rows.evaluateAll((all) => all.map((row) => Number(row.dataset["bytes"])));
  expect(Math.min(...sizes)).toBeGreaterThan(1_000_000);
  await model.getByRole("button").click();
  await expect(rows).toHaveCount(1);
  await rows.getByRole("button").click();
  await expect(page.getByTestId("stored-empty")).toBeVisible();
  // What is open stays open.
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("source-panel")).toBeHidden();
  await page.getByTestId("text-input").fill("still here");
  await settledStrip(page);
});

test("a missing repo says so, and the page stays with what is open", async ({
  page,
  complaints,
}) => {
  await openFacet(page);
  await openSources(page, { model: "someone/nothing", sae: SAE, endpoint: hub.endpoint });
  await page.getByTestId("go-ahead").click();
  const error = page.getByTestId("error");
  await expect(error).toHaveAttribute("data-code", "RepoNotFound");
  await expect(error).toContainText("someone/nothing");
  await expect(page.getByTestId("provenance")).toContainText("demo @");

  // What was typed is still there to be mended.
  await page.getByTestId("remedy").click();
  await expect(page.getByTestId("source-model-text")).toHaveValue("someone/nothing");
  await page.getByTestId("source-model-text").fill(MODEL);
  await page.keyboard.press("Enter");
  await openedFrom(page, MODEL);
  expectOnlyRefusals(complaints, hub);
});

for (const [what, asked, code] of [
  ["revision", { model: `${MODEL}@v9` }, "RevisionNotFound"],
  ["folder", { sae: `${SAE}-2` }, "EntryNotFound"],
  ["name", { model: "some one/model" }, "BadLink"],
] as const) {
  test(`a wrong ${what} has its own message`, async ({ page, complaints }) => {
    await openFacet(page);
    await openSources(page, { model: MODEL, sae: SAE, endpoint: hub.endpoint, ...asked });
    await page.getByTestId("go-ahead").click();
    const error = page.getByTestId("error");
    await expect(error).toHaveAttribute("data-code", code);
    await page.getByTestId("dismiss").click();
    await expect(error).toHaveCount(0);
    await settledStrip(page);
    expectOnlyRefusals(complaints, hub);
  });
}

test("a hub that fails says so, and Retry works", async ({ page, complaints }) => {
  await openFacet(page);
  // To be asked again in an hour is a failure now.
  hub.faults.add({ kind: "status", status: 503, retryAfter: "3600", path: "config.json" });
  await openSources(page, { model: MODEL, sae: SAE, endpoint: hub.endpoint });
  await page.getByTestId("go-ahead").click();
  await expect(page.getByTestId("error")).toHaveAttribute("data-code", "Network");
  await page.getByTestId("remedy").click();
  await openedFrom(page, MODEL);
  expectOnlyRefusals(complaints, hub);
});

test("waiting for a busy hub is told", async ({ page, complaints }) => {
  await openFacet(page);
  hub.faults.add({ kind: "status", status: 429, retryAfter: "3", path: "config.json" });
  await openSources(page, { model: MODEL, sae: SAE, endpoint: hub.endpoint });
  await page.getByTestId("go-ahead").click();
  await expect(page.getByTestId("progress")).toContainText("Waiting 3 s to try again");
  await openedFrom(page, MODEL);
  expectOnlyRefusals(complaints, hub);
});

test("a slow download shows bytes, rate and time left, and can be cancelled", async ({ page }) => {
  await openFacet(page);
  const weights = { path: "model.safetensors", on: "cdn" } as const;
  hub.faults.add({ kind: "slow", bytesPerSecond: 200_000, times: 100, ...weights });
  await openSources(page, { model: MODEL, sae: SAE, endpoint: hub.endpoint });
  await page.getByTestId("go-ahead").click();
  await expect(page.getByTestId("progress")).toContainText(/B of .* MB · .*\/s · .* left/);
  await page.getByTestId("cancel").click();
  await expect(page.getByTestId("progress")).toHaveCount(0);
  await expect(page.getByTestId("error")).toHaveCount(0);
  await settledStrip(page);
  await expect(page.getByTestId("provenance")).toContainText("demo @");
});

test("an address that is none is refused where it is typed", async ({ page }) => {
  await openFacet(page);
  await page.getByTestId("sources").click();
  await page.getByTestId("source-endpoint").fill("javascript:alert(1)");
  await page.getByTestId("source-open").click();
  await expect(page.getByTestId("source-problem")).toContainText("https://");
  await expect(page.getByTestId("source-panel")).toBeVisible();
});
