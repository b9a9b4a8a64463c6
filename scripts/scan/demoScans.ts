// The scans that ship with the page, made in Node by the page's engine over the page's files.

import type { Backend } from "../../src/backend/backend.ts";
import { createTfjsBackend } from "../../src/backend/tfjs/createTfjsBackend.ts";
import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../src/session/engine.ts";
import type { ScanSettings } from "../../src/scan/settings.ts";
import { testGpu } from "../../tests/gpu/device.ts";
import { demoBundle, demoManifest, TFJS_WASM } from "../../tests/support/nodeFiles.ts";

/** Enough for every part of a feature's page, in under a megabyte an SAE. */
const SETTINGS: Partial<ScanSettings> = {
  top: 8,
  perStratum: 1,
  sample: 5,
  window: 24,
  sketch: 32,
};

interface Options {
  readonly backend: "tfjs-wasm" | "webgpu";
  readonly sae?: string;
  readonly documents?: number;
  readonly onProgress: (line: string) => void;
}

const start = (name: Options["backend"]): Promise<Backend> =>
  name === "webgpu"
    ? createWebGpuBackend({ gpu: testGpu() })
    : createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });

export async function* demoScans({ backend, sae, documents, onProgress }: Options): AsyncGenerator<{
  sae: string;
  part: Uint8Array;
  told: string;
}> {
  const folders = Object.keys(demoManifest().revisions).filter((name) => name.startsWith("sae/"));
  const saes = folders.map((folder) => folder.slice("sae/".length));
  for (const id of sae === undefined ? saes : [sae]) {
    const engine = new Engine({
      library: bundledLibrary(async () => demoBundle()),
      backends: {
        options: async () => [{ name: backend, available: true, note: null }],
        start,
      },
      onNotice: onProgress,
      scans: { store: () => Promise.resolve(null), openDataset: null, settings: SETTINGS },
    });
    await engine.open({ model: "demo", sae: id });
    const began = performance.now();
    const summary = await engine.scans.run(
      { corpus: { kind: "bundled" }, ...(documents !== undefined && { documents }) },
      { onProgress: ({ stage, done, total }) => onProgress(`${stage} ${done} of ${total} `) },
    );
    const seconds = (performance.now() - began) / 1000;
    const [kept] = await engine.scans.list();
    const part = await engine.scans.export(kept?.id ?? "");
    if (!part) throw new Error(`The scan of ${id} was not kept.`);
    const silent = summary.count.filter((count) => count === 0).length;
    yield {
      sae: id,
      part,
      told: `${summary.tokens} tokens in ${seconds.toFixed(0)} s, ${silent} features silent`,
    };
  }
}
