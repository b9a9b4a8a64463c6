// WebKitGTK's MiniBrowser on a display of its own, driven over WebDriver. It has no WebGPU, and passes no console on.

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Builder, By, Capabilities, type WebDriver } from "selenium-webdriver";
import { webKit } from "../../scripts/engines.mjs";
import type { Browser } from "./browser.ts";

/** Milliseconds that one call may take. */
const PATIENCE = 600_000;
/** Milliseconds between looks at a driver that starts. */
const LOOK = 100;
const START = 60_000;
/** Milliseconds until a page that does not load is an error. */
const LOAD = 60_000;

export async function startWebKit(): Promise<Browser> {
  const { driver, display } = webKit();
  const x = spawn(display, ["-displayfd", "1", "-screen", "0", "1280x1024x24"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const stops = [stopper(x)];
  const stop = (): void => stops.forEach((end) => end());
  try {
    const port = await freePort();
    const service = spawn(driver, [`--port=${port}`], {
      stdio: ["ignore", "ignore", "inherit"],
      // As root WebKit does not start inside of its sandbox.
      env: {
        ...process.env,
        DISPLAY: `:${await firstLine(x)}`,
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      },
    });
    stops.unshift(stopper(service));
    const address = `http://127.0.0.1:${port}`;
    await answers(address);
    const session = await new Builder()
      .usingServer(address)
      .withCapabilities(new Capabilities({ browserName: "MiniBrowser" }))
      .build();
    await session.manage().setTimeouts({ script: PATIENCE, pageLoad: LOAD });
    return await browserOf(session, stop);
  } catch (error) {
    stop();
    throw error;
  }
}

/** What ends a process, and does so by itself when this one ends. The browser goes with its display. */
function stopper(child: ChildProcess): () => void {
  const stop = (): void => void child.kill("SIGKILL");
  process.once("exit", stop);
  return stop;
}

/** Of what it prints: the number of the display, once that is there. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout?.on("data", (bytes: Buffer) => {
      printed += bytes.toString();
      if (printed.includes("\n")) resolve(printed.split("\n", 1)[0] ?? "");
    });
    child.once("error", reject);
    child.once("close", () => reject(new Error("Starting a display for WebKit: it ended.")));
  });
}

async function browserOf(driver: WebDriver, stop: () => void): Promise<Browser> {
  const version = (await driver.getCapabilities()).getBrowserVersion() ?? "";
  const element = (selector: string) => driver.findElement(By.css(selector));
  return {
    name: `WebKitGTK ${version}`,
    complaints: [],
    goto: (address) => driver.get(address),
    reload: () => driver.navigate().refresh(),
    async evaluate(work, ...args) {
      const answer = await driver.executeAsyncScript<Answer>(CALL(work.toString()), args);
      if ("error" in answer) throw new Error(`In the page: ${answer.error}`);
      return answer.result as Awaited<ReturnType<typeof work>>;
    },
    click: async (selector) => element(selector).click(),
    type: async (selector, text) => element(selector).sendKeys(text),
    chooseFile: async (selector, path) => element(selector).sendKeys(path),
    screenshot: async () => Buffer.from(await driver.takeScreenshot(), "base64"),
    async close() {
      await driver.quit().finally(stop);
    },
  };
}

type Answer = { readonly result: unknown } | { readonly error: string };

/** WebDriver hands the arguments and the function that ends the script in `arguments`. */
const CALL = (work: string): string => `
  const [args, done] = arguments;
  Promise.resolve()
    .then(() => (${work})(...args))
    .then(
      (result) => done({ result: result === undefined ? null : result }),
      (error) => done({ error: String(error && error.message || error) }),
    );`;

async function answers(address: string): Promise<void> {
  const end = performance.now() + START;
  for (;;) {
    const status = await fetch(`${address}/status`).catch((error: unknown) => error);
    if (status instanceof Response && status.ok) return;
    if (performance.now() > end) {
      throw new Error(`Starting WebKitWebDriver: nothing answers at ${address}.`, {
        cause: status,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
