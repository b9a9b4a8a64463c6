// The Hub's client and its cache in a real browser: CORS, redirects to another origin, the origin-private file system,
// two tabs, a reload, a quota.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BROWSER_ARGS, ensureBrowser } from "../../scripts/browser.mjs";
import type { Call } from "./browser/page.ts";
import { type Site, startSite } from "./browser/site.ts";
import type { ReadResult } from "./browser/worker.ts";
import { startTestHub, type TestHub } from "./server.ts";
import { memoryFile } from "./repos.ts";
import { noise, REPO, sha256 } from "./setting.ts";

const CELL = 4 * 1024 * 1024;
const PAGE = 16 * 1024;
const PATIENT = { timeout: 20_000 };
const TOKEN = "hf_MyVerySecretToken123";
const LARGE = noise(25_000_001, 5);
const SMALL = noise(1234, 6);
const PATH = "model.safetensors";
const FILE = `${REPO}/${PATH}`;

declare const call: Call;

let hub: TestHub;
let site: Site;
let browser: BrowserContext;
let profile: string;
beforeAll(async () => {
  const files = [memoryFile(PATH, LARGE), memoryFile("config.json", SMALL)];
  hub = await startTestHub({
    repos: { [REPO]: { files }, "someone/gated": { files, gated: true } },
    readers: [TOKEN],
  });
  site = await startSite();
  profile = mkdtempSync(join(tmpdir(), "facet-hub-"));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: ensureBrowser(),
    args: BROWSER_ARGS.quiet,
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await hub?.close();
  await site?.close();
  rmSync(profile, { recursive: true, force: true });
});

let page: Page;
beforeEach(async () => {
  hub.faults.clear();
  for (const old of browser.pages().slice(1)) await old.close();
  page = await newTab();
  const entries = await page.evaluate(() => call("list", undefined));
  if (Array.isArray(entries)) {
    for (const { id } of entries) await page.evaluate((entry) => call("remove", entry), id);
  }
  hub.stats.clear();
});

async function newTab(): Promise<Page> {
  const tab = await browser.newPage();
  await tab.goto(site.url);
  await tab.waitForFunction(() => "call" in globalThis);
  return tab;
}

interface ReadOptions {
  readonly ref?: string;
  readonly path?: string;
  readonly token?: string;
  readonly streams?: number;
}
const read = (
  tab: Page,
  options: ReadOptions = {},
): Promise<ReadResult & { error?: string; message?: string }> =>
  tab.evaluate((request) => call("read", request) as Promise<ReadResult>, {
    endpoint: hub.endpoint,
    ref: REPO,
    path: PATH,
    ...options,
  });

const right = { sha256: sha256(LARGE), troubles: [] };

it("reads a large file through a redirect to another origin, keeps it, and does not fetch it again", async () => {
  expect(await read(page)).toMatchObject(right);
  const cdn = hub.stats.log.filter(({ server, method }) => server === "cdn" && method === "GET");
  // Four cells a request.
  expect(cdn.length).toBe(Math.ceil(LARGE.byteLength / CELL / 4));
  // After a redirect to another origin the browser does not tell where it comes from.
  expect(new Set(cdn.map(({ origin }) => origin))).toEqual(new Set(["null"]));
  expect(hub.stats.log.some(({ method }) => method === "OPTIONS")).toBe(false);
  hub.stats.clear();
  await page.reload();
  expect(await read(page)).toMatchObject(right);
  expect(hub.stats.log).toEqual([]);
});

it("sends the token to the endpoint, after a preflight there, and not to the storage behind it", async () => {
  expect(await read(page, { ref: "someone/gated", token: TOKEN })).toMatchObject(right);
  const { log } = hub.stats;
  expect(log.some(({ server, method }) => server === "hub" && method === "OPTIONS")).toBe(true);
  expect(
    log.filter(({ authorization }) => authorization === `Bearer ${TOKEN}`).length,
  ).toBeGreaterThan(0);
  expect(JSON.stringify(log.filter(({ server }) => server === "cdn"))).not.toContain(TOKEN);
  expect(JSON.stringify(log.map(({ url }) => url))).not.toContain(TOKEN);
});

it("tells a gated repo from a missing one", async () => {
  expect(await read(page, { ref: "someone/gated" })).toMatchObject({ error: "GatedRepo" });
  expect(await read(page, { ref: "someone/none" })).toMatchObject({ error: "RepoNotFound" });
  expect(await read(page, { ref: `${REPO}@v9` })).toMatchObject({ error: "RevisionNotFound" });
});

it("lists what it keeps, and deletes it", async () => {
  await read(page);
  const entries = await page.evaluate(() => call("list", undefined));
  expect(entries).toMatchObject([{ endpoint: hub.endpoint, repo: REPO, commit: hub.commit(REPO) }]);
  const [entry] = Array.isArray(entries) ? entries : [];
  expect(entry?.bytes).toBeGreaterThan(LARGE.byteLength);
  expect(entry?.bytes).toBeLessThan(LARGE.byteLength * 1.01);
  await page.evaluate((id) => call("remove", id), entry?.id ?? "");
  expect(await page.evaluate(() => call("list", undefined))).toEqual([]);
  hub.stats.clear();
  expect(await read(page)).toMatchObject(right);
  expect(hub.stats.bytes).toBe(LARGE.byteLength);
});

