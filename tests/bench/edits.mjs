// Times interventions on the bundled model, beside one forward of the same text: an attribution (the exact ablation of
// every active feature of a position), an edit with its controls, a continuation. Jobs take turns.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ratios, round, spread, table, told } from "./statistics.mjs";

/** @typedef {import("./page/edits.ts").EditJob} EditJob */
/** @typedef {import("../../src/lib/report.ts").BackendName} BackendName */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {{ backend: BackendName, adapter: string, active: number, ms: Record<EditJob, Spread>, forwards: Record<EditJob, Spread> }} Row */

const ROOT = join(import.meta.dirname, "../..");
const SAE = "blocks.3.hook_resid_post_fast_lr";
const TOKENS = 64;
const WARM_UP = 2;
const JOBS = /** @type {const} */ (["forward", "attribute", "intervene", "generate"]);
/** Attribution in forwards: issue 6. */
const BAR = 6;

/** @returns {number[]} */
function textIds() {
  /** @type {{ sae: string, report: { tokens: { id: number }[] } }[]} */
  const all = JSON.parse(readFileSync(join(ROOT, "tests/fixtures/demo/goldens.json"), "utf8"));
  return all
    .filter(({ sae }) => sae === SAE)
    .flatMap(({ report }, i) => report.tokens.slice(i === 0 ? 0 : 1))
    .map(({ id }) => id)
    .slice(0, TOKENS);
}

/**
 * @param {import("@playwright/test").BrowserContext} context
 * @param {string} address of the built benchmark page
 * @param {number} runs
 * @param {(line: string) => void} log
 * @returns {Promise<Row[]>}
 */
export async function editTimes(context, address, runs, log) {
  const page = await context.newPage();
  await page.goto(address);
  const ids = textIds();
  /** @type {Row[]} */
  const rows = [];
  for (const backend of /** @type {const} */ (["webgpu", "tfjs-wasm"])) {
    log(`opening ${backend}`);
    const started = page.waitForEvent("worker");
    await page.evaluate(() => window.startContender("edits"));
    const worker = await started;
    const opened = await worker.evaluate(
      ([name, sae, given]) => editBench.open(name, sae, given),
      /** @type {[BackendName, string, number[]]} */ ([backend, SAE, ids]),
    );
    /** @type {Record<EditJob, number[]>} */
    const samples = { forward: [], attribute: [], intervene: [], generate: [] };
    for (let run = -WARM_UP; run < runs; run++) {
      log(`edits on ${backend}: ${run < 0 ? "warming up" : `run ${run + 1} of ${runs}`}`);
      for (const job of JOBS) {
        const ms = await worker.evaluate((one) => editBench.time(one), job);
        if (run >= 0) samples[job].push(ms);
      }
    }
    /** @param {(job: EditJob) => Spread} of @returns {Record<EditJob, Spread>} */
    const each = (of) => ({
      forward: of("forward"),
      attribute: of("attribute"),
      intervene: of("intervene"),
      generate: of("generate"),
    });
    rows.push({
      backend,
      ...opened,
      ms: each((job) => spread(samples[job])),
      forwards: each((job) => ratios(samples[job], samples.forward)),
    });
  }
  await page.close();
  return rows;
}

/** @param {readonly Row[]} rows */
export const editsTold = (rows) =>
  [
    `Interventions on the bundled model, ${TOKENS} tokens, ${SAE}; ×: in forwards of the whole model over the same text`,
    table(
      [
        "backend",
        "forward, ms",
        `ablating each feature, ms`,
        `× (bar < ${BAR})`,
        "edit + 20 controls, ms",
        "×",
        "16 tokens × 2, ms",
        "×",
      ],
      rows.map(({ backend, adapter, active, ms, forwards }) => [
        `${backend} (${adapter}), ${active} features`,
        told(ms.forward),
        told(ms.attribute),
        round(forwards.attribute.median),
        told(ms.intervene),
        round(forwards.intervene.median),
        told(ms.generate),
        round(forwards.generate.median),
      ]),
    ),
  ].join("\n");
