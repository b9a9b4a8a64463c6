// Gated repos: what to do is said, a token opens them, and the token is found nowhere but in the requests to its hub.

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { TestHub } from "../hub/server.ts";
import { DEFAULT_SAE } from "./goldens.ts";
import {
  expectOnlyRefusals,
  GATED,
  MODEL,
  openedFrom,
  openSources,
  SAE,
  startDemoHub,
  TOKEN,
} from "./hubPage.ts";
import { expect, openFacet, stripValues, test } from "./test.ts";

let hub: TestHub;
let other: TestHub;
test.beforeAll(async () => {
  hub = await startDemoHub();
  other = await startDemoHub();
});
test.beforeEach(() => {
  hub.stats.clear();
  other.stats.clear();
});
test.afterAll(() => Promise.all([hub.close(), other.close()]));

/** Opens the gated model and gets as far as its refusal. */
async function refused(page: Page): Promise<void> {
  await openSources(page, { model: GATED, sae: SAE, endpoint: hub.endpoint });
  await page.getByTestId("go-ahead").click();
  await expect(page.getByTestId("error")).toHaveAttribute("data-code", "GatedRepo");
}

const stored = (page: Page): Promise<string> =>
  page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));

test("a gated repo says what to do, with its page and without a referrer", async ({
  page,
  complaints,
}) => {
  await openFacet(page);
  await refused(page);
  const link = page.getByTestId("error").getByRole("link", { name: GATED });
  await expect(link).toHaveAttribute("href", `${hub.endpoint}/${GATED}`);
  await expect(link).toHaveAttribute("rel", "noreferrer");
  await expect(page.getByTestId("sign-in")).toContainText(new URL(hub.endpoint).host);
  expectOnlyRefusals(complaints, hub);
});

test("a token opens it, and stands in no address, page, storage or report", async ({
  page,
  complaints,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await openFacet(page);
  const values = await stripValues(page);
  await refused(page);
  await page.getByTestId("sign-in").getByRole("textbox").fill(TOKEN);
  await page.getByTestId("sign-in").getByRole("button", { name: "Open with" }).click();
  await openedFrom(page, GATED);
  for (const [position, value] of (await stripValues(page)).entries()) {
    if (value !== null) expect(value, `token ${position}`).toBeCloseTo(values[position] ?? NaN, 3);
  }

  const download = page.waitForEvent("download");
  await page.getByTestId("share").click();
  await page.getByTestId("export-json").click();
  const report = readFileSync(await (await download).path(), "utf8");
  const shown = [
    report,
    page.url(),
    await page.content(),
    await page.evaluate(() => window.facet.permalink()),
    await stored(page),
    ...asked,
  ];
  for (const text of shown) expect(text).not.toContain(TOKEN);
  const bearers = hub.stats.log.filter(({ headers }) => headers.includes(TOKEN));
  expect(bearers.length).toBeGreaterThan(0);
  expect(bearers.filter(({ server }) => server === "cdn")).toEqual([]);
  expectOnlyRefusals(complaints, hub);
});

async function openWithKeptToken(page: Page): Promise<void> {
  await openFacet(page);
  await refused(page);
  await page.getByTestId("sign-in").getByRole("textbox").fill(TOKEN);
  await page.getByTestId("sign-in").getByRole("checkbox").check();
  await page.getByTestId("sign-in").getByRole("button", { name: "Open with" }).click();
  await openedFrom(page, GATED);
}

test("a kept token opens it again after a reload, and another hub never gets it", async ({
  page,
  complaints,
}) => {
  await openWithKeptToken(page);
  expect(await stored(page)).toContain(TOKEN);
  await page.reload();
  await openedFrom(page, GATED);
  expectOnlyRefusals(complaints, hub);

  await openSources(page, { model: MODEL, endpoint: other.endpoint });
  await page.getByTestId("go-ahead").click();
  await openedFrom(page, MODEL);
  expect(other.stats.log.length).toBeGreaterThan(0);
  expect(other.stats.log.filter(({ headers }) => headers.includes(TOKEN))).toEqual([]);
});

test("a kept token is forgotten on request, in this browser and in the next call", async ({
  page,
  complaints,
}) => {
  await openWithKeptToken(page);
  await page.getByTestId("sources").click();
  await page.getByTestId("forget-token").click();
  await expect(page.getByTestId("forget-token")).toHaveCount(0);
  expect(await stored(page)).not.toContain(TOKEN);
  hub.stats.log.length = 0;
  // What was read with it stays; another file of the repo would be refused.
  await page.reload();
  await openedFrom(page, GATED);
  expect(hub.stats.log.filter(({ headers }) => headers.includes(TOKEN))).toEqual([]);
  expectOnlyRefusals(complaints, hub);
});

test("a link to a gated repo opens what it can, and asks for the token of its own hub", async ({
  page,
  complaints,
}) => {
  const view = { model: GATED, sae: SAE, endpoint: hub.endpoint };
  await page.goto(`./#${new URLSearchParams(view).toString()}`);
  await page.getByTestId("go-ahead").click();
  await expect(page.getByTestId("error")).toHaveAttribute("data-code", "GatedRepo");
  await expect(page.getByTestId("provenance")).toContainText(`demo/${DEFAULT_SAE}`);
  await page.getByTestId("sign-in").getByRole("textbox").fill("hf_ofNobody");
  await page.getByTestId("sign-in").getByRole("button", { name: "Open with" }).click();
  // A wrong one is told, and the right one can follow.
  await expect(page.getByTestId("error")).toBeVisible();
  await page.getByTestId("sign-in").getByRole("textbox").fill(TOKEN);
  await page.getByTestId("sign-in").getByRole("button", { name: "Open with" }).click();
  await openedFrom(page, GATED);
  expectOnlyRefusals(complaints, hub);
});
