// A device that is lost while it scans: the scan goes on on another with the same numbers, also where what ran on the
// first still ends; and a second loss leaves what was scanned.

import { expect, it } from "vitest";
import { bundledLibrary } from "../../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../../src/session/engine.ts";
import { ScanStore } from "../../../src/session/scans/scanStore.ts";
import type { ScanRequest } from "../../../src/lib/scan.ts";
import type { ScanState } from "../../../src/scan/state.ts";
import { MemoryStore } from "../../hub/memoryStore.ts";
import { losable, type Losable } from "../../support/losable.ts";
import { demoBundle } from "../../support/nodeFiles.ts";
import { content, sums } from "../../support/scans.ts";

const OPEN = { model: "demo", sae: "blocks.0.hook_resid_post" } as const;
const REQUEST: ScanRequest = { corpus: { kind: "bundled" }, documents: 16 };
/** Milliseconds of a step: one batch, or all of them with one ahead of another. */
const STEPS = { "one batch a step": 0, "all in one step": 1e9 } as const;

type OnRead = (device: number, reads: number) => Promise<void> | void;

function setUp(onRead: OnRead, stepMs: number) {
  const started: Losable[] = [];
  const notices: string[] = [];
  const store = new MemoryStore();
  const engine = new Engine({
    library: bundledLibrary(async () => demoBundle()),
    backends: {
      options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
      start: async () => {
        const device = started.length;
        let reads = 0;
        const one = await losable(() => onRead(device, ++reads));
        started.push(one);
        return one.backend;
      },
    },
    onNotice: (text) => notices.push(text),
    scans: { store: async () => new ScanStore(store), openDataset: null, stepMs },
  });
  const kept = async (): Promise<ScanState | undefined> => {
    const [scan] = await engine.scans.list();
    return (await new ScanStore(store).load(scan?.id ?? ""))?.state;
  };
  return { engine, started, notices, kept };
}

async function whole(): Promise<ScanState | undefined> {
  const { engine, kept } = setUp(() => undefined, 0);
  await engine.open(OPEN);
  await engine.scans.run(REQUEST);
  return kept();
}

it.each(Object.entries(STEPS))("goes on with the same numbers, %s", async (_, stepMs) => {
  const wanted = await whole();
  if (!wanted) throw new Error("The scan was not kept.");
  let woken = (): void => undefined;
  const second = new Promise<void>((resolve) => (woken = resolve));
  const { engine, started, notices, kept } = setUp((device, reads) => {
    if (device > 0) woken();
    if (device > 0 || reads !== 3) return undefined;
    started[0]?.lose();
    // Its answer arrives when the other device is at work already.
    return second;
  }, stepMs);
  await engine.open(OPEN);
  const summary = await engine.scans.run(REQUEST);
  expect(started).toHaveLength(2);
  expect(notices).toEqual([expect.stringContaining("The GPU was lost")]);
  expect(summary.finished).toBe(true);
  const found = await kept();
  if (!found) throw new Error("The scan was not kept.");
  expect(content(found)).toEqual(content(wanted));
  expect(sums(found)).toEqual(sums(wanted));
});

it("lost twice, ends in a clear error and keeps what was scanned", async () => {
  const wanted = await whole();
  let release = (): void => undefined;
  const late = new Promise<void>((resolve) => (release = resolve));
  const { engine, started, kept } = setUp((device, reads) => {
    if (reads !== 2 || device > 1) return undefined;
    started[device]?.lose();
    return late;
  }, 0);
  await engine.open(OPEN);
  await expect(engine.scans.run(REQUEST)).rejects.toMatchObject({
    code: "DeviceLost",
    message: expect.stringContaining("twice within a minute"),
  });
  const part = await kept();
  expect(part?.finished).toBe(false);
  expect(part?.tokens).toBeGreaterThan(0);
  // What the lost devices had found arrives now: it belongs to nothing any more.
  release();
  // On what the reader opens next it goes on from there.
  await engine.open(OPEN);
  let first = Infinity;
  await engine.scans.run(REQUEST, {
    onProgress: ({ stage, done }) => {
      if (stage === "Scanning") first = Math.min(first, done);
    },
  });
  expect(first).toBeGreaterThan(part?.tokens ?? Infinity);
  const found = await kept();
  if (!found || !wanted) throw new Error("The scan was not kept.");
  expect(content(found)).toEqual(content(wanted));
});
