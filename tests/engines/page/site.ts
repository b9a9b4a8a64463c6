// Builds the page of suites, and serves it with the files of the repository that they read.

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "vite";
import { HEADERS } from "../../../scripts/headers.mjs";
import { repository } from "../../support/files.ts";

export interface Site {
  readonly address: string;
  close(): Promise<void>;
}

/** What of the repository the page is given. */
const FOLDERS = ["tests/fixtures", "public/demo"];

export async function startSite(): Promise<Site> {
  const scripts = await bundle();
  const files = FOLDERS.flatMap(filesIn);
  const answer = (path: string): [type: string, body: string | Uint8Array] | null => {
    if (path === "") return ["text/html", HTML];
    if (path === "favicon.ico") return ["image/x-icon", ""];
    if (path === "files.json") return ["application/json", JSON.stringify(files)];
    const script = scripts.get(path);
    if (script !== undefined) return ["text/javascript", script];
    const file = path.replace(/^files\//, "");
    return files.includes(file)
      ? ["application/octet-stream", readFileSync(repository(file))]
      : null;
  };
  const server = createServer((request, response) => {
    const [type, body] = answer((request.url ?? "/").slice(1)) ?? [];
    if (type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { ...HEADERS, "Content-Type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const ENTRY = "goldens";
const HTML = `<!doctype html><title>Suites</title><script type="module" src="./${ENTRY}.js"></script>`;

/** Paths in the repository of the files in a folder of it. */
const filesIn = (folder: string): string[] =>
  readdirSync(repository(folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(repository("").length))
    .map((path) => path.replaceAll("\\", "/"));

/** Scripts by their path. */
async function bundle(): Promise<Map<string, string>> {
  const here = (name: string): string => join(import.meta.dirname, name);
  const result = await build({
    configFile: false,
    logLevel: "error",
    publicDir: false,
    plugins: [
      {
        name: "facet:suites-in-a-page",
        enforce: "pre",
        resolveId(source, importer) {
          if (source === "vitest") return here("vitest.ts");
          const inSupport = importer?.startsWith(repository("tests/support/")) ?? false;
          return inSupport && source === "./files.ts" ? here("files.ts") : null;
        },
      },
    ],
    build: {
      write: false,
      target: "es2024",
      minify: false,
      lib: { entry: { [ENTRY]: here(`${ENTRY}.ts`) }, formats: ["es"] },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const chunks = output && "output" in output ? output.output : [];
  return new Map(
    chunks.flatMap((chunk) => (chunk.type === "chunk" ? [[chunk.fileName, chunk.code]] : [])),
  );
}
