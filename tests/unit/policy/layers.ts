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
  // From files to documents.
  corpus: ["formats"],
  // A corpus scan as data; the engine runs it.
  scan: ["formats"],
  model: ["backend", "formats"],
  sae: ["backend", "formats"],
  engine: [
    "analysis",
    "backend",
    "backend/webgpu",
    "backend/tfjs",
    "corpus",
    "formats",
    "hub",
    "model",
    "sae",
    "scan",
    "tokenizer",
    "../package.json",
  ],
  "worker/protocol.ts": [],
  "worker/rpc.ts": ["worker/protocol.ts"],
  "worker/client.ts": ["worker/protocol.ts", "worker/rpc.ts"],
  "worker/startWorker.ts": ["worker/client.ts", "worker/protocol.ts"],
  "worker/handlers.ts": ["engine", "worker/protocol.ts", "worker/rpc.ts"],
  "worker/entry.ts": ["engine", "hub", "worker/handlers.ts", "worker/protocol.ts", "worker/rpc.ts"],
  // The worker that lays features out.
  projection: [],
  state: ["analysis", "types:projection", "worker/client.ts", "worker/protocol.ts"],
  "scripting.ts": ["state", "worker/protocol.ts"],
  "offline.ts": [],
  "serviceWorker.ts": ["hub"],
  "embedding.ts": ["scripting.ts", "state"],
  ui: ["state", "types:worker/protocol.ts"],
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

/** The only layers that may import a package (or, ending in /, any package of a scope). No other package may be. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@huggingface/transformers": ["tokenizer"],
  "@tensorflow/": ["backend/tfjs"],
  react: ["ui", "main.tsx"],
  "react-dom": ["main.tsx", "ui"],
  recharts: ["ui"],
  "umap-js": ["projection"],
  "@huggingface/hub": ["hub"],
  "hash-wasm": ["hub"],
  hyparquet: ["formats"],
  "hyparquet-writer": ["scan", "ui"],
  zustand: ["state", "ui"],
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
