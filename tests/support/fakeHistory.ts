// A tab's history and address bar as browsers have them: entries with states that outlive a reload, a limit on how fast
// they are written and on how much a state holds.

import type { AddressWindow } from "../../src/state/browserAddress.ts";
import type { Clock } from "../../src/state/pacedHistory.ts";

interface Entry {
  readonly url: string;
  /** As JSON: what is read back is a copy. */
  readonly state: string;
}

interface Limits {
  /** Writes within 10 s, as Safari counts them. */
  readonly writes?: number;
  /** Characters of one state. */
  readonly state?: number;
  /** Characters of a fragment that a reload keeps, as Chromium does. */
  readonly reloaded?: number;
}

export function fakeTab(limits: Limits = {}) {
  const { writes = 100, state: stateMost = Infinity, reloaded = 2_000_000 } = limits;
  let entries: Entry[] = [{ url: "https://facet.example/", state: "null" }];
  let at = 0;
  let now = 0;
  let times: number[] = [];
  let listeners: (() => void)[] = [];
  let timers: { readonly due: number; readonly run: () => void }[] = [];

  const here = (): Entry => {
    const entry = entries[at];
    if (entry === undefined) throw new Error("there is no such entry");
    return entry;
  };
  const write = (state: unknown, url: string): Entry => {
    times = times.filter((time) => now - time < 10_000);
    if (times.length >= writes) {
      throw new DOMException(
        "Attempt to use history.pushState() more than 100 times per 10 seconds",
        "SecurityError",
      );
    }
    times.push(now);
    const held = JSON.stringify(state);
    if (held.length > stateMost) throw new DOMException("Too much.", "QuotaExceededError");
    return { url, state: held };
  };
  const window: AddressWindow = {
    history: {
      get state() {
        return JSON.parse(here().state) as unknown;
      },
      pushState(state, _unused, url) {
        const entry = write(state, url);
        entries = [...entries.slice(0, at + 1), entry];
        at += 1;
      },
      replaceState(state, _unused, url) {
        entries[at] = write(state, url);
      },
    },
    location: {
      get href() {
        return here().url;
      },
      get hash() {
        return new URL(here().url).hash;
      },
    },
    addEventListener: (_type, listener) => void listeners.push(listener),
  };
  const clock: Clock = {
    now: () => now,
    after(ms, run) {
      const timer = { due: now + ms, run };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
  };
  return {
    window,
    clock,
    fragments: () => entries.map(({ url }) => new URL(url).hash.slice(1)),
    /** Characters of each entry's state. */
    states: () => entries.map(({ state }) => state.length),
    go(by: number) {
      at += by;
      for (const listener of listeners) listener();
    },
    /** Follows a fragment that the reader typed into the address bar. */
    type(fragment: string) {
      entries = [
        ...entries.slice(0, at + 1),
        { url: `https://facet.example/#${fragment}`, state: "null" },
      ];
      at += 1;
      for (const listener of listeners) listener();
    },
    /** Another document in the same tab: no listener and no timer of the old one is left. */
    reload() {
      listeners = [];
      timers = [];
      const { url, state } = here();
      const [page = "", hash = ""] = url.split("#");
      entries[at] = { url: `${page}#${hash.slice(0, reloaded)}`, state };
    },
    pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due);
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        now = next.due;
        next.run();
      }
      now = end;
    },
  };
}
