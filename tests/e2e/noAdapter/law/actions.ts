// What the fuzzer does, in the page: each action is what a reader's hand, a link or a script does, on the controls that are
// there. No Playwright: `installActions` is serialised into the page.

import type { randomSource } from "../../../../src/lib/random.ts";
import type { OpenRequest } from "../../../../src/lib/report.ts";

export interface Told {
  /** Seeds, one an action. */
  readonly seeds: readonly number[];
  /** Fragments of links that are followed. */
  readonly links: readonly string[];
  /** What scripts open, some of it in vain. */
  readonly opens: readonly OpenRequest[];
}

declare global {
  interface Window {
    randomSource: typeof randomSource;
    /** Does one action a seed, and says what it did. */
    act: (told: Told) => Promise<string[]>;
    /** Openings by scripts that have not ended. */
    opening: Set<Promise<unknown>>;
  }
}

export function installActions(): void {
  type Random = () => number;
  /** null: there is nothing here to do it on. */
  type Run = (random: Random, told: Told) => string | null | Promise<string | null>;
  window.opening = new Set();

  const TEXTS = [
    "",
    "The whale rose.",
    "king of Israel",
    " two  spaces\nand a line\n\n",
    "naïve “quotes” — ☃ 🐋 שלום",
    "<bos>In the beginning",
    "for (const x of xs) total += x;",
    "O Romeo, Romeo! wherefore art thou Romeo? Deny thy father and refuse thy name.",
  ];
  const KEYS = ["[", "]", "r", "l", "Escape", "Escape", "/", "f"];

  const pick = <T>(random: Random, from: readonly T[]): T | undefined =>
    from[Math.floor(random() * from.length)];
  const frame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done));
  const sleep = (ms: number): Promise<unknown> => new Promise((done) => setTimeout(done, ms));
  /** Those that a reader could use now. */
  const there = (selector: string): HTMLElement[] =>
    [...document.querySelectorAll<HTMLElement>(selector)].filter(
      (one) => one.checkVisibility() && !one.matches(":disabled"),
    );
  const told = (one: HTMLElement): string => {
    const within = one.closest("[data-testid]")?.getAttribute("data-testid");
    const name =
      one.getAttribute("aria-label") ??
      (one instanceof HTMLInputElement ? one.value : one.textContent);
    return `${within ?? one.className} “${(name ?? "").trim().slice(0, 40)}”`;
  };
  const press =
    (selector: string): Run =>
    (random) => {
      const one = pick(random, there(selector));
      one?.click();
      return one === undefined ? null : `press ${told(one)}`;
    };
  function enter(
    one: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement,
    value: string,
  ): void {
    // React looks for a change behind its own setter.
    const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(one), "value");
    own?.set?.call(one, value);
    one.dispatchEvent(
      new Event(one instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }),
    );
  }
  const field =
    (
      selector: string,
      values: readonly string[],
      then: (field: HTMLElement) => void = () => undefined,
    ): Run =>
    (random) => {
      const one = pick(random, there(selector));
      const value = pick(random, values);
      if (!(one instanceof HTMLInputElement) || value === undefined) return null;
      enter(one, value);
      then?.(one);
      return `enter “${value}” in ${told(one)}`;
    };
  const left = (one: HTMLElement): void =>
    void one.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  const sent = (one: HTMLElement): void => one.closest("form")?.requestSubmit();
  const choose =
    (selector: string, most?: readonly string[]): Run =>
    (random) => {
      const one = pick(random, there(selector));
      if (!(one instanceof HTMLSelectElement)) return null;
      const offered = [...one.options]
        .filter(({ disabled }) => !disabled)
        .map(({ value }) => value);
      const value = pick(random, most?.filter((wanted) => offered.includes(wanted)) ?? offered);
      if (value === undefined) return null;
      enter(one, value);
      return `choose “${value}” of ${told(one)}`;
    };
  const key = (name: string): string => {
    // Out of a field, or the field has it.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }),
    );
    return `key ${name}`;
  };
  const box = (): HTMLTextAreaElement | undefined =>
    there("#text-input").find((one) => one instanceof HTMLTextAreaElement);

  const ACTIONS: readonly (readonly [weight: number, run: Run])[] = [
    [
      8,
      (random) => {
        const into = box();
        if (into === undefined) return null;
        const strokes = 1 + Math.floor(random() * 5);
        for (let i = 0; i < strokes; i++) {
          const letter = pick(random, ["a", "e", " ", "s", "T", "\n", "⌫"]) ?? "";
          enter(into, letter === "⌫" ? into.value.slice(0, -1) : into.value.slice(-120) + letter);
        }
        return `type ${strokes} letters: ${JSON.stringify(into.value)}`;
      },
    ],
    [
      3,
      (random) => {
        const into = box();
        const text = pick(random, TEXTS);
        if (into === undefined || text === undefined) return null;
        enter(into, text);
        return `paste ${JSON.stringify(text)}`;
      },
    ],
    [3, press(".preset")],
    [10, press("main .segmented input:not(:checked)")],
    [4, choose("[data-testid=choose-sae]")],
    [
      1,
      choose("[data-testid=choose-backend]", [
        "",
        "",
        "tfjs-wasm",
        "tfjs-wasm",
        "tfjs-cpu",
        "webgpu",
      ]),
    ],
    [1.5, choose("[data-testid=choose-activation]")],
    [4, choose("main select")],
    [9, press(".places a")],
    [5, press("main .feature-row [data-feature]")],
    [2, press("main .list-mark, main [data-testid=list-toggle]")],
    [2, press("main a[href^='#'], main .attributed button")],
    [3, press("[data-testid=feature-nav] button")],
    [1, field("[data-testid=feature-number]", ["0", "7", "300", "1023"], sent)],
    [5, press(".strip [data-position], .row-button")],
    [6, (random) => key(pick(random, KEYS) ?? "r")],
    // Edits, and what is asked about the next token.
    [5, press("[data-testid=add-edit]")],
    [1.5, field(".edit-form input[type=number]", ["", "0", "3", "-2"])],
    [3, press(".edit-list input")],
    [2, press(".edit-list button")],
    [1, press("[data-testid=predict]")],
    [1, press("[data-testid=attribute], [data-testid=next-tokens] button")],
    [0.7, field("[data-testid=continuation] input", ["2", "5"])],
    [1.5, press("[data-testid=generate]")],
    [0.5, press(".continuations .link")],
    // Compare.
    [2, press("[data-testid=suggestions] button, .compare-status .button")],
    [1, press("[data-testid=swap]")],
    [1, press("[data-testid=matches] td button, [data-testid=matches] td a")],
    // Find.
    [2, field("[data-testid=label-query]", ["", "the", "name", "zzz", "of "])],
    [2, field("[data-testid=token-logit-text]", ["", " king", "the", "whale"])],
    [3, press(".token-choice")],
    [2, press("[data-testid=feature-table] [role=columnheader] button")],
    [1, press("[data-testid=only-listed]")],
    [2, press("[data-testid=list] .list-tools button")],
    [0.5, press("[data-testid=list-clear]")],
    [1, field("[data-testid=list-name], .list-note", ["", "a note", "x"], left)],
    [0.4, press("[data-testid=load-nearest]")],
    // The SAE's place.
    [2, press("[data-testid=verify-text]")],
    [1, field("[data-testid=dead-threshold]", ["-10", "-5", "-3.5"])],
    [
      2,
      async (random) => {
        const limit = there("[data-testid=scan-documents]")[0];
        if (!(limit instanceof HTMLInputElement)) return null;
        enter(limit, pick(random, ["1", "2"]) ?? "1");
        await frame();
        const button = there("[data-testid=run-scan]")[0];
        button?.click();
        return button === undefined ? null : `scan ${limit.value} documents`;
      },
    ],
    [1, press("[data-testid=resume-scan]")],
    [3, press("[data-testid=kept-scans] input[type=radio]")],
    [1.5, press("[data-testid=kept-scans] .kept-tools button:not([aria-label^=Export])")],
    // A label, which this browser keeps.
    [
      1,
      async (random) => {
        const rename = there("[data-testid=edit-label]")[0];
        rename?.click();
        await frame();
        const input = there("[data-testid=label-input]")[0];
        if (!(input instanceof HTMLInputElement)) return null;
        enter(input, pick(random, ["", "my own", "<b>bold</b>"]) ?? "");
        sent(input);
        return `label “${input.value}”`;
      },
    ],
    // What comes between.
    [4, press("[data-testid=cancel]")],
    [2, press("[data-testid=notices] button")],
    [3, press("[data-testid=dismiss], [data-testid=retry], [data-testid=remedy]")],
    [3, press("[data-testid=go-ahead], [data-testid=decline]")],
    [0.5, press("main summary")],
    // Steps of the history: never out of the page.
    [
      4,
      () => {
        if (!window.navigation.canGoBack) return null;
        window.history.back();
        return "back";
      },
    ],
    [
      2,
      () => {
        if (!window.navigation.canGoForward) return null;
        window.history.forward();
        return "forward";
      },
    ],
    [
      4,
      (random, { links }) => {
        const link = pick(random, links) ?? "";
        window.location.hash = link;
        return `follow #${link}`;
      },
    ],
    [
      2,
      (random, { opens }) => {
        const request = pick(random, opens);
        if (request === undefined) return null;
        const opened = window.facet.open(request).catch(() => undefined);
        window.opening.add(opened);
        void opened.then(() => window.opening.delete(opened));
        return `facet.open(${JSON.stringify(request)})`;
      },
    ],
    [2, async (random) => `wait ${await waited(Math.floor(random() * 250))} ms`],
  ];
  const waited = (ms: number): Promise<number> => sleep(ms).then(() => ms);
  const total = ACTIONS.reduce((sum, [weight]) => sum + weight, 0);

  async function act(random: Random, given: Told): Promise<string> {
    // Most of the actions are of one place: another is drawn where this one cannot be done.
    for (;;) {
      let at = random() * total;
      const run = ACTIONS.find(([weight]) => (at -= weight) < 0)?.[1];
      const did = (await run?.(random, given)) ?? null;
      if (did !== null) return did;
    }
  }

  window.act = async (given) => {
    const done: string[] = [];
    for (const seed of given.seeds) {
      const random = window.randomSource(seed);
      done.push(await act(random, given));
      // Most follow at once, some once the page has drawn, some when a job is under way.
      const pause = random();
      if (pause > 0.65) await sleep(0);
      if (pause > 0.8) await frame();
      if (pause > 0.92) await sleep(200 * random());
    }
    return done;
  };
}
