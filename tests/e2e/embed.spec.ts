// Facet inside another page: the embed view, its calls as messages, and what a stranger's page cannot have.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { EmbedCall, EmbedMessage } from "../../src/embedding.ts";
import { expect, type Page, test } from "./test.ts";

/** A page of another origin: browsers keep those of the network out of what runs on this machine. */
let embedder: Server;

test.beforeAll(async () => {
  embedder = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end('<!doctype html><title>A lab</title><link rel="icon" href="data:," />');
  });
  await new Promise<void>((resolve) => embedder.listen(0, "127.0.0.1", resolve));
});

test.afterAll(() => {
  embedder.closeAllConnections();
  embedder.close();
});

declare global {
  interface Window {
    heard: EmbedMessage[];
  }
}

/** A page of another origin with Facet in a frame, once the frame has said that it is there. */
async function embed(page: Page, fragment: string): Promise<void> {
  const src = new URL(`#${fragment}`, test.info().project.use.baseURL).href;
  await page.goto(`http://127.0.0.1:${(embedder.address() as AddressInfo).port}/`);
  await page.evaluate((address) => {
    window.heard = [];
    window.addEventListener("message", ({ data }: MessageEvent<EmbedMessage>) =>
      window.heard.push(data),
    );
    const frame = document.createElement("iframe");
    frame.src = address;
    frame.width = "1000";
    frame.height = "700";
    document.body.append(frame);
  }, src);
  await page.waitForFunction(() => window.heard.some((message) => "event" in message));
}

/** The answer to a call. */
async function call(page: Page, asked: Omit<EmbedCall, "facet">): Promise<EmbedMessage> {
  await page.evaluate((message) => {
    document.querySelector("iframe")?.contentWindow?.postMessage({ facet: 1, ...message }, "*");
  }, asked);
  const handle = await page.waitForFunction(
    (id) => window.heard.find((message) => "id" in message && message.id === id),
    asked.id,
  );
  const answer = await handle.jsonValue();
  if (answer === undefined) throw new Error("no answer");
  return answer;
}

test("a page of another origin embeds a view and calls it", async ({ page }) => {
  await embed(page, "embed=1&text=the+king");
  const frame = page.frameLocator("iframe");
  await expect(frame.getByTestId("embed-bar")).toContainText("can see what is typed here");
  await expect(frame.getByTestId("sources")).toHaveCount(0);
  await expect(frame.getByTestId("token-strip").locator("[data-tinted]").first()).toBeVisible();

  expect(await call(page, { id: 1, call: "ready" })).toEqual({ facet: 1, id: 1, result: null });
  expect(
    await call(page, { id: 2, call: "analyze", args: ["The whale", { mask: "all" }] }),
  ).toMatchObject({ result: { schema: "facet.analysis/1", text: "The whale", mask: "all" } });
  expect(await call(page, { id: 3, call: "feature", args: [1e9] })).toMatchObject({
    error: { code: "NoSuchFeature" },
  });
  expect(
    await call(page, {
      id: 4,
      call: "open",
      args: [{ model: "demo", sae: "blocks.0.hook_resid_post" }],
    }),
  ).toMatchObject({ result: { sae: { folder: "blocks.0.hook_resid_post" } } });
  const link = await call(page, { id: 5, call: "permalink" });
  expect(JSON.stringify(link)).toContain("embed=1");
  expect(JSON.stringify(link)).toContain("blocks.0.hook_resid_post");
});

test("what a page around it opens is a question to the reader, who may decline", async ({
  page,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await embed(page, "embed=1");
  await call(page, { id: 1, call: "ready" });
  const opening = call(page, {
    id: 2,
    call: "open",
    args: [{ model: "a/b", sae: "a/c", endpoint: "https://evil.example" }],
  });
  const question = page.frameLocator("iframe").getByTestId("question");
  await expect(question).toContainText("evil.example");
  await question.getByTestId("decline").click();
  expect(await opening).toMatchObject({ error: { code: "Cancelled" } });
  expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
});

test("without the embed view there are no answers, and that is said", async ({ page }) => {
  await embed(page, "");
  const answer = await call(page, { id: 1, call: "analyze", args: ["x"] });
  expect(answer).toMatchObject({ error: { code: "Format" } });
  expect(JSON.stringify(answer)).toContain("embed=1");
});
