// Scans of one and of eight times a text, in Node on TensorFlow.js' WebAssembly: how long they take, and how much memory
// they hold at most. In eight copies under different names, every document is another.

import { createTfjsBackend } from "../../src/backend/tfjs/createTfjsBackend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../src/session/engine.ts";
import type { ScanRequest } from "../../src/lib/scan.ts";
import { demoBundle, demoDocuments, TFJS_WASM } from "../support/nodeFiles.ts";

const SAE = "blocks.3.hook_resid_post_fast_lr";
/** Of the bundled corpus: some 8,000 tokens. */
const DOCUMENTS = 20;
/** Once and eight times in turns, so that what else the machine does hits both. */
const ROUNDS = 3;

export interface ScanRun {
  readonly tokens: number;
  /** Of each round. */
  readonly seconds: readonly number[];
  /** JavaScript's heap and its array buffers, after collections during the scan; the largest. */
  readonly heapBytes: number;
}

interface Timed {
  readonly tokens: number;
  readonly seconds: number;
}

/** @param collect collects garbage now. */
export async function scanRuns(
  collect: () => void,
  log: (line: string) => void,
): Promise<{ once: ScanRun; eight: ScanRun }> {
  await timed(1); // compiles, and loads the weights
  const rounds: Record<"once" | "eight", Timed>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [once, eight] = [await timed(1), await timed(8)];
    log(`once the text: ${once.seconds.toFixed(1)} s; eight times: ${eight.seconds.toFixed(1)} s`);
    rounds.push({ once, eight });
  }
  const run = async (size: "once" | "eight"): Promise<ScanRun> => {
    const heapBytes = await heaped(size === "once" ? 1 : 8, collect);
    log(`${size}: ${(heapBytes / 1e6).toFixed(1)} MB`);
    const seconds = rounds.map((round) => round[size].seconds);
    return { tokens: rounds[0]?.[size].tokens ?? NaN, seconds, heapBytes };
  };
  return { once: await run("once"), eight: await run("eight") };
}

function corpus(times: number): ScanRequest {
  const lines = demoDocuments()
    .slice(0, DOCUMENTS)
    .map((text) => JSON.stringify({ text }));
  const file = new Blob([lines.join("\n")]);
  const files = Array.from({ length: times }, (_, i) => ({ path: `${i}.jsonl`, file }));
  return { corpus: { kind: "files", files } };
}

let engine: Promise<Engine> | null = null;

/** One for all runs; each scan is forgotten by the next. */
function opened(): Promise<Engine> {
  engine ??= (async () => {
    const made = new Engine({
      library: bundledLibrary(async () => demoBundle()),
      backends: {
        options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
        start: () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }),
      },
      onNotice: () => undefined,
    });
    await made.open({ model: "demo", sae: SAE });
    return made;
  })();
  return engine;
}

async function forget(scans: Engine["scans"]): Promise<void> {
  for (const scan of await scans.list())
    if (!("saved" in scan) || scan.saved !== null) await scans.remove(scan.id);
}

async function timed(times: number): Promise<Timed> {
  const { scans } = await opened();
  const start = performance.now();
  const { tokens } = await scans.run(corpus(times));
  const seconds = (performance.now() - start) / 1000;
  await forget(scans);
  return { tokens, seconds };
}

async function heaped(times: number, collect: () => void): Promise<number> {
  const { scans } = await opened();
  let most = 0;
  let next = 0;
  await scans.run(corpus(times), {
    onProgress: ({ stage, done, total }) => {
      if (stage !== "Scanning" || done < next) return;
      next = done + (total ?? done) / 10;
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, heapUsed + arrayBuffers);
    },
  });
  await forget(scans);
  return most;
}
