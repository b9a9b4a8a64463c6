// Cancelled in the middle, again and again, an opening leaves nothing behind: the next one gives the right numbers and
// the GPU holds what a first one held. And a second visit to gemma-2b at full size reads nothing from the hub (`@full`).

import type { Page, Worker } from "@playwright/test";
import type { Analysis } from "../../src/lib/report.ts";
import type { ToWorker } from "../../src/worker/messages.ts";
import { startTestHub, type TestHub } from "../hub/server.ts";
import {
  SYNTHETIC_MODEL_REPO,
  SYNTHETIC_SAE_FOLDER,
  SYNTHETIC_SAE_REPO,
  syntheticGemma,
  syntheticSae,
} from "../hub/syntheticGemma.ts";
import { card, DEFAULT_SAE, expectSameTokens, goldenOf } from "./goldens.ts";
import { MODEL, SAE, startDemoHub } from "./hubPage.ts";
import { expect, openFacet, test } from "./test.ts";

const CANCELS = 20;
/** [4096, 128] in bf16, first in the bundled model's file. */
const EMBEDDING_BYTES = 4096 * 128 * 2;
const [FIRST = ""] = card.presets;

/** In a worker: counts GPU buffers that were made and not destroyed. */
function countBuffers(): void {
  const live = { buffers: 0, weights: 0, weightBytes: 0 };
  Object.assign(globalThis, { live });
  const make: (this: GPUDevice, descriptor: GPUBufferDescriptor) => GPUBuffer = Reflect.get(
    GPUDevice.prototype,
    "createBuffer",
  );
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = make.call(this, descriptor);
    const destroy = buffer.destroy.bind(buffer);
    // A slice of a weight is labelled by its rows, such as "W_enc [0, 512)".
    const weight = / \[\d+, \d+\)$/.test(descriptor.label ?? "");
    const count = (sign: 1 | -1): void => {
      live.buffers += sign;
      if (weight) live.weights += sign;
      if (weight) live.weightBytes += sign * descriptor.size;
    };
    let there = true;
    count(1);
    buffer.destroy = () => {
      if (there) count(-1);
      there = false;
      return destroy();
    };
    return buffer;
  };
}

interface Live {
  readonly buffers: number;
  readonly weights: number;
  readonly weightBytes: number;
}

function workerOf(page: Page): Worker {
  const [worker] = page.workers();
  if (worker === undefined) throw new Error("the page has no worker");
  return worker;
}

const live = (page: Page): Promise<Live> =>
  workerOf(page).evaluate(() => (globalThis as unknown as { live: Live }).live);

/** In the page: a way to cancel the last opening, as the page's own Cancel does. */
function keepWorker(): void {
  const Native = window.Worker;
  window.Worker = class extends Native {
    override postMessage(message: ToWorker, ...rest: never[]): void {
      super.postMessage(message, ...rest);
      if (message.type !== "call" || message.job !== "open") return;
      Object.assign(window, {
        cancel: () => super.postMessage({ type: "cancel", id: message.id }, []),
      });
    }
  };
}

interface Wanted {
  readonly model: string;
  readonly sae: string;
  readonly endpoint?: string;
}

/** "open", or the code of the error. */
const open = (page: Page, wanted: Wanted): Promise<string> =>
  page.evaluate(
    (request) =>
      window.facet.open({ ...request, backend: "webgpu" }).then(
        () => "open",
        (error: unknown) => (error as { code: string }).code,
      ),
    wanted,
  );

/** Everything loaded that the page may load by itself, the unembedding of the logit lens too. */
const analyze = (page: Page): Promise<Analysis> =>
  page.evaluate(async (text) => {
    await window.facet.feature(0);
    return window.facet.analyze(text);
  }, FIRST);

/** Bytes in the middle of what an opening read of the weights, spread over all of it. */
function middles(hub: TestHub, count: number): { path: string; at: number }[] {
  const reads = hub.stats.log.flatMap(({ server, url, range }) => {
    const path = /\/resolve\/[0-9a-f]+\/(.*\.safetensors)$/.exec(url)?.[1];
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    const bytes = Number(end) - Number(start);
    // What is shorter are headers. The embedding is read for texts.
    const embedding = path === "model.safetensors" && Number(start) < EMBEDDING_BYTES;
    if (server !== "hub" || path === undefined || bytes < 512_000 || embedding) return [];
    return [{ path, start: Number(start), bytes }];
  });
  const total = reads.reduce((sum, { bytes }) => sum + bytes, 0);
  return Array.from({ length: count }, (_, i) => {
    let left = Math.floor((total * (i + 1)) / (count + 1));
    for (const { path, start, bytes } of reads) {
      if (left < bytes) return { path, at: start + left };
      left -= bytes;
    }
    throw new Error("nothing of the weights was read");
  });
}

