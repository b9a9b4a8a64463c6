// Views that are too long for a link, in the history of this tab: what is left out of an entry's address stands in the
// entry's state, which browsers keep over a reload and when the tab is restored, and which no other page reads. A text
// stands there once: in the entry on show. Entries that share it only name it, and take it over when they are shown.

import { isJsonObject } from "../lib/json.ts";
import { filledIn, fitted, LEFT_OUT, type Values, valuesOf } from "./linkLength.ts";
import type { How } from "./pacedHistory.ts";

/** The part of `History` that is used. */
export interface Entries {
  readonly state: unknown;
  pushState(state: unknown, unused: string, url: string): void;
  replaceState(state: unknown, unused: string, url: string): void;
}

/** Characters of values in one state: Firefox takes 16 MiB, of up to two bytes a character. */
export const KEPT_MOST = 8_000_000;
/** Characters of values that this page holds for entries that only name them. */
const HELD_MOST = 4 * KEPT_MOST;

/** What an entry's state says of what its address leaves out. */
interface LongState {
  readonly id: string;
  /** Missing where another entry has them, or where the browser does not keep as much. */
  readonly values?: Values;
}

export class LongHistory {
  readonly #entries: Entries;
  readonly #shown: () => string;
  readonly #href: (fragment: string) => string;
  readonly #lost: () => void;
  /** By id, oldest first. */
  readonly #held = new Map<string, Values>();
  /** The fragment put together last, and of what. */
  #last = { shown: "", id: "", fragment: "" };

  /**
   * @param shown the fragment in the address bar.
   * @param href the page's address with a fragment.
   * @param lost is told when the browser does not keep what the address leaves out.
   */
  constructor(
    entries: Entries,
    shown: () => string,
    href: (fragment: string) => string,
    lost: () => void,
  ) {
    this.#entries = entries;
    this.#shown = shown;
    this.#href = href;
    this.#lost = lost;
  }

  /** The whole fragment of the entry on show; what is left out of it and not kept here stays left out. */
  fragment(): string {
    const shown = this.#shown();
    if (!shown.includes(`${LEFT_OUT}=`)) return shown;
    const state = readState(this.#entries.state);
    const values = state && this.#valuesOf(state);
    if (state === null || values === null) return shown;
    if (this.#last.id !== state.id || this.#last.shown !== shown)
      this.#last = { shown, id: state.id, fragment: filledIn(shown, values) };
    return this.#last.fragment;
  }

  write(how: How, fragment: string): void {
    const { fragment: short, left } = fitted(fragment.split("&"));
    if (left.length === 0) {
      this.#put(how, null, short);
      return;
    }
    const values = valuesOf(fragment, left);
    const before = readState(this.#entries.state);
    const known = before && this.#valuesOf(before);
    const same = before !== null && known !== null && sameValues(known, values);
    const id = same ? before.id : newId();
    if (same && how === "push") {
      this.#entries.replaceState({ id } satisfies LongState, "", this.#href(this.#shown()));
    }
    this.#hold(id, values);
    this.#last = { shown: short, id, fragment };
    this.#putLong(how, { id, values }, short);
  }

  /** Whether the entry on show only names what is left out of it, and this page has that. */
  get borrows(): boolean {
    const state = readState(this.#entries.state);
    return state !== null && state.values === undefined && this.#valuesOf(state) !== null;
  }

  #putLong(how: How, { id, values }: Required<LongState>, short: string): void {
    if (sizeOf(values) <= KEPT_MOST) {
      try {
        this.#put(how, { id, values } satisfies LongState, short);
        return;
      } catch (error) {
        // Too early for any entry, which is the caller's to see to; else too much for a state.
        if (error instanceof DOMException && error.name === "SecurityError") throw error;
      }
    }
    this.#lost();
    this.#put(how, { id } satisfies LongState, short);
  }

  #put(how: How, state: LongState | null, fragment: string): void {
    this.#entries[`${how}State`](state, "", this.#href(fragment));
  }

  #valuesOf({ id, values }: LongState): Values | null {
    if (values !== undefined && !this.#held.has(id)) this.#hold(id, values);
    return this.#held.get(id) ?? null;
  }

  #hold(id: string, values: Values): void {
    this.#held.delete(id);
    this.#held.set(id, values);
    let size = 0;
    for (const [held, of] of [...this.#held].toReversed()) {
      size += sizeOf(of);
      if (size > HELD_MOST && held !== id) this.#held.delete(held);
    }
  }
}

const sizeOf = (values: Values): number =>
  Object.values(values).reduce((sum, value) => sum + value.length, 0);

const sameValues = (a: Values, b: Values): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([key, value]) => b[key] === value);

const newId = (): string =>
  crypto.getRandomValues(new Uint32Array(2)).reduce((id, word) => id + word.toString(36), "");

/** Another page of this site may have left any state. */
function readState(state: unknown): LongState | null {
  if (!isJsonObject(state) || typeof state["id"] !== "string") return null;
  const { id, values } = state;
  if (values === undefined) return { id };
  const sound = isJsonObject(values) && Object.values(values).every((v) => typeof v === "string");
  return sound ? { id, values: values as Values } : null;
}
