// Times the views that hold every feature, at 16,384 of them, in a browser trace: frames a second while the table scrolls,
// and how long after a change of the threshold the map stands redrawn. The page is the app's own (tests/bench/views).

import { rm } from "node:fs/promises";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { build, preview } from "vite";
import { spread, table, told } from "./statistics.mjs";

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {{ name: string, ts: number, ph: string, cat: string }} TraceEvent ts in µs */
/** @typedef {Awaited<ReturnType<typeof viewTimes>>} ViewTimes */

const ROOT = join(import.meta.dirname, "../..");
const OUT = join(ROOT, ".cache/bench-views");
const SCROLL_MS = 3000;
/** Pixels a frame: a page of the table in a third of a second. */
const SCROLL_STEP = 40;
const CATEGORIES = [
  "blink.user_timing",
  "devtools.timeline",
  "devtools.timeline.frame",
  "disabled-by-default-devtools.timeline.frame",
];

/**
 * @param {Browser} browser
 * @param {number} runs
 * @param {(line: string) => void} log
 */
export async function viewTimes(browser, runs, log) {
  log("views at full size: building");
  await build({
    configFile: false,
    root: join(import.meta.dirname, "views"),
    base: "./",
    plugins: [react()],
    logLevel: "error",
    build: { target: "es2023", outDir: OUT, emptyOutDir: true },
  });
  const server = await preview({
    configFile: false,
    root: join(import.meta.dirname, "views"),
    build: { outDir: OUT },
  });
  const address = server.resolvedUrls?.local[0] ?? "";
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    log("views at full size: the table scrolls");
    const own = [];
    for (let run = 0; run < runs; run++) own.push((await scroll(browser, page, "none")).perSecond);
    await page.goto(`${address}#place=find`);
    await page.locator(".table-row").first().waitFor();
    const scrolls = [];
    for (let run = 0; run < runs; run++) scrolls.push(await scroll(browser, page, "table"));
    log("views at full size: the map's threshold changes");
    await page.goto(`${address}#place=sae`);
    await page.getByTestId("dead-map").waitFor();
    const redraws = [];
    for (let run = 0; run < runs; run++) redraws.push(...(await redraw(browser, page)));
    return {
      features: 16_384,
      framesPerSecond: spread(scrolls.map(({ perSecond }) => perSecond)),
      /** What the machine can do at this moment: frames while a square changes its colour. */
      own: spread(own),
      longestFrameMs: spread(scrolls.map(({ longest }) => longest)),
      redrawMs: spread(redraws),
    };
  } finally {
    await page.close();
    await server.close();
    await rm(OUT, { recursive: true, force: true });
  }
}

/**
 * What the browser traced while the page did something.
 * @param {Browser} browser
 * @param {Page} page
 * @param {() => Promise<void>} work
 */
async function traced(browser, page, work) {
  await browser.startTracing(page, { categories: CATEGORIES });
  await work();
  /** @type {{ traceEvents: TraceEvent[] }} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const times = (/** @type {string} */ name) =>
    traceEvents
      .filter((event) => event.name === name && event.ph !== "E")
      .map(({ ts }) => ts / 1000)
      .toSorted((a, b) => a - b);
  return { frames: times("DrawFrame"), times };
}

/**
 * @param {Browser} browser
 * @param {Page} page
 * @param {"table" | "none"} what scrolls; none: a square of the page's own changes its colour instead
 */
async function scroll(browser, page, what) {
  const { frames, times } = await traced(browser, page, () =>
    page.evaluate(
      ({ ms, step, scrolls }) =>
        new Promise((resolve) => {
          const rows = document.querySelector('[data-testid="feature-table"]');
          if (scrolls) {
            if (rows === null) throw new Error("no table");
            rows.scrollTop = 0;
          }
          const square = document.createElement("div");
          square.style.cssText =
            "position:fixed;inset:0 auto auto 0;width:8px;height:8px;z-index:9";
          if (!scrolls) document.body.append(square);
          let odd = false;
          const end = performance.now() + ms;
          performance.mark("bench begins");
          const frame = () => {
            odd = !odd;
            if (scrolls && rows !== null) rows.scrollTop += step;
            else square.style.background = odd ? "#000" : "#fff";
            if (performance.now() < end) requestAnimationFrame(frame);
            else {
              performance.mark("bench ends");
              square.remove();
              resolve();
            }
          };
          requestAnimationFrame(frame);
        }),
      { ms: SCROLL_MS, step: SCROLL_STEP, scrolls: what === "table" },
    ),
  );
  const [from = NaN] = times("bench begins");
  const [to = NaN] = times("bench ends");
  const drawn = frames.filter((time) => time >= from && time <= to);
  const gaps = drawn.slice(1).map((time, i) => time - (drawn[i] ?? NaN));
  return { perSecond: (1000 * drawn.length) / (to - from), longest: Math.max(...gaps) };
}

/**
 * From the change of the slider to the frame that shows the map redrawn, for some thresholds.
 * @param {Browser} browser
 * @param {Page} page
 */
async function redraw(browser, page) {
  const thresholds = [-6, -4, -3, -2, -5];
  const { frames, times } = await traced(browser, page, () =>
    page.evaluate(async (values) => {
      const slider = document.querySelector('[data-testid="dead-threshold"]');
      if (!(slider instanceof HTMLInputElement)) throw new Error("no slider");
      for (const value of values) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        performance.mark("bench changes");
        // As a reader's hand does it: React hears of a value that it did not set itself.
        Reflect.set(HTMLInputElement.prototype, "value", String(value), slider);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        // React has drawn the map before the event is over.
        performance.mark("bench drawn");
      }
      await new Promise((resolve) => setTimeout(resolve, 150));
    }, thresholds),
  );
  const drawn = times("bench drawn");
  return times("bench changes").map((from, i) => {
    const shown = frames.find((time) => time > (drawn[i] ?? Infinity)) ?? NaN;
    return shown - from;
  });
}

/** @param {ViewTimes} times */
export const viewsTold = ({ features, framesPerSecond, longestFrameMs, own, redrawMs }) =>
  `Views of ${features.toLocaleString("en-US")} features, in a browser trace\n` +
  table(
    ["", "", "bar"],
    [
      ["the table scrolls, frames a second", told(framesPerSecond), "≥ 50"],
      ["longest time between two frames, ms", told(longestFrameMs), ""],
      ["frames a second of a page that does nothing", told(own), ""],
      ["the map redraws after a change of its threshold, ms", told(redrawMs), "≤ 50"],
    ],
  );
