// Which folder of src/ may import which, as data, and the check over a set of files. ARCHITECTURE.md draws the same.
// It reads imports and re-exports, type-only ones too; it does not resolve them on disk.

import { posix } from "node:path";
import { parseSync } from "vite";

/**
 * What each layer may import, besides itself and `lib`. A layer is a folder or a file of src/; the longest match
 * counts. `types:` allows type-only imports.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  hub: [],
  formats: [],
  tokenizer: [],
  backend: ["backend/webgpu", "backend/tfjs"],
  "backend/webgpu": ["backend"],
  "backend/tfjs": ["backend"],
  analysis: [],
  // What is taken along of a view: code that repeats its numbers elsewhere.
  export: [],
  // From files to documents.
  corpus: ["formats"],
  // A corpus scan as data; the session runs it.
  scan: ["formats"],
  model: ["backend", "formats"],
  sae: ["backend", "formats"],
  // What is open, and what runs on it.
  session: [
    "analysis",
    "backend",
    "corpus",
    "formats",
    "hub",
    "model",
    "sae",
    "scan",
    "tokenizer",
    "../package.json",
  ],
  jobs: ["jobs/checks.ts", "analysis", "backend", "hub", "model", "sae", "session"],
  // Who may ask for which job, on both sides of the worker.
  "jobs/calls.ts": ["types:jobs"],
  // What callers pass, looked at on either side.
  "jobs/checks.ts": [],
  "worker/messages.ts": ["types:jobs"],
  "worker/life.ts": [],
  "worker/client.ts": ["types:jobs", "worker/life.ts", "worker/messages.ts"],
  "worker/startWorker.ts": ["worker/client.ts", "worker/messages.ts"],
  // The worker itself.
  worker: [
    "backend",
    "backend/webgpu",
    "backend/tfjs",
    "hub",
    "jobs",
    "scan",
    "session",
    "worker/life.ts",
    "worker/messages.ts",
  ],
  // The worker that lays features out.
  projection: [],
  state: [
    "analysis",
    "jobs/calls.ts",
    "jobs/checks.ts",
    "types:jobs",
    "types:projection",
    "types:worker/messages.ts",
  ],
  "scripting.ts": ["jobs/calls.ts", "types:jobs", "state"],
  "offline.ts": [],
  "serviceWorker.ts": ["hub"],
  "embedding.ts": ["scripting.ts", "state"],
  // Of the page, what all parts share stands below, places above; `ui` itself puts them together.
  "ui/styles": [],
  "ui/shared": ["state", "ui/styles"],
  "ui/charts": ["state", "ui/shared"],
  "ui/errors": ["state", "ui/shared"],
  "ui/tokens": ["state", "ui/shared"],
  "ui/labels": ["state", "ui/shared", "ui/tokens"],
  "ui/table": ["state", "ui/errors", "ui/labels", "ui/shared", "ui/styles"],
  "ui/edits": ["state", "ui/errors", "ui/shared", "ui/styles", "ui/tokens"],
  "ui/scan": ["state", "ui/errors", "ui/shared", "ui/styles"],
  "ui/sources": ["state", "ui/errors", "ui/shared", "ui/styles"],
  "ui/feature": [
    "state",
    "ui/charts",
    "ui/edits",
    "ui/errors",
    "ui/labels",
    "ui/shared",
    "ui/tokens",
  ],
  "ui/text": [
    "state",
    "ui/charts",
    "ui/edits",
    "ui/errors",
    "ui/feature",
    "ui/labels",
    "ui/shared",
    "ui/tokens",
  ],
  "ui/find": ["state", "ui/shared", "ui/styles", "ui/table", "ui/tokens"],
  "ui/sae": ["state", "ui/charts", "ui/errors", "ui/scan", "ui/shared", "ui/styles", "ui/tokens"],
  "ui/compare": ["state", "ui/errors", "ui/shared", "ui/styles", "ui/text", "ui/tokens"],
  "ui/shell": [
    "export",
    "state",
    "types:jobs/calls.ts",
    "ui/errors",
    "ui/feature",
    "ui/shared",
    "ui/styles",
    "ui/tokens",
  ],
  ui: [
    "state",
    "ui/compare",
    "ui/errors",
    "ui/feature",
    "ui/find",
    "ui/sae",
    "ui/shared",
    "ui/shell",
    "ui/sources",
    "ui/styles",
    "ui/text",
  ],
  "main.tsx": [
    "embedding.ts",
    "offline.ts",
    "scripting.ts",
    "state",
    "ui",
    "worker/client.ts",
    "worker/startWorker.ts",
    "../package.json",
  ],
  // The version.
  "../package.json": [],
};

const UI = Object.keys(LAYERS).filter((layer) => /^ui(?!\/styles)/.test(layer));

/** The only layers that may import a package (or, ending in /, any package of a scope). No other package may be. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // Of Hugging Face's tokenizer libraries only this one: @huggingface/transformers would bring the ONNX runtime along.
  "@huggingface/tokenizers": ["tokenizer"],
  "@tensorflow/": ["backend/tfjs"],
  react: UI,
  "react-dom": ["main.tsx"],
  recharts: ["ui/charts"],
  "umap-js": ["projection"],
  "@huggingface/hub": ["hub"],
  "hash-wasm": ["hub"],
  "hyparquet-writer": ["scan", "ui/table"],
  "@tanstack/query-core": ["state"],
  "@tanstack/react-query": ["ui/shared"],
  zustand: ["state", "ui/shared"],
};

interface Import {
  /** As written. */
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** The longest entry of the table that `path` (relative to src/) is or lies in; null where there is none. */
function layerOf(path: string): string | null {
  const holds = (layer: string): boolean => path === layer || path.startsWith(`${layer}/`);
  return (
    Object.keys(LAYERS)
      .filter(holds)
      .toSorted((a, b) => b.length - a.length)[0] ?? null
  );
}

