// `npm start`: installs what is missing, builds, serves the build and prints its address.
// Options: --port <number> (default: 4173, or the next free one), --base <path> (default: /), --no-build (serve what
// was built last).

import { parseArgs } from "node:util";
import { ensureInstalled } from "./install.mjs";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    base: { type: "string", default: "/" },
    build: { type: "boolean", default: true },
  },
  allowNegative: true,
});

ensureInstalled();
// Only now are Vite and its plugins sure to be there.
const { build, preview } = await import("vite");

if (values.build) await build({ logLevel: "warn" });
const server = await preview({
  base: values.base,
  preview: values.port === undefined ? {} : { port: Number(values.port), strictPort: true },
});
console.log(`\n  Facet is at ${server.resolvedUrls?.local[0]}\n  Ctrl+C stops it.`);
