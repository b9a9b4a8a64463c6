// The way that every reader goes, in one browser after another: open, type, a feature's page, Verify, a link, a scan of
// a small file, a visit without a network. What it shows agrees with the goldens. One visit of the page a test.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BackendName, MetricName, Metrics } from "../../src/lib/report.ts";
import { expectMetrics, expectTokens, within } from "../support/agree.ts";
import { demoGoldens } from "../support/engineSuite.ts";
import { repository } from "../support/files.ts";
import type { Browser } from "./browser.ts";
import { Reader, testId } from "./reader.ts";
import { serveBuild, type Server } from "./server.ts";

/** The SAE that a plain visit opens. */
const SAE = "blocks.3.hook_resid_post_fast_lr";
const GOLDENS = demoGoldens().filter(
  ({ sae, activation, mask }) => sae === SAE && activation === "tanh" && mask === "all",
);
const golden = (start: string) => {
  const found = GOLDENS.find(({ text }) => text.startsWith(start));
  if (found === undefined) throw new Error(`There is no golden for a text that starts ${start}.`);
  return found;
};
const WHALE = golden("The whale rose");
const CITIZENS = golden("Fellow citizens");

const SCREENSHOTS = repository("test-results/engines");

export interface Engine {
  readonly title: string;
  readonly backend: BackendName;
  readonly start: () => Promise<Browser>;
}

