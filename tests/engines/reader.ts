// What a reader does on the page, and waits to see, in any browser. Nothing here knows what the numbers should be.

import type { Analysis } from "../../src/lib/report.ts";
import type { Browser } from "./browser.ts";

/** Milliseconds until what should be on the page is given up. */
const PATIENCE = 120_000;
/** Milliseconds between looks. */
const LOOK = 50;
/** Milliseconds after which a look is taken again: one that meets a page being replaced may get no answer at all. */
const LOST = 20_000;
/** Milliseconds without moving that count as rest. */
const REST = 200;
/** Of a text, enough of its end to know it by in the strip. */
const END = 8;

export const testId = (name: string): string => `[data-testid="${name}"]`;

const STRIP = testId("token-strip");

export class Reader {
  readonly #browser: Browser;
  readonly #address: string;
  readonly #always: Readonly<Record<string, string>>;

  /** @param always fields of every view that is opened */
  constructor(browser: Browser, address: string, always: Readonly<Record<string, string>>) {
    this.#browser = browser;
    this.#address = address;
    this.#always = always;
  }

  /** A fresh page with this view, once its model and SAE are open. */
  async open(view: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.visit(`${this.#address}#${new URLSearchParams({ ...this.#always, ...view })}`);
  }

  async visit(address: string): Promise<void> {
    // Another fragment alone would load nothing.
    await this.#browser.goto("about:blank");
    await this.#browser.goto(address);
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.#until("the page's scripts", () => "facet" in window);
    await this.#until("an open model", () =>
      Promise.race([
        window.facet.ready.then(() => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, 1000, false)),
      ]),
    );
  }

  analyze(text: string): Promise<Analysis> {
    return this.#browser.evaluate((typed) => window.facet.analyze(typed, { mask: "all" }), text);
  }

  /** Types a text in place of the one that is there, and waits until its tokens are coloured. */
  async write(text: string): Promise<void> {
    const box = testId("text-input");
    await this.shows(box);
    await this.#browser.evaluate(
      (selector) => document.querySelector<HTMLTextAreaElement>(selector)?.select(),
      box,
    );
    await this.#browser.type(box, text);
    await this.settled(text);
  }

  /** Until the coloured tokens are those of the text. */
  settled(text: string): Promise<void> {
    return this.#until(
      `the tokens of ${JSON.stringify(text)}`,
      (selector, end) => {
        const strip = document.querySelector(selector);
        return (
          strip !== null &&
          !strip.hasAttribute("data-stale") &&
          (strip.textContent ?? "").trimEnd().endsWith(end)
        );
      },
      STRIP,
      text.slice(-END),
    );
  }

  /** The values that colour the tokens, by position; null for tokens outside of the scale. */
  stripValues(): Promise<(number | null)[]> {
    return this.#browser.evaluate(
      (selector) =>
        [...document.querySelectorAll(selector)].map((token) => {
          const value = token.getAttribute("data-value");
          return value === null ? null : Number(value);
        }),
      `${STRIP} [data-position]`,
    );
  }

  /** On the first of what the selector finds, once it is enabled and stays where it is: rows above may still arrive. */
  async click(selector: string): Promise<void> {
    await this.#until(
      `${selector}, enabled and at rest`,
      async (what, rest) => {
        const place = (): string | null => {
          const found = document.querySelector(what);
          if (found === null || found.matches(":disabled")) return null;
          found.scrollIntoView({ block: "nearest" });
          const { x, y, width, height } = found.getBoundingClientRect();
          return width * height > 0 ? `${x} ${y}` : null;
        };
        const before = place();
        await new Promise((resolve) => setTimeout(resolve, rest));
        return before !== null && place() === before;
      },
      selector,
      REST,
    );
    await this.#browser.click(selector);
  }

  /** On the label with this text. */
  async clickText(selector: string, text: string): Promise<void> {
    await this.shows(`${selector} label`);
    const at = await this.#browser.evaluate(
      (what, wanted) =>
        [...document.querySelectorAll(what)].findIndex(
          (label) => label.textContent?.trim() === wanted,
        ),
      `${selector} label`,
      text,
    );
    if (at < 0) throw new Error(`There is no ${JSON.stringify(text)} in ${selector}.`);
    await this.click(`${selector} label:nth-of-type(${at + 1})`);
  }

  count(selector: string): Promise<number> {
    return this.#browser.evaluate((what) => document.querySelectorAll(what).length, selector);
  }

  attribute(selector: string, name: string): Promise<string | null> {
    return this.#browser.evaluate(
      (what, attribute) => document.querySelector(what)?.getAttribute(attribute) ?? null,
      selector,
      name,
    );
  }

  value(selector: string): Promise<string | null> {
    return this.#browser.evaluate(
      (what) => document.querySelector<HTMLInputElement>(what)?.value ?? null,
      selector,
    );
  }

  hasValue(selector: string, value: string): Promise<void> {
    return this.#until(
      `${selector} with ${value}`,
      (what, wanted) => document.querySelector<HTMLInputElement>(what)?.value === wanted,
      selector,
      value,
    );
  }

  /** Until it is on the page, and takes room there unless it is a hidden input. */
  shows(selector: string, { hidden = false } = {}): Promise<void> {
    return this.#until(
      selector,
      (what, any) => {
        const found = document.querySelector(what);
        return found !== null && (any || found.getClientRects().length > 0);
      },
      selector,
      hidden,
    );
  }

  gone(selector: string): Promise<void> {
    return this.#until(`no ${selector}`, (what) => document.querySelector(what) === null, selector);
  }

  contains(selector: string, text: string): Promise<void> {
    return this.#until(
      `${selector} with ${JSON.stringify(text)}`,
      (what, wanted) => document.querySelector(what)?.textContent?.includes(wanted) ?? false,
      selector,
      text,
    );
  }

  /** Until a service worker keeps the app. Asked again and again: where WebKit loses the answer, `ready` waits for ever. */
  keptOffline(): Promise<void> {
    return this.#until("an active service worker", async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return (registration?.active ?? null) !== null;
    });
  }

  /** Asks the page until it says yes; else an error that says what was waited for, and what is there instead. */
  async #until<Args extends unknown[]>(
    what: string,
    test: (...args: Args) => boolean | Promise<boolean>,
    ...args: Args
  ): Promise<void> {
    const end = performance.now() + PATIENCE;
    while ((await orLost(this.#browser.evaluate(test, ...args))) !== true) {
      if (performance.now() > end) {
        const shown = await orLost(this.#browser.evaluate(() => document.body.innerText));
        throw new Error(
          `Waiting for ${what}: it did not come. The page says:\n${shown ?? "nothing: it does not answer"}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }
}

/** The page's answer, or null where there was none in time. */
async function orLost<Result>(answer: Promise<Result>): Promise<Result | null> {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<null>((resolve) => (timer = setTimeout(resolve, LOST, null)));
  try {
    return await Promise.race([answer, lost]);
  } finally {
    clearTimeout(timer);
  }
}