test("an opening that was cancelled 20 times leaves nothing on the GPU", async ({ browser }) => {
  const hub = await startDemoHub();
  const wanted = { model: MODEL, sae: SAE, endpoint: hub.endpoint };
  /** In a context of its own: nothing is kept from another visit. */
  const visit = async <T>(work: (page: Page) => Promise<T>): Promise<T> => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.addInitScript(keepWorker);
      // No GPU buffer is made before they are counted; the bundled model is open when the hub's is cancelled.
      await openFacet(page, { backend: "tfjs-wasm" });
      await workerOf(page).evaluate(countBuffers);
      expect(await open(page, { model: "demo", sae: DEFAULT_SAE })).toBe("open");
      return await work(page);
    } finally {
      await context.close();
    }
  };
  try {
    const first = await visit(async (page) => {
      expect(await open(page, wanted)).toBe("open");
      await analyze(page);
      return live(page);
    });
    const places = middles(hub, CANCELS);
    const after = await visit(async (page) => {
      for (const [i, place] of places.entries()) {
        hub.faults.clear();
        hub.faults.add({ kind: "stall", on: "cdn", ...place });
        const opening = open(page, wanted);
        await expect.poll(() => hub.faults.met, { intervals: [10], message: `fault ${i}` }).toBe(1);
        await page.evaluate(() => (window as unknown as { cancel(): void }).cancel());
        expect(await opening, `opening ${i}, stopped at ${place.path}, ${place.at}`).toBe(
          "Cancelled",
        );
      }
      hub.faults.clear();
      expect(await open(page, wanted)).toBe("open");
      const { tokens, model } = await analyze(page);
      expect(model.source).toBe(MODEL);
      expectSameTokens(tokens, goldenOf(FIRST).report.tokens);
      return live(page);
    });
    expect(first.weightBytes).toBeGreaterThan(1_000_000);
    expect(after).toMatchObject({ weights: first.weights, weightBytes: first.weightBytes });
    // Other buffers are kept for use again, a few more or less; one lost by each opening would show.
    expect(after.buffers - first.buffers).toBeLessThan(CANCELS);
  } finally {
    await hub.close();
  }
});

test("a second visit to gemma-2b reads no byte of the hub @full", async ({
  playwright,
  launchOptions,
  baseURL,
}, info) => {
  test.setTimeout(900_000);
  // Without a profile on disk a browser keeps a few hundred megabytes and no more.
  const context = await playwright.chromium.launchPersistentContext(info.outputPath("profile"), {
    ...launchOptions,
    ...(baseURL !== undefined && { baseURL }),
  });
  const page = await context.newPage();
  const hub = await startTestHub({
    repos: {
      [SYNTHETIC_MODEL_REPO]: { files: syntheticGemma() },
      [SYNTHETIC_SAE_REPO]: { files: syntheticSae() },
    },
  });
  const wanted = {
    model: "gemma-2b",
    sae: `${SYNTHETIC_SAE_REPO}/${SYNTHETIC_SAE_FOLDER}`,
    endpoint: hub.endpoint,
  };
  /** With the page's own text on it, which reads rows of the embedding. */
  const visit = async (): Promise<void> => {
    await openFacet(page);
    expect(await open(page, wanted)).toBe("open");
    const strip = page.getByTestId("token-strip");
    await expect(strip).not.toHaveAttribute("data-stale", { timeout: 600_000 });
  };
  try {
    await visit();
    expect(hub.stats.bytes).toBeGreaterThan(1.7e9);
    await page.goto("about:blank");
    hub.stats.clear();
    await visit();
    expect(hub.stats.bytes).toBe(0);
    expect(hub.stats.log).toEqual([]);
  } finally {
    await context.close();
    await hub.close();
  }
});
