// The law of the page, on the page itself: after any actions, once it is quiet, it shows what a fresh page opened from its
// own link shows. A seed draws the actions (law/actions.ts); what a page shows is read as lines (law/shown.ts).
// FACET_FULL=1 FACET_FUZZ_SEED=7 FACET_FUZZ_ACTIONS=50 npx playwright test law.spec.ts draws those of one seed again: what each finds
// to press depends on how far jobs are, so a failure tells what was done too.

import { randomSource } from "../../../src/lib/random.ts";
import { readFragment, writeFragment } from "../../../src/state/permalink.ts";
import { DEFAULT_VIEW, type View } from "../../../src/state/view.ts";
import { startDemoHub, MODEL, SAE, SAES } from "../hubPage.ts";
import { installActions, type Told } from "./law/actions.ts";
import { installShown, type Shown } from "./law/shown.ts";
import type { BrowserContext } from "@playwright/test";
import { expect, openFacet, type Page, test } from "../test.ts";

const ASKED = process.env["FACET_FUZZ_SEED"];
const SEEDS = ASKED !== undefined ? [Number(ASKED)] : [1, 2, 3];
const ACTIONS = Number(process.env["FACET_FUZZ_ACTIONS"] ?? 500);
/** Actions between two looks at what a fresh page shows. */
const EVERY = 25;
/** Actions that are told when a page differs: those since the look before, and some before it. */
const TOLD = 40;
/** A page that is busy for longer never comes to rest. */
const PATIENCE_MS = 120_000;

/**
 * What may differ, and why. Whatever is not here is in the link, or kept in this browser, and so the same on both pages.
 */
const MAY_DIFFER: readonly (readonly [selector: string, why: string])[] = [
  [".scan-stopped", "a scan that was paused on this page; the list of scans has it, for both"],
  ["[data-testid=scan-panel] .error", "what became of a scan that was asked for on this page"],
  [".corpus-form", "a form that is half filled in"],
  ["[data-testid=scan-panel] > .button-row", "what that form lacks"],
  [".edit-form input", "a form that is half filled in"],
  [".edit-form .field", "a form that is half filled in"],
  ["[data-testid=continuation]", "made on request, with settings and a seed that no link has"],
  ["[data-testid=attribution]", "made on request, for a token that no link has"],
  ["[data-testid=self-check]", "made on request, and it reads the whole model"],
];

/**
 * What is made on request, by the button that asks for it and what is there once it is made: where one page was asked, the
 * other is asked too, and then both show the same.
 */
const ON_REQUEST: readonly (readonly [button: string, made: string])[] = [
  ["[data-testid=verify-text]", "[data-testid=verify] [data-kind=text][data-value]"],
  ["[data-testid=predict]", "[data-testid=next-tokens]"],
  [
    "[data-testid=load-nearest]",
    "[data-testid=label-search]:not(:has([data-testid=load-nearest]))",
  ],
  [
    "[data-testid=load-projection]",
    "[data-testid=switch-map-layout]:not(:has(~ * [data-testid=load-projection]))",
  ],
];

/** What is left behind of the session before pages are compared, each with what a reader would press. */
const LEAVE = [
  // An opening that failed or was cancelled is told of until it is dismissed.
  "[data-testid=dismiss]",
  // What was stopped is offered again.
  ".compare-status > p > .button",
  ".downstream .button",
  // The same matches, from the other side.
  "[data-testid=match-side] input[value=a]:not(:checked)",
].join(", ");

const view = (part: Partial<View>): string => writeFragment({ ...DEFAULT_VIEW, ...part });

function tasks(hub: string): Omit<Told, "seeds"> {
  const hosted = { endpoint: hub, model: MODEL, sae: SAE };
  return {
    links: [
      "",
      view({ sae: "blocks.5.hook_resid_post", feature: 3, place: "feature" }),
      view({ feature: 21, token: 4, units: "raw" }),
      view({ text: "The king.", place: "sae", mapColour: "difference" }),
      view({ place: "find", sort: "max", descending: true, list: [{ feature: 5, note: "five" }] }),
      view({ place: "compare", otherSae: "blocks.3.hook_resid_post_topk", colour: "l0" }),
      view({
        edits: [{ feature: 9, mode: "ablate", positions: "all", on: true }],
        colour: "edit-kl",
      }),
      view({ sae: "missing", feature: 3, list: [{ feature: 3, note: "" }] }),
      view({ feature: 999_999, place: "feature" }),
      view({ token: 4000, scan: "nowhere" }),
      view({ ...hosted, feature: 8 }),
      view({ ...hosted, model: "someone/nothing" }),
      "sae=&text=%ff&unknown=1&feature=-1",
    ],
    opens: [
      { model: "demo", sae: DEFAULT_VIEW.sae },
      { model: "demo", sae: "blocks.0.hook_resid_post" },
      { model: "demo", sae: "blocks.3.hook_resid_post_topk", precision: "int8" },
      { model: "demo", sae: "nowhere" },
      { ...hosted, sae: `${SAES}/nowhere` },
    ],
  };
}

/** A page on which actions can be done, and that can be read. */
async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  // A page that draws nothing while nothing changes.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.addInitScript(`window.randomSource = ${randomSource.toString()}`);
  await page.addInitScript(installActions);
  await page.addInitScript(installShown);
  return page;
}

const quiet = (page: Page): Promise<string[]> =>
  page.evaluate(({ patience, leave }) => window.quiet(patience, leave), {
    patience: PATIENCE_MS,
    leave: LEAVE,
  });
