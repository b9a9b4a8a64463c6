// A Chromium that nobody records: Playwright follows every request of a page, which makes small ones several times as
// slow. This speaks the browser's debugging protocol over a pipe and switches none of its domains on.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @typedef {Record<string, unknown>} Fields */
/** @typedef {{ method?: string, id?: number, sessionId?: string, params?: Fields, result?: Fields, error?: { message: string } }} Message */
/** @typedef {(method: string, params?: Fields) => Promise<Fields>} Send */
/**
 * @typedef {object} Page
 * @property {() => ReadonlyMap<string, Send>} targets the page and its workers, by what they are called
 * @property {(address: string) => Promise<void>} open
 * @property {(expression: string) => Promise<unknown>} evaluate awaits what it comes to
 */

/** @typedef {Awaited<ReturnType<typeof startChromium>>} Chromium */

/**
 * Starts a browser with a profile of its own, so that its caches are empty and its storage is on disk.
 * @param {string} executable
 * @param {readonly string[]} args
 */
export async function startChromium(executable, args) {
  const profile = mkdtempSync(join(tmpdir(), "facet-bench-"));
  const child = spawn(
    executable,
    [...args, "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [, , , toBrowser, fromBrowser] = /** @type {import("node:stream").Duplex[]} */ (
    /** @type {unknown} */ (child.stdio)
  );
  if (toBrowser === undefined || fromBrowser === undefined) throw new Error("no pipe to Chromium");

  /** @type {Map<number, { resolve: (result: Fields) => void, reject: (error: Error) => void }>} */
  const calls = new Map();
  /** @type {Set<(message: Message) => void>} */
  const listeners = new Set();
  let nextId = 1;
  let rest = Buffer.alloc(0);
  fromBrowser.on("data", (/** @type {Buffer} */ bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      /** @type {Message} */
      const message = JSON.parse(rest.subarray(0, end).toString());
      rest = rest.subarray(end + 1);
      const call = calls.get(message.id ?? 0);
      calls.delete(message.id ?? 0);
      if (message.error) call?.reject(new Error(message.error.message));
      else call?.resolve(message.result ?? {});
      if (message.method !== undefined) for (const listener of listeners) listener(message);
    }
  });
  void ended.then(() => {
    for (const { reject } of calls.values()) reject(new Error("Chromium has ended"));
    calls.clear();
  });

  /** @param {string} [sessionId] @returns {Send} */
  const sender = (sessionId) => (method, params) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      calls.set(id, { resolve, reject });
      toBrowser.write(`${JSON.stringify({ id, method, params: params ?? {}, sessionId })}\0`);
    });
  const browser = sender();

  /** @returns {Promise<Page>} */
  async function newPage() {
    const { targetId } = await browser("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser("Target.attachToTarget", { targetId, flatten: true });
    const page = String(sessionId);
    const send = sender(page);
    /** @type {Map<string, Send>} */
    const workers = new Map();
    listeners.add(({ method, sessionId: from, params = {} }) => {
      if (from !== page) return;
      const attached = String(params["sessionId"]);
      if (method === "Target.attachedToTarget") workers.set(attached, sender(attached));
      if (method === "Target.detachedFromTarget") workers.delete(attached);
    });
    await send("Target.setAutoAttach", {
      autoAttach: true,
      waitForDebuggerOnStart: false,
      flatten: true,
    });
    /** @param {string} address */
    async function open(address) {
      await send("Page.enable");
      const loaded = new Promise((resolve) => {
        /** @param {Message} message */
        const listener = (message) => {
          if (message.sessionId !== page || message.method !== "Page.loadEventFired") return;
          listeners.delete(listener);
          resolve(null);
        };
        listeners.add(listener);
      });
      await send("Page.navigate", { url: address });
      await loaded;
      await send("Page.disable");
    }
    return {
      open,
      targets: () =>
        new Map([
          ["page", send],
          ...[...workers.values()].map((to, i) => /** @type {const} */ ([`worker ${i}`, to])),
        ]),
      async evaluate(expression) {
        const { result, exceptionDetails } = await send("Runtime.evaluate", {
          expression,
          awaitPromise: true,
          returnByValue: true,
        });
        if (exceptionDetails) throw new Error(`In the page: ${JSON.stringify(exceptionDetails)}`);
        return /** @type {{ value: unknown }} */ (result).value;
      },
    };
  }

  return {
    newPage,
    async close() {
      // It answers with its end.
      await Promise.race([browser("Browser.close").catch(() => undefined), ended]);
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
