// `npm run scan`: scans the bundled corpus with every bundled SAE, on the engine that the page runs, and writes what ships
// with the page: public/demo/scans/<sae>.parquet. It keeps fewer examples than a scan in the browser, for their size.
// Options: --sae <id> (one alone), --backend tfjs-wasm (as default) or webgpu, --documents <n> (the first n), --out <folder>.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./install.mjs";

const ROOT = join(import.meta.dirname, "..");
const { values: options } = parseArgs({
  options: {
    sae: { type: "string" },
    backend: { type: "string", default: "tfjs-wasm" },
    documents: { type: "string" },
    out: { type: "string", default: join(ROOT, "public/demo/scans") },
  },
});
if (options.backend !== "tfjs-wasm" && options.backend !== "webgpu") {
  console.error("--backend takes tfjs-wasm or webgpu.");
  process.exit(2);
}

ensureInstalled();
const { loadModule } = await import("./modules.mjs");
/** @type {{ module: typeof import("./scan/demoScans.ts") }} */
const { module } = await loadModule("scripts/scan/demoScans.ts");
mkdirSync(options.out, { recursive: true });
let bytes = 0;
for await (const { sae, part, told } of module.demoScans({
  backend: options.backend,
  ...(options.sae !== undefined && { sae: options.sae }),
  ...(options.documents !== undefined && { documents: Number(options.documents) }),
  onProgress: (line) => process.stderr.write(`\r  ${line}`),
})) {
  writeFileSync(join(options.out, `${sae}.parquet`), part);
  bytes += part.byteLength;
  console.log(`\n${sae}: ${told}, ${(part.byteLength / 1e6).toFixed(2)} MB`);
}
console.log(`${(bytes / 1e6).toFixed(2)} MB in all. Now: node scripts/demoManifest.mjs`);
process.exit(0); // the GPU's library keeps the process