describe("faults", () => {
  it.each([0, 12_000_000, LARGE.byteLength - 1])(
    "a storage that refuses without CORS headers at byte %d is asked for through a new address",
    async (at) => {
      hub.faults.add({ kind: "noCors", on: "cdn", path: PATH, at });
      hub.faults.add({ kind: "drop", on: "cdn", path: PATH, at });
      expect(await read(page)).toMatchObject(right);
      expect(hub.faults.met).toBe(2);
    },
  );

  it("signatures that expire in the middle", async () => {
    hub.faults.add({ kind: "slow", bytesPerSecond: 20_000_000, on: "cdn", times: 3 });
    const reading = read(page);
    await expect.poll(() => hub.stats.bytes, PATIENT).toBeGreaterThan(CELL / 2);
    hub.expireSignatures();
    expect(await reading).toMatchObject(right);
  });

  it("a hub that names no origin at all", async () => {
    hub.faults.add({ kind: "noCors", on: "resolve", path: "config.json", times: Infinity });
    const result = await read(page, { path: "config.json" });
    expect(result).toMatchObject({
      error: "Network",
      message: expect.stringContaining("does not let this page read it"),
    });
  });

  it("bodies that end early, and ones that are another part", async () => {
    hub.faults.add({ kind: "truncate", on: "cdn", path: PATH, at: 5_000_000 });
    hub.faults.add({ kind: "shifted", on: "cdn", path: PATH, at: 12_000_000 });
    hub.faults.add({ kind: "contentRange", header: null, on: "cdn", path: PATH, at: 20_000_000 });
    expect(await read(page)).toMatchObject(right);
    expect(hub.faults.met).toBe(3);
  });
});

it("finds a byte that was turned in the storage, and fetches that page again", async () => {
  await read(page);
  hub.stats.clear();
  const damaged = await page.evaluate(() => call("damage", undefined));
  expect(damaged).toMatch(/-\d+$/);
  expect(await read(page)).toMatchObject(right);
  expect(hub.stats.bytes).toBe(PAGE);
});

it("two tabs at once fetch each byte once between them", async () => {
  const other = await newTab();
  const results = await Promise.all([read(page, { streams: 4 }), read(other)]);
  expect(results[1]).toMatchObject(right);
  expect(hub.stats.of(FILE).bytes).toBe(LARGE.byteLength);
  expect(results.flatMap(({ troubles }) => troubles)).toEqual([]);
});

it("goes on after a reload in the middle", async () => {
  hub.faults.add({ kind: "slow", bytesPerSecond: 10_000_000, on: "cdn", times: Infinity });
  const reading = read(page).catch(() => "gone with its page");
  await expect
    .poll(() => page.evaluate(() => call("progress", undefined)), PATIENT)
    .toBeGreaterThan(LARGE.byteLength / 2);
  await page.reload();
  await reading;
  hub.faults.clear();
  expect(await read(page)).toMatchObject(right);
  expect(hub.stats.of(FILE).bytes - LARGE.byteLength).toBeLessThanOrEqual(CELL);
});

it("a tab that is closed lets go of what another waits for", async () => {
  const other = await newTab();
  hub.faults.add({ kind: "stall", on: "cdn", path: PATH, at: 10_000_000 });
  const reading = read(other).catch(() => "gone with its page");
  await expect.poll(() => hub.faults.met, PATIENT).toBe(1);
  const mine = read(page);
  await other.close();
  expect(await mine).toMatchObject(right);
  await reading;
});

it("goes on without keeping when the quota is used up", async () => {
  const session = await browser.newCDPSession(page);
  const { usage } = await session.send("Storage.getUsageAndQuota", { origin: site.url });
  await session.send("Storage.overrideQuotaForOrigin", {
    origin: site.url,
    quotaSize: usage + 8_000_000,
  });
  try {
    expect(await read(page)).toMatchObject({ sha256: right.sha256, troubles: ["QuotaExceeded"] });
    hub.stats.clear();
    expect(await read(page)).toMatchObject({ sha256: right.sha256 });
    expect(hub.stats.bytes).toBeLessThan(LARGE.byteLength - 3_000_000);
  } finally {
    await session.send("Storage.overrideQuotaForOrigin", { origin: site.url });
  }
});

it("reads a hub where the reader's settings block site data, with one word about it", async () => {
  const blocked = mkdtempSync(join(tmpdir(), "facet-blocked-"));
  mkdirSync(join(blocked, "Default"));
  // Chromium's "Don't allow sites to save data".
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(blocked, "Default", "Preferences"), JSON.stringify(settings));
  const context = await chromium.launchPersistentContext(blocked, {
    executablePath: ensureBrowser(),
    args: BROWSER_ARGS.quiet,
  });
  try {
    const tab = await context.newPage();
    await tab.goto(site.url);
    await tab.waitForFunction(() => "call" in globalThis);
    await expect(tab.evaluate(() => localStorage.length)).rejects.toThrow("Access is denied");
    expect(await read(tab)).toMatchObject({ sha256: right.sha256, troubles: ["Network"] });
  } finally {
    await context.close();
    rmSync(blocked, { recursive: true, force: true });
  }
});