function importsOf(path: string, code: string): Import[] {
  const { module, errors } = parseSync(path, code);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const allTypes = (entries: readonly { isType: boolean }[]): boolean =>
    entries.length > 0 && entries.every((entry) => entry.isType);
  return [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      typeOnly: allTypes(entries),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ specifier: moduleRequest.value, typeOnly: isType }] : [],
      ),
    ),
    // A specifier that is no plain string cannot be followed, matches no package and is refused as one.
    ...module.dynamicImports.map(({ moduleRequest }) => ({
      specifier: code
        .slice(moduleRequest.start, moduleRequest.end)
        .replace(/^(["'`])(.*)\1$/, "$2"),
      typeOnly: false,
    })),
  ];
}

function refuse(from: string, path: string, { specifier, typeOnly }: Import): string | null {
  if (!specifier.startsWith(".")) {
    const name = Object.keys(PACKAGES).find((key) =>
      key.endsWith("/")
        ? specifier.startsWith(key)
        : specifier === key || specifier.startsWith(`${key}/`),
    );
    const allowed = name === undefined ? [] : (PACKAGES[name] ?? []);
    return allowed.includes(from)
      ? null
      : `${path}: ${from} may not import the package ${specifier}`;
  }
  const target = posix.join(posix.dirname(path), specifier.replace(/\?.*$/, ""));
  const to = layerOf(target);
  if (to === null) return `${path}: ${specifier} lies in no layer of the table`;
  const allowed = LAYERS[from] ?? [];
  if (to === from || to === "lib" || allowed.includes(to)) return null;
  if (allowed.includes(`types:${to}`)) {
    return typeOnly ? null : `${path}: ${from} may import only types of ${to}, not ${specifier}`;
  }
  return `${path}: ${from} may not import ${to} (${specifier})`;
}

/** What breaks the tables, in words. `files`: code by path relative to src/. */
export function layerViolations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, code]) => {
    const from = layerOf(path);
    if (from === null) return [`${path} lies in no layer of the table`];
    return importsOf(path, code).flatMap((imported) => refuse(from, path, imported) ?? []);
  });
}

/** Files that import one another in a circle, type imports too; each circle's files by name. */
export function importCircles(files: ReadonlyMap<string, string>): string[][] {
  const edges = new Map(
    Array.from(files, ([path, code]) => [
      path,
      importsOf(path, code)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
        .filter((target) => files.has(target)),
    ]),
  );
  // Tarjan's strongly connected components.
  const order = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  function visit(path: string): number {
    const index = order.size;
    let lowest = index;
    order.set(path, index);
    stack.push(path);
    for (const target of edges.get(path) ?? []) {
      if (!order.has(target)) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, order.get(target) ?? index);
    }
    if (lowest === index) {
      const circle = stack.splice(stack.indexOf(path));
      if (circle.length > 1 || edges.get(path)?.includes(path)) circles.push(circle.toSorted());
    }
    return lowest;
  }
  for (const path of edges.keys()) if (!order.has(path)) visit(path);
  return circles;
}
