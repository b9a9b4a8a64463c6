// Times typing into a text of 1,000 tokens on the built page: frames a second in a browser trace, and what a key costs the
// page's main thread in CPU time, which a busy machine does not lengthen.

import { round, spread, table, told } from "./statistics.mjs";

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").CDPSession} Session */
/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {{ name: string, ts: number, ph: string }} TraceEvent ts in µs */
/** @typedef {"all" | "script" | "style" | "layout"} Cost */
/** @typedef {{ framesPerSecond: number, p50: number, p95: number, longest: number, costs: Record<Cost, number> }} Run times in ms */
/** @typedef {{ name: string, figures: Record<string, Spread> }} Row */
/** @typedef {Awaited<ReturnType<typeof typingTimes>>} TypingTimes */

/** The bundled model's context is 1,024; what is typed must fit too. */
const TOKENS = 1000;
const WORDS = "And the king said unto his servants, Go up against the city, for the day is come. ";
/** Typed and taken back, so that the text is as long as it was. */
const TYPED = "whale rose";
/**
 * Fast enough that typing never settles, so each key costs the box and what follows the view; and so slow that it does with
 * each key, so each asks for an analysis too.
 */
const RHYTHMS = [
  { name: "10 keys a second", everyMs: 100 },
  { name: "4 keys a second", everyMs: 250 },
];
const CATEGORIES = [
  "blink.user_timing",
  "devtools.timeline",
  "devtools.timeline.frame",
  "disabled-by-default-devtools.timeline.frame",
];
/** Of Chromium's metrics: seconds of the main thread since it started. */
const METRICS = /** @type {const} */ ({
  all: "TaskDuration",
  script: "ScriptDuration",
  style: "RecalcStyleDuration",
  layout: "LayoutDuration",
});

/**
 * @param {Browser} browser
 * @param {string} address of the built page
 * @param {number} runs
 * @param {(line: string) => void} log
 */
export async function typingTimes(browser, address, runs, log) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(120_000);
  try {
    log("typing: a text of 1,000 tokens");
    await page.goto(address);
    await page.evaluate(() => window.facet.ready);
    const tokens = await fill(page);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    /** @type {Row[]} */
    const rows = [];
    for (const { name, everyMs } of RHYTHMS) {
      log(`typing: ${name}`);
      await type(page, everyMs);
      /** @type {Run[]} */
      const measured = [];
      for (let run = 0; run < runs; run++) {
        measured.push(await once(browser, page, session, everyMs));
      }
      const of = (/** @type {(run: Run) => number} */ figure) => spread(measured.map(figure));
      rows.push({
        name,
        figures: {
          "frames a second": of((run) => run.framesPerSecond),
          "between two frames, median, ms": of((run) => run.p50),
          "95 of 100 within, ms": of((run) => run.p95),
          "longest, ms": of((run) => run.longest),
          "main thread a key, CPU ms": of((run) => run.costs.all),
          "of it script": of((run) => run.costs.script),
          style: of((run) => run.costs.style),
          layout: of((run) => run.costs.layout),
        },
      });
    }
    return { tokens, rows };
  } finally {
    await page.close();
  }
}

/**
 * Puts a text of about `TOKENS` tokens into the box, and waits until all of it is coloured.
 * @param {Page} page
 */
async function fill(page) {
  const [text, count] = await page.evaluate(
    async ([words, most]) => {
      const { tokens } = await window.facet.analyze(words.repeat(10));
      const each = (tokens.length - 1) / 10;
      const whole = words.repeat(Math.floor((most - 1) / each));
      return /** @type {const} */ ([whole, (await window.facet.analyze(whole)).tokens.length]);
    },
    /** @type {const} */ ([WORDS, TOKENS]),
  );
  const box = page.getByTestId("text-input");
  await box.fill(text);
  await page.locator(`[data-testid="token-strip"] [data-position="${count - 1}"]`).waitFor();
  await box.focus();
  await page.keyboard.press("Control+End");
  return count;
}

/**
 * @param {Page} page
 * @param {number} everyMs
 * @returns how many keys that were
 */
async function type(page, everyMs) {
  await page.keyboard.type(TYPED, { delay: everyMs });
  for (const _ of TYPED) await page.keyboard.press("Backspace", { delay: everyMs });
  return 2 * TYPED.length;
}

/** @param {Session} session @returns {Promise<Record<Cost, number>>} ms so far */
async function costs(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (/** @type {string} */ name) =>
    1000 * (metrics.find((metric) => metric.name === name)?.value ?? NaN);
  return {
    all: of(METRICS.all),
    script: of(METRICS.script),
    style: of(METRICS.style),
    layout: of(METRICS.layout),
  };
}

/**
 * @param {Browser} browser
 * @param {Page} page
 * @param {Session} session
 * @param {number} everyMs
 * @returns {Promise<Run>}
 */
async function once(browser, page, session, everyMs) {
  // A square that changes its colour asks for every frame, so that a late one shows.
  const stop = await page.evaluateHandle(() => {
    const square = document.createElement("div");
    square.style.cssText =
      "position:fixed;inset:0 auto auto 0;width:8px;height:8px;z-index:9;contain:strict";
    document.body.append(square);
    let [odd, on] = [false, true];
    const frame = () => {
      odd = !odd;
      square.style.background = odd ? "#000" : "#fff";
      if (on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return () => {
      on = false;
      square.remove();
    };
  });
  await browser.startTracing(page, { categories: CATEGORIES });
  const before = await costs(session);
  await page.evaluate(() => void performance.mark("bench begins"));
  const keys = await type(page, everyMs);
  await page.evaluate(() => void performance.mark("bench ends"));
  const after = await costs(session);
  /** @type {{ traceEvents: TraceEvent[] }} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await stop.evaluate((end) => end());
  const times = (/** @type {string} */ name) =>
    traceEvents
      .filter((event) => event.name === name && event.ph !== "E")
      .map(({ ts }) => ts / 1000)
      .toSorted((a, b) => a - b);
  const [from = NaN] = times("bench begins");
  const [to = NaN] = times("bench ends");
  const drawn = times("DrawFrame").filter((time) => time >= from && time <= to);
  const gaps = drawn
    .slice(1)
    .map((time, i) => time - (drawn[i] ?? NaN))
    .toSorted((a, b) => a - b);
  const a = (/** @type {Cost} */ cost) => (after[cost] - before[cost]) / keys;
  return {
    framesPerSecond: (1000 * drawn.length) / (to - from),
    p50: gaps[gaps.length >> 1] ?? NaN,
    p95: gaps[Math.floor(0.95 * gaps.length)] ?? NaN,
    longest: gaps.at(-1) ?? NaN,
    costs: { all: a("all"), script: a("script"), style: a("style"), layout: a("layout") },
  };
}

/** @param {TypingTimes} times */
export const typingTold = ({ tokens, rows }) =>
  `Typing at the end of a text of ${tokens} tokens, in a browser trace (bar: 60 frames a second; a key within 16.7 ms)\n` +
  table(
    ["", ...rows.map(({ name }) => name)],
    Object.keys(rows[0]?.figures ?? {}).map((figure) => [
      figure,
      ...rows.map(({ figures }) => {
        const found = figures[figure];
        return found ? told(found) : round(NaN);
      }),
    ]),
  );
