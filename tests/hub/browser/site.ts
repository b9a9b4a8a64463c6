// Builds the page and its worker, and serves them as the app is served: same policy, same isolation.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "vite";
import { HEADERS } from "../../../scripts/headers.mjs";

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

export async function startSite(): Promise<Site> {
  const [page, worker] = [await bundle("page.ts"), await bundle("worker.ts")];
  const answers: Readonly<Record<string, [type: string, text: string]>> = {
    "/": [
      "text/html",
      `<!doctype html><title>hub</title><script type="module" src="./page.js"></script>`,
    ],
    "/page.js": ["text/javascript", page],
    "/worker.js": ["text/javascript", worker],
    "/favicon.ico": ["image/x-icon", ""],
  };
  const server = createServer((request, response) => {
    const [type, text] = answers[request.url ?? ""] ?? ["text/plain", null];
    if (text === null) response.writeHead(404).end();
    else response.writeHead(200, { ...HEADERS, "Content-Type": type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2024",
      minify: false,
      lib: { entry: join(import.meta.dirname, entry), formats: ["es"], fileName: "bundle" },
      // What the app loads later is in the one file here.
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const chunks = output && "output" in output ? output.output : [];
  const [chunk, ...others] = chunks.filter(({ type }) => type === "chunk");
  if (chunk?.type !== "chunk" || others.length > 0)
    throw new Error(`${entry} did not become one file.`);
  return chunk.code;
}