const has = (page: Page, selector: string): Promise<boolean> =>
  page.evaluate((of) => document.querySelector(of) !== null, selector);

const press = (page: Page, selector: string): Promise<void> =>
  page.evaluate((of) => document.querySelector<HTMLElement>(of)?.click(), selector);

interface Seen {
  readonly address: string;
  readonly link: string;
  readonly shown: Shown;
  /** Of the text, by the worker: what is open there. */
  readonly report: unknown;
  readonly exported: string | null;
}

async function look(page: Page): Promise<Seen> {
  const ignored = MAY_DIFFER.map(([selector]) => selector).join(", ");
  const seen = await page.evaluate(
    async (selectors) => ({
      link: window.facet.permalink(),
      shown: window.shown(selectors),
      report: await window.facet.analyze("the king").catch(String),
      exported: await window.exported(),
    }),
    ignored,
  );
  return { ...seen, address: page.url() };
}

/** What is in one and not in the other, with the line before it. */
function missing(from: readonly string[], of: readonly string[]): string[] {
  const there = new Map<string, number>();
  for (const line of of) there.set(line, (there.get(line) ?? 0) + 1);
  return from.flatMap((line, i) => {
    const left = there.get(line) ?? 0;
    there.set(line, left - 1);
    return left > 0 ? [] : [`${from[i - 1] ?? ""} › ${line}`];
  });
}

/** Where two reports differ first; null where they do not. */
function firstDifference(a: unknown, b: unknown, path = "report"): string | null {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b) ? null : `${path}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`;
  }
  const [one, other] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  for (const name of new Set([...one.keys(), ...other.keys()])) {
    const found = firstDifference(one.get(name), other.get(name), `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}

const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

const viewAt = (address: string): View => ({
  ...readFragment(new URL(address).hash).view,
  modelRevision: null,
  saeRevision: null,
  otherRevision: null,
});

/** How two pages differ: nothing, if all is well. */
function differences(page: Seen, fresh: Seen): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const note = (name: string, value: unknown, nothing: unknown): void => {
    if (JSON.stringify(value) !== JSON.stringify(nothing)) found[name] = value;
  };
  // The view is what its address says, but for the commits.
  note("the address", viewAt(page.address), viewAt(page.link));
  note(
    "the link of the page and of the fresh one",
    [page.link, fresh.link],
    [page.link, page.link],
  );
  note(
    "provenance",
    [page.shown.provenance, fresh.shown.provenance],
    [page.shown.provenance, page.shown.provenance],
  );
  for (const part of ["header", "main"] as const) {
    note(`${part} of the page alone`, missing(page.shown[part], fresh.shown[part]), []);
    note(`${part} of the fresh page alone`, missing(fresh.shown[part], page.shown[part]), []);
  }
  note("reports", firstDifference(page.report, fresh.report), null);
  note("exports", firstDifference(parsed(page.exported), parsed(fresh.exported)), null);
  return found;
}

/** Opens what the page's link says beside it, and tells how the two differ. */
async function compared(page: Page, fresh: Page): Promise<Record<string, unknown>> {
  const waiting = await quiet(page);
  const link = await page.evaluate(() => window.facet.permalink());
  await fresh.goto("about:blank");
  await fresh.goto(link);
  await isOpen(fresh);
  const freshWaiting = await quiet(fresh);
  for (const [button, made] of ON_REQUEST) {
    const [here, there] = [await has(page, made), await has(fresh, made)];
    if (here === there) continue;
    const asked = here ? fresh : page;
    await press(asked, button);
    await quiet(asked);
  }
  const found = differences(await look(page), await look(fresh));
  return {
    ...found,
    ...(waiting.length + freshWaiting.length > 0 && { "never quiet": [waiting, freshWaiting] }),
  };
}

async function isOpen(page: Page): Promise<void> {
  await page.waitForFunction(() => "facet" in window);
  // What could not be opened is told on the page.
  await page.evaluate(() => window.facet.ready.catch(() => undefined));
}

for (const seed of SEEDS) {
  test(`${ACTIONS} random actions, seed ${seed}: the page shows what its link shows @full`, async ({
    context,
    complaints,
  }) => {
    test.setTimeout(120_000 + ACTIONS * 6000);
    const hub = await startDemoHub();
    const [page, fresh] = [await newPage(context), await newPage(context)];
    await openFacet(page);
    const random = randomSource(seed);
    const done: string[] = [];
    for (let count = 0; count < ACTIONS; count += EVERY) {
      const seeds = Array.from({ length: Math.min(EVERY, ACTIONS - count) }, () =>
        Math.floor(random() * 2 ** 32),
      );
      const before = page.url();
      done.push(
        ...(await page.evaluate((told) => window.act(told), { ...tasks(hub.endpoint), seeds })),
      );
      const found = await compared(page, fresh);
      const told = done
        .slice(-TOLD)
        .map((did, i) => `${done.length - Math.min(TOLD, done.length) + i + 1} ${did}`);
      const report = `seed ${seed}, from ${before}\n${told.join("\n")}\n`;
      expect.soft(found, report).toEqual({});
      if (Object.keys(found).length > 0) {
        // What was wrong stays wrong: from here on with a fresh page, so that one run shows every fault.
        await page.goto("about:blank");
        await page.goto(fresh.url());
        await isOpen(page);
      }
    }
    // Hubs that do not have what is asked for say so in the console.
    const others = complaints.filter((text) => !text.includes("Failed to load resource"));
    expect(others).toEqual([]);
    complaints.length = 0;
    await hub.close();
  });
}
