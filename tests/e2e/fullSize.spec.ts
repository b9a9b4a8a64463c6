// gemma-2b at full size (random weights, the real tokenizer and names) from the test hub, through the browser, against
// a float64 computation from the same bytes. The whole of it is `@full`; block 0 alone runs every time.

import type { FeatureActivation } from "../../src/lib/report.ts";
import {
  gemmaTensors,
  saeTensors,
  SYNTHETIC_FIRST_SAE_FOLDER,
  SYNTHETIC_MODEL_REPO,
  SYNTHETIC_SAE_FOLDER,
  SYNTHETIC_SAE_REPO,
  syntheticGemma,
  syntheticSae,
} from "../hub/syntheticGemma.ts";
import { startTestHub, type TestHub } from "../hub/server.ts";
import { tensorBytes } from "../hub/syntheticTensors.ts";
import { preActivations, residuals } from "../reference/gemma.ts";
import { expect, openFacet, test } from "./test.ts";

/** " The Golden Gate Bridge." by Gemma's own tokenizer. */
const TEXT = " The Golden Gate Bridge.";
const IDS = [2, 714, 17489, 22352, 16125, 235265];
const SHAPE = { dModel: 2048, heads: 8, kvHeads: 1, headDim: 256, eps: 1e-6, theta: 10000 };
const SAE = `${SYNTHETIC_SAE_REPO}/${SYNTHETIC_SAE_FOLDER}`;
/** With it the page, too, needs block 0 alone for its text. */
const FIRST_SAE = `${SYNTHETIC_SAE_REPO}/${SYNTHETIC_FIRST_SAE_FOLDER}`;

const model = new Map(gemmaTensors().map((tensor) => [tensor.name, tensor]));
const sae = new Map(saeTensors().map((tensor) => [tensor.name, tensor]));

let hub: TestHub;
test.beforeAll(async () => {
  hub = await startTestHub({
    repos: {
      [SYNTHETIC_MODEL_REPO]: { files: syntheticGemma() },
      [SYNTHETIC_SAE_REPO]: { files: syntheticSae() },
    },
  });
});
test.afterAll(() => hub.close());

type Page = Parameters<typeof openFacet>[0];

function open(page: Page, backend: string, wanted: string): Promise<unknown> {
  return page.evaluate(
    ([endpoint, saeName, backendName]) =>
      window.facet.open({
        model: "gemma-2b",
        sae: saeName,
        endpoint,
        backend: backendName as "webgpu" | "tfjs-wasm",
      }),
    [hub.endpoint, wanted, backend] as const,
  );
}

async function residual(page: Page, layer: number): Promise<number[][]> {
  return page.evaluate(
    async ([text, at]) => (await window.facet.residual(text, at)).map((row) => [...row]),
    [TEXT, layer] as const,
  );
}

/** Each row within 1e-4 of its norm. */
function expectRows(found: number[][], wanted: Float64Array[], label: string): void {
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((row, t) => {
    const error = Math.hypot(...row.map((value, j) => value - (found[t]?.[j] ?? NaN)));
    expect(error / Math.hypot(...row), `${label}, token ${t}`).toBeLessThan(1e-4);
  });
}

test("block 0 of gemma-2b on tfjs-wasm, streamed", async ({ page }) => {
  test.setTimeout(600_000);
  await openFacet(page);
  await open(page, "tfjs-wasm", FIRST_SAE);
  const [wanted = []] = residuals(model, SHAPE, IDS, 0);
  expectRows(await residual(page, 0), wanted, "resid_post_0");
});

for (const backend of ["webgpu", "tfjs-wasm"]) {
  test(`blocks 0 to 6 and the SAE on ${backend} @full`, async ({ page }) => {
    test.setTimeout(1_800_000);
    await openFacet(page);
    const before = hub.stats.bytes;
    await open(page, backend, SAE);
    const read = hub.stats.bytes - before;
    const all = residuals(model, SHAPE, IDS, 6);
    expectRows(await residual(page, 0), all[0] ?? [], "resid_post_0");
    const last = all[6] ?? [];
    expectRows(await residual(page, 6), last, "resid_post_6");

    const { tokens } = await page.evaluate((text) => window.facet.analyze(text), TEXT);
    expect(tokens.map(({ id }) => id)).toEqual(IDS);
    const wrong: string[] = [];
    preActivations(sae, last).forEach((row, t) => {
      const found = new Map(
        tokens[t]?.features.map((feature): [number, FeatureActivation] => [feature.index, feature]),
      );
      row.forEach((h, i) => {
        const raw = found.get(i)?.raw ?? 0;
        const wanted = Math.max(0, h);
        const atThreshold = Math.abs(h) <= 1e-3; // on or off
        if (!atThreshold && Math.abs(raw - wanted) > Math.max(1e-3, 1e-3 * wanted)) {
          wrong.push(`token ${t}, feature ${i}: ${raw}, wanted ${wanted}`);
        }
      });
    });
    expect(wrong).toEqual([]);

    // Frugal: nothing is read that these features do not need.
    const needed =
      [...model.values()]
        .filter(({ name }) => /^model\.layers\.[0-6]\./.test(name))
        .reduce((sum, tensor) => sum + tensorBytes(tensor), 0) +
      [...sae.values()].reduce((sum, tensor) => sum + tensorBytes(tensor), 0) +
      17_500_000;
    console.log(`${backend}: read ${read} bytes to open, ${needed} needed`);
    if (backend === "webgpu") expect(read).toBeLessThan(needed * 1.01);
  });
}