export function describeMainPath({ title, backend, start }: Engine): void {
  describe(`${title}: the main path`, () => {
    let server: Server;
    let browser: Browser;
    let reader: Reader;
    beforeAll(async () => {
      server = await serveBuild();
      browser = await start();
      reader = new Reader(browser, server.address, { backend });
    });
    afterAll(async () => {
      await browser?.close();
      await server?.stop();
    });
    afterEach(async ({ task }) => {
      if (task.result?.state !== "fail") return;
      mkdirSync(SCREENSHOTS, { recursive: true });
      const name = `${title} ${task.name}`.replaceAll(/[^A-Za-z0-9]+/g, "-");
      const file = join(SCREENSHOTS, `${name}.png`);
      writeFileSync(file, await browser.screenshot());
      console.error(`${browser.name} showed ${file}`);
    });

    it("opens, and colours what is typed", async () => {
      await reader.open();
      await reader.write(WHALE.text);
      expect(await reader.count(`${testId("token-strip")} [data-tinted]`)).toBeGreaterThan(3);
      const analysis = await reader.analyze(WHALE.text);
      expect(analysis.backend.name).toBe(backend);
      expect(analysis.sae.folder).toBe(SAE);
      expectTokens(analysis.tokens, WHALE.report.tokens, false, browser.name);
      expect(await browser.evaluate(() => window.crossOriginIsolated)).toBe(true);
      expect(browser.complaints).toEqual([]);
    });

    it("shows the feature that is chosen", async () => {
      await reader.open({ text: WHALE.text, units: "raw" });
      await reader.settled(WHALE.text);
      await reader.click(`${testId("text-features")} [data-feature]`);
      await reader.click(testId("place-feature"));
      await reader.shows(`${testId("logit-lens")} li`);
      await reader.shows(`${testId("neighbours")} a[data-feature]`);
      const feature = Number(await reader.value(testId("feature-number")));
      expectStrip(await reader.stripValues(), activations(WHALE, feature), browser.name);
      const report = await browser.evaluate((index) => window.facet.feature(index), feature);
      expect(report.index).toBe(feature);
      expect(browser.complaints).toEqual([]);
    });

    it("verifies", async () => {
      await reader.open({ place: "sae", mask: "all", text: WHALE.text });
      await reader.click(testId("verify-text"));
      const cell = (metric: string) => `${testId(`metric-${metric}`)} [data-kind="text"]`;
      await reader.shows(`${cell("ceClean")}[data-value]`);
      const shown: [string, string | null][] = [];
      for (const metric of ["l0", "mse", "explainedVariance", "ceClean", "ceSae", "ceZero"]) {
        shown.push([metric, await reader.attribute(cell(metric), "data-value")]);
      }
      const wanted = shown.map(([name]) => [name, WHALE.report.metrics[name as MetricName]]);
      const found = shown.map(([name, value]) => [name, value === null ? null : Number(value)]);
      expectMetrics(
        Object.fromEntries(found) as Metrics,
        Object.fromEntries(wanted) as Partial<Metrics>,
        browser.name,
      );
      expect(browser.complaints).toEqual([]);
    });

    it("follows a link and goes back, and a link brings the same page again", async () => {
      const feature = strongest(CITIZENS);
      const view = { place: "feature", feature: String(feature), text: CITIZENS.text };
      await reader.open({ ...view, units: "raw" });
      await reader.settled(CITIZENS.text);
      const values = await reader.stripValues();
      expectStrip(values, activations(CITIZENS, feature), browser.name);

      const link = `${testId("neighbours")} a[data-feature]`;
      // The scan's figures arrive last, and move what is below them.
      await reader.contains(`${testId("neighbours")} li`, "%");
      const neighbour = await reader.attribute(link, "data-feature");
      await reader.click(link);
      await reader.hasValue(testId("feature-number"), neighbour ?? "");
      const permalink = await browser.evaluate(() => window.facet.permalink());
      await browser.evaluate(() => history.back());
      await reader.hasValue(testId("feature-number"), String(feature));
      await reader.settled(CITIZENS.text);
      expect(await reader.stripValues()).toEqual(values);

      await reader.visit(permalink);
      await reader.hasValue(testId("feature-number"), neighbour ?? "");
      await reader.settled(CITIZENS.text);
      const other = activations(CITIZENS, Number(neighbour));
      expectStrip(await reader.stripValues(), other, browser.name);
      expect(browser.complaints).toEqual([]);
    });

    it("scans a small file", async () => {
      const folder = mkdtempSync(join(tmpdir(), "facet-engines-"));
      try {
        const file = join(folder, "small.jsonl");
        const documents = GOLDENS.map(({ text }) => JSON.stringify({ text }));
        writeFileSync(file, documents.join("\n"));
        await reader.open({ place: "sae" });
        await reader.clickText(testId("scan-corpus"), "files");
        await reader.shows(testId("scan-files"), { hidden: true });
        await browser.chooseFile(testId("scan-files"), file);
        await reader.click(testId("run-scan"));
        await reader.contains(testId("kept-scans"), "small.jsonl");
        await reader.gone(`${testId("scan-status")} ${testId("progress")}`);
      } finally {
        rmSync(folder, { recursive: true });
      }
      const found = await browser.evaluate(async () => {
        const scans = await window.facet.scans();
        const kept = scans.find(({ saved }) => saved !== null);
        const summary = await window.facet.scanSummary(kept?.id);
        return {
          tokens: summary?.tokens,
          finished: summary?.finished,
          count: [...(summary?.count ?? [])],
        };
      });
      // BOS is no part of a scan.
      const tokens = GOLDENS.flatMap(({ report }) => report.tokens.slice(1));
      expect(found).toEqual({
        tokens: tokens.length,
        finished: true,
        count: firings(tokens, found.count.length),
      });
      expect(browser.complaints).toEqual([]);
    });

    it("opens without a network on the second visit", async () => {
      await reader.open();
      await reader.keptOffline();
      await server.stop();
      await browser.reload();
      await reader.ready();
      await reader.write(CITIZENS.text);
      const analysis = await reader.analyze(CITIZENS.text);
      expectTokens(analysis.tokens, CITIZENS.report.tokens, false, browser.name);
      // What is loaded late is there too.
      await reader.click(testId("place-find"));
      await reader.shows(testId("label-search"));
      expect(await browser.evaluate(() => window.crossOriginIsolated)).toBe(true);
    });
  });
}

type Golden = (typeof GOLDENS)[number];

/** Raw activations of a feature, by position. */
const activations = ({ report }: Golden, feature: number): number[] =>
  report.tokens.map(({ features }) => features.find(({ index }) => index === feature)?.raw ?? 0);

/** The feature of the largest raw activation, BOS left out. */
function strongest({ report }: Golden): number {
  const all = report.tokens.slice(1).flatMap(({ features }) => features);
  return all.reduce((best, feature) => (feature.raw > best.raw ? feature : best)).index;
}

/** How many of the tokens each feature is active on. */
function firings(tokens: Golden["report"]["tokens"], dSae: number): number[] {
  const count = new Array<number>(dSae).fill(0);
  for (const { index } of tokens.flatMap(({ features }) => features)) {
    count[index] = (count[index] ?? 0) + 1;
  }
  return count;
}

/** @param found null where a token is outside of the scale: BOS. */
function expectStrip(found: (number | null)[], wanted: number[], label: string): void {
  expect(found.length, label).toBe(wanted.length);
  wanted.forEach((value, position) => {
    const shown = found[position] ?? (position === 0 ? value : 0);
    const at = `${label}, token ${position}: ${shown}, wanted ${value}`;
    expect(within(shown, value, 1e-3, 1e-3), at).toBe(true);
  });
}
