// The byte budget: how much JavaScript a reader downloads before the first coloured token, for each backend that the
// page picks by itself. It reads what the build wrote about its chunks (scripts/vite/chunkGraph.ts) and compresses the
// files themselves. A chunk loaded by `import()` counts too, unless it stands in LATER.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** @typedef {{ file: string, entry: boolean, module: string | null, imports: string[], dynamicImports: string[], modules: string[] }} Chunk */

const ROOT = join(import.meta.dirname, "..");
const LIMIT_KB = 450;

/** Modules behind an `import()` that nothing before the first coloured token reaches, on the path named. */
const PLACES = [
  "src/ui/find/FindPlace.tsx",
  "src/ui/compare/ComparePlace.tsx",
  "src/ui/sae/SaePlace.tsx",
];
const CHARTS = ["src/ui/charts/Bars.tsx", "src/ui/charts/Profile.tsx"];
const PANELS = ["src/ui/edits/EditsPanel.tsx", "src/ui/edits/FeatureEdits.tsx"];
const ON_PRESS = [
  "src/export/saelens/code.ts",
  "src/scan/part/readPart.ts",
  "src/scan/part/writePart.ts",
  "src/corpus/parquet.ts",
];
const LATER = {
  webgpu: [...PLACES, ...PANELS, ...CHARTS, ...ON_PRESS, "src/backend/tfjs/createTfjsBackend.ts"],
  "tfjs-wasm": [
    ...PLACES,
    ...PANELS,
    ...CHARTS,
    ...ON_PRESS,
    "src/backend/webgpu/createWebGpuBackend.ts",
    "src/backend/tfjs/cpu.ts",
  ],
};

/** Packages that a path may not load before the first coloured token, or that may stand in no chunk at all. */
const FORBIDDEN = [
  { package: "recharts", paths: ["webgpu", "tfjs-wasm"] },
  { package: "@tensorflow", paths: ["webgpu"] },
  { package: "onnxruntime", paths: "anywhere" },
];

/** @type {Chunk[][]} */
const builds = ["page", "worker"].map((part) =>
  JSON.parse(readFileSync(join(ROOT, ".cache/build", `${part}.json`), "utf8")),
);
const chunks = builds.flat();

/** @type {string[]} */
const failures = [];
/** @param {string} message */
const fail = (message) => void failures.push(message);

/**
 * What a reader loads: from the entries along every import, without those in `later`.
 * @param {readonly string[]} later
 */
function loaded(later) {
  /** @type {Set<Chunk>} */
  const seen = new Set();
  for (const build of builds) {
    const byFile = new Map(build.map((chunk) => [chunk.file, chunk]));
    const queue = build.filter((chunk) => chunk.entry);
    for (let chunk = queue.pop(); chunk !== undefined; chunk = queue.pop()) {
      if (seen.has(chunk)) continue;
      seen.add(chunk);
      const dynamic = chunk.dynamicImports.filter((file) => {
        const module = byFile.get(file)?.module;
        return module === undefined || module === null || !later.includes(module);
      });
      for (const file of [...chunk.imports, ...dynamic]) {
        const next = byFile.get(file);
        if (next === undefined)
          throw new Error(`${chunk.file} imports ${file}, which the build does not list`);
        queue.push(next);
      }
    }
  }
  return [...seen];
}

/** @param {Chunk} chunk */
const gzippedKb = ({ file }) =>
  gzipSync(readFileSync(join(ROOT, "dist", file)), { level: 9 }).byteLength / 1000;

/**
 * @param {Chunk} chunk
 * @param {string} name
 */
const holds = (chunk, name) =>
  chunk.modules.some((module) => module.includes(`node_modules/${name}`));

for (const [path, later] of Object.entries(LATER)) {
  for (const module of later) {
    if (!chunks.some((chunk) => chunk.module === module)) {
      fail(`${module} is said to be loaded later on ${path}, but no import() leads to it`);
    }
  }
  const needed = loaded(later)
    .map((chunk) => ({ chunk, kb: gzippedKb(chunk) }))
    .toSorted((a, b) => b.kb - a.kb);
  const total = needed.reduce((sum, { kb }) => sum + kb, 0);
  console.log(
    `${path}: ${total.toFixed(1)} of ${LIMIT_KB} KB gzipped before the first coloured token`,
  );
  for (const { chunk, kb } of needed) console.log(`  ${kb.toFixed(1).padStart(6)}  ${chunk.file}`);
  if (total > LIMIT_KB)
    fail(`${path} needs ${total.toFixed(1)} KB, over the ${LIMIT_KB} of the budget`);
  for (const rule of FORBIDDEN.filter(({ paths }) => paths.includes(path))) {
    const bad = needed.filter(({ chunk }) => holds(chunk, rule.package));
    for (const { chunk } of bad)
      fail(
        `${chunk.file} holds ${rule.package}, which ${path} must not load before the first coloured token`,
      );
  }
}
for (const rule of FORBIDDEN.filter(({ paths }) => paths === "anywhere")) {
  for (const chunk of chunks.filter((one) => holds(one, rule.package))) {
    fail(`${chunk.file} holds ${rule.package}, which must not be in the build`);
  }
}

for (const message of failures) console.error(`budget: ${message}`);
process.exitCode = failures.length > 0 ? 1 : 0;
