// After the first visit the page works without a network, and a new version is taken without breaking open tabs.
// A server of its own, which can be stopped and can hand out another version.

import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { HEADERS } from "../../scripts/headers.mjs";
import { expect, type Page, settledStrip, test } from "./test.ts";

test.use({ serviceWorkers: "allow" });

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

let folder: string;
let server: Server;
let address: string;

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "facet-offline-"));
  cpSync(join(import.meta.dirname, "../../dist"), folder, { recursive: true });
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname.replace(/^\/app\//, "");
    const name = path === "" ? "index.html" : path;
    try {
      const body = readFileSync(join(folder, name));
      response.writeHead(200, {
        ...HEADERS,
        "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
      });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://localhost:${(server.address() as AddressInfo).port}/app/`;
});

test.afterEach(() => {
  stopServer();
  rmSync(folder, { recursive: true });
});

function stopServer(): void {
  server.closeAllConnections();
  server.close();
}

/** Until the service worker has kept everything. */
async function kept(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
}

test("the second visit needs no network", async ({ page }) => {
  await page.goto(address);
  await settledStrip(page);
  await kept(page);
  stopServer();

  await page.reload();
  const strip = await settledStrip(page);
  await expect(strip.locator("[data-tinted]").first()).toBeVisible();
  expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true);
  await page.getByTestId("text-input").fill("And now without any network.");
  await expect(strip).toContainText("without any");
  // What is loaded late is there too: another place, the charts, another SAE.
  await page.getByTestId("place-find").click();
  await expect(page.getByTestId("label-search")).toBeVisible();
  await page.getByTestId("choose-sae").selectOption("blocks.0.hook_resid_post");
  await page.getByTestId("place-text").click();
  await expect(page.getByTestId("provenance")).toContainText("blocks.0.hook_resid_post");
  await expect(page.locator(".recharts-wrapper").first()).toBeVisible();
});

const integrity = (body: string): string =>
  `sha256-${createHash("sha256").update(body).digest("base64")}`;

/** The next version: another index.html, and of the places' code a file that only the old one has is gone. */
function deploy(): void {
  const index = join(folder, "index.html");
  const before = readFileSync(index, "utf8");
  const after = before.replace("<body>", '<body data-version="next">');
  writeFileSync(index, after);
  const script = join(folder, "sw.js");
  const code = readFileSync(script, "utf8");
  const version = /[0-9a-f]{16}(?=["'`])/.exec(code)?.[0] ?? "";
  writeFileSync(
    script,
    code.replaceAll(integrity(before), integrity(after)).replaceAll(version, "f".repeat(16)),
  );
}

test("a new version waits until every tab of the old one is closed", async ({ page, context }) => {
  await page.goto(address);
  await settledStrip(page);
  await kept(page);
  await page.reload();
  await settledStrip(page);

  deploy();
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.update();
  });
  await expect(page.getByTestId("notices")).toContainText("A new version of Facet is here");
  // A second tab gets the version of the first, and the first still finds what it loads late.
  const second = await context.newPage();
  await second.goto(address);
  await settledStrip(second);
  await expect(second.locator("body")).not.toHaveAttribute("data-version", "next");
  await page.getByTestId("place-find").click();
  await expect(page.getByTestId("label-search")).toBeVisible();

  await page.close();
  await second.close();
  const third = await context.newPage();
  await expect(async () => {
    await third.goto("about:blank");
    await third.goto(address);
    await expect(third.locator("body")).toHaveAttribute("data-version", "next", { timeout: 1000 });
  }).toPass();
  await settledStrip(third);
});
