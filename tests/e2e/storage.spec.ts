// A browser that keeps nothing for the page: its storage throws, is not there, or is full. The page opens all the same
// and says so once; a frame with a sandbox of its own says what is missing.

import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { HEADERS } from "../../scripts/headers.mjs";
import type { EmbedMessage } from "../../src/embedding.ts";
import { expect, openFacet, type Page, settledStrip, test } from "./test.ts";

/** What a page finds in the place of what browsers keep for it. */
const BLOCKED: Readonly<Record<string, () => void>> = {
  throws: () => {
    const refuse = (): never => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, { get: refuse });
    }
    for (const name of ["storage", "serviceWorker", "locks"]) {
      Object.defineProperty(navigator, name, { get: refuse });
    }
  },
  "is null": () => {
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
      Object.defineProperty(window, name, { value: null });
    }
    for (const name of ["storage", "serviceWorker", "locks"]) {
      Object.defineProperty(navigator, name, { value: undefined });
    }
  },
};

const KEEPS_NOTHING = "This browser keeps nothing for Facet";

for (const [what, block] of Object.entries(BLOCKED)) {
  test(`opens where storage ${what}, and says once that nothing is kept`, async ({ page }) => {
    await page.addInitScript(block);
    await openFacet(page, { text: "The whale", feature: "21" });
    await settledStrip(page);
    const notices = page.getByTestId("notices").locator("li");
    await expect(notices.filter({ hasText: KEEPS_NOTHING })).toHaveCount(1);
    await notices.filter({ hasText: KEEPS_NOTHING }).getByRole("button").click();

    // What is entered is there until the page is closed.
    await page.getByTestId("place-feature").click();
    await page.getByTestId("edit-label").click();
    await page.getByTestId("label-input").fill("verbs of telling");
    await page.getByTestId("label-input").press("Enter");
    await expect(page.getByTestId("feature-label")).toContainText("verbs of telling");
    await page.getByTestId("place-text").click();
    await page.getByTestId("place-feature").click();
    await expect(page.getByTestId("feature-label")).toContainText("verbs of telling");
    await expect(notices.filter({ hasText: KEEPS_NOTHING })).toHaveCount(0);
  });

  test(`asks in the embed view where storage ${what}`, async ({ page }) => {
    await page.addInitScript(block);
    await openFacet(page, { embed: "1", text: "The whale" });
    await settledStrip(page);
    await expect(page.getByTestId("embed-bar")).toBeVisible();
  });
}

test("goes on where storage is full: hubs open, labels stand, and it is said", async ({
  page,
  complaints,
}) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
    };
  });
  await openFacet(page, { feature: "21", place: "feature" });
  await expect(page.getByTestId("notices").getByText("no more room")).toHaveCount(0);
  await page.getByTestId("edit-label").click();
  await page.getByTestId("label-input").fill("verbs of telling");
  await page.getByTestId("label-input").press("Enter");
  await expect(page.getByTestId("feature-label")).toContainText("verbs of telling");
  await expect(page.getByTestId("notices").getByText("no more room")).toHaveCount(1);

  // A hub that the reader agrees to is asked: that nobody answers there is all that is wrong.
  await page.evaluate(() => {
    location.hash = "model=a/b&sae=a/c&endpoint=http://127.0.0.1:9";
  });
  await page.getByTestId("go-ahead").click();
  await expect(page.getByTestId("error").first()).toHaveAttribute("data-code", "Network");
  await expect(page.getByTestId("error").first()).toContainText("127.0.0.1:9");
  expected(complaints, /ERR_CONNECTION_REFUSED|ERR_UNSAFE_PORT/);
});

/** What the browser writes into the console by itself. */
const expected = (complaints: string[], words: RegExp): void => {
  const others = complaints.filter((complaint) => !words.test(complaint));
  complaints.splice(0, Infinity, ...others);
};

/** The build as a host of another origin serves it, with CORS for whoever asks or without. */
let host: Server;
let cors = true;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};

test.beforeAll(async () => {
  host = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/frame") {
      response.setHeader("Content-Type", "text/html");
      response.end(
        '<!doctype html><title>A lab</title><link rel="icon" href="data:," /><script>heard = []; addEventListener("message", ({ data }) => heard.push(data));</script><iframe sandbox="allow-scripts" src="./#embed=1&text=the+king" width="1000" height="700"></iframe>',
      );
      return;
    }
    const path = pathname === "/" ? "index.html" : pathname.slice(1);
    response.writeHead(200, {
      ...HEADERS,
      ...(cors ? { "Access-Control-Allow-Origin": "*" } : {}),
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
    });
    const file = createReadStream(join(import.meta.dirname, "../../dist", path));
    file.on("error", () => response.destroy());
    file.pipe(response);
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
});

test.afterAll(() => {
  host.closeAllConnections();
  host.close();
});

const frame = (page: Page) =>
  page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/frame`);

test("a sandboxed frame without an origin draws the page, and says what is missing", async ({
  page,
  complaints,
}) => {
  cors = true;
  await frame(page);
  const inside = page.frameLocator("iframe");
  await expect(inside.getByTestId("embed-bar")).toBeVisible();
  await expect(inside.getByTestId("error").first()).toContainText("allow-same-origin");
  await expect(inside.getByTestId("error").first()).toHaveAttribute("data-code", "Blocked");

  await page.evaluate(() => {
    const call = { facet: 1, id: 1, call: "analyze", args: ["x"] };
    document.querySelector("iframe")?.contentWindow?.postMessage(call, "*");
  });
  const answer = await page.waitForFunction(() =>
    window.heard.find((message) => "id" in message && message.id === 1),
  );
  expect(await answer.jsonValue()).toMatchObject({ error: { code: "Blocked" } });
  const heard = await page.evaluate(() => window.heard);
  expect(heard.filter((message: EmbedMessage) => "event" in message)).toHaveLength(1);
  expected(complaints, /^$/);
});

test("where a host lets no sandboxed frame load its scripts, the page says so by itself", async ({
  page,
  complaints,
}) => {
  cors = false;
  await frame(page);
  const words = page.frameLocator("iframe").getByText("Facet has not started");
  await expect(words).toBeVisible();
  await expect(words).toContainText("allow-same-origin");
  expected(complaints, /blocked by CORS policy|net::ERR_FAILED/);
});

test("what index.html says by itself is gone once the page draws itself", async ({ page }) => {
  await openFacet(page);
  await expect(page.getByText("Facet has not started")).toHaveCount(0);
});
