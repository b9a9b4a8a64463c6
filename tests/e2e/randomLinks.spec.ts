// Random views as links, opened on the bundled model: each opens without an error, and its permalink is the view again.
// Some of them always, all thousand in the full run. Those that share a backend, a precision and an SAE follow each
// other, so that little is opened twice; each backend begins with a page that is loaded anew.

import fc from "fast-check";
import { readFragment, writeFragment } from "../../src/state/permalink.ts";
import type { View } from "../../src/state/view.ts";
import { bundledView } from "../support/views.ts";
import { expect, openFacet, type Page, test } from "./test.ts";

/** Views are drawn from this seed, so that a failure can be looked at again. */
const SEED = 20261122;
const SAMPLE = 48;
const ALL = 1000;
/** Of the bundled model. */
const VOCABULARY = 4096;
/** A page opens so many links before it is loaded anew. */
const PER_PAGE = 100;

/** What shows that something is on its way. A Verify of an older text stays dimmed until it is run again. */
const WAITING = [".provenance", ".strip", ".feature-card", ".columns-feature"]
  .map((part) => `${part}[data-stale]`)
  .concat(".progress", "[aria-busy=true]")
  .join(", ");

/** Looks at a page before it is said to be never done. */
const PATIENCE = 1500;

interface Opened {
  /** What was still on its way after all patience. */
  readonly waiting: readonly string[];
  /** Of every error on the page, the text. */
  readonly errors: readonly string[];
  readonly notices: readonly string[];
  readonly link: string;
}

/** Waits until nothing on the page is on its way, and looks at what there is. */
function opened(page: Page): Promise<Opened> {
  return page.evaluate(
    async ({ selector, patience }) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const waiting = () =>
        Array.from(document.querySelectorAll(selector), ({ className }) => className);
      // Calls run in order: once this one is through, so are those before it; their results may ask for more.
      for (let quiet = 0, looks = 0; quiet < 2 && looks < patience; looks++) {
        await window.facet.analyze("");
        await frame();
        await frame();
        quiet = waiting().length === 0 ? quiet + 1 : 0;
      }
      const texts = (part: string) =>
        Array.from(document.querySelectorAll(part), (element) => element.textContent ?? "");
      return {
        waiting: waiting(),
        errors: texts("[role=alert]"),
        notices: texts("[data-testid=notices] li"),
        link: window.facet.permalink(),
      };
    },
    { selector: WAITING, patience: PATIENCE },
  );
}

/** As a reader who changes the address, who goes back, or who follows a link in the page. */
const follow = (page: Page, fragment: string): Promise<void> =>
  page.evaluate(
    (hash) =>
      new Promise<void>((resolve) => {
        // A fragment that is there already is no step of the history.
        if (window.location.hash.slice(1) === hash) resolve();
        window.addEventListener("popstate", () => resolve(), { once: true });
        window.location.hash = hash;
      }),
    fragment,
  );

const place = ({ backend, precision, sae, activation }: View): string =>
  JSON.stringify([backend, precision, sae, activation]);

async function openEach(page: Page, complaints: readonly string[], runs: number): Promise<void> {
  await openFacet(page);
  const { saes } = await page.evaluate(() => window.facet.catalog());
  const bundled = saes
    .filter(({ model }) => model === "demo")
    .map(({ key, dSae }) => ({ key, dSae: dSae ?? 1 }));
  expect(bundled).toHaveLength(4);
  const views = fc
    .sample(bundledView(bundled, VOCABULARY), { seed: SEED, numRuns: runs })
    .toSorted((a, b) => place(a).localeCompare(place(b)));
  const revisions = { modelRevision: null, saeRevision: null, otherRevision: null };
  let before: View | null = null;
  for (const [i, view] of views.entries()) {
    const fragment = writeFragment(view);
    const quiet = complaints.length;
    if (view.backend !== before?.backend || i % PER_PAGE === 0) {
      await page.goto("about:blank");
      await openFacet(page, Object.fromEntries(new URLSearchParams(fragment)));
    } else {
      await follow(page, fragment);
    }
    before = view;
    const { errors, notices, link, waiting } = await opened(page);
    const again = { ...readFragment(new URL(link).hash).view, ...revisions };
    const refused = notices.filter((text) => text.includes("The link"));
    const found = { again, errors, refused, waiting, complaints: complaints.slice(quiet) };
    // The rest is opened all the same: one run shows every fault.
    const wanted = { again: view, errors: [], refused: [], waiting: [], complaints: [] };
    expect.soft(found, fragment).toEqual(wanted);
  }
}

test(`${SAMPLE} random links open`, async ({ page, complaints }) => {
  test.setTimeout(900_000);
  await openEach(page, complaints, SAMPLE);
});

test(`${ALL} random links open @full`, async ({ page, complaints }) => {
  test.setTimeout(14_400_000);
  await openEach(page, complaints, ALL);
});
