// Firefox without a window, driven over WebDriver BiDi. Its WebGPU is wgpu on Mesa's lavapipe.

import { type ElementHandle, launch } from "puppeteer-core";
import { firefox } from "../../scripts/engines.mjs";
import type { Browser } from "./browser.ts";

/** Milliseconds that one call may take: a page of suites answers with all of them. */
const PATIENCE = 600_000;
/** Milliseconds that it may take to start, with a fresh profile on a busy machine. */
const START = 120_000;

const WEBGPU = { "dom.webgpu.enabled": true, "gfx.webgpu.ignore-blocklist": true };
const NO_WEBGPU = { "dom.webgpu.enabled": false };

export async function startFirefox({ webgpu }: { webgpu: boolean }): Promise<Browser> {
  const { executable, env } = firefox();
  const browser = await launch({
    browser: "firefox",
    executablePath: executable,
    headless: true,
    timeout: START,
    protocolTimeout: PATIENCE,
    defaultViewport: { width: 1280, height: 1000 },
    extraPrefsFirefox: webgpu ? WEBGPU : NO_WEBGPU,
    env: { ...process.env, ...env },
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));

  const element = async (selector: string) => {
    const found = await page.$(selector);
    if (found === null) throw new Error(`There is no ${selector} on the page.`);
    return found;
  };
  return {
    name: await browser.version(),
    complaints,
    goto: async (address) => void (await page.goto(address)),
    reload: async () => void (await page.reload()),
    // As text: Puppeteer's types are those of its own handles.
    evaluate: async <Result>(work: (...args: never[]) => unknown, ...args: unknown[]) =>
      (await page.evaluate(`(${work.toString()})(...${JSON.stringify(args)})`)) as Result,
    click: async (selector) => (await element(selector)).click(),
    type: async (selector, text) => (await element(selector)).type(text),
    async chooseFile(selector, path) {
      const input = (await element(selector)) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(path);
    },
    screenshot: () => page.screenshot(),
    close: () => browser.close(),
  };
}
