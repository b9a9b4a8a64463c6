// The browser's own address bar and history: paced (pacedHistory.ts), with room for views that are too long for an
// address (longHistory.ts).

import type { Address } from "./createStore.ts";
import { fitted } from "./linkLength.ts";
import { type Entries, LongHistory } from "./longHistory.ts";
import { type Clock, PacedHistory } from "./pacedHistory.ts";
import type { SignInPlace } from "./signIn.ts";
import type { SafeStorage } from "./storage.ts";

/** The part of `Window` that is used. */
export interface AddressWindow {
  readonly history: Entries;
  readonly location: { readonly href: string; readonly hash: string };
  addEventListener(type: "popstate", listener: () => void): void;
}

const clock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** @param lost is told when the browser does not keep a view that is too long for an address: a reload loses it. */
export function browserAddress(
  window: AddressWindow,
  lost: () => void,
  time: Clock = clock,
): Address {
  const { history, location } = window;
  const href = (fragment: string): string => {
    const url = new URL(location.href);
    url.hash = fragment;
    return url.href;
  };
  const entries = new LongHistory(history, () => location.hash.slice(1), href, lost);
  const paced = new PacedHistory<string>((how, fragment) => entries.write(how, fragment), time);
  return {
    fragment: () => paced.waiting ?? entries.fragment(),
    push: (fragment) => paced.write("push", fragment),
    replace: (fragment) => paced.write("replace", fragment),
    onChange(listener) {
      // Back and forward between pushed states, and a fragment typed by hand, both end here.
      window.addEventListener("popstate", () => {
        paced.forget();
        if (entries.borrows) paced.write("replace", entries.fragment());
        listener();
      });
    },
    href: (fragment) => href(fitted(fragment.split("&")).fragment),
  };
}

export function browserSignInPlace(
  window: Window,
  address: Address,
  storage: SafeStorage,
): SignInPlace {
  const page = new URL("./", window.location.href).href;
  return {
    page,
    address: window.location.href,
    fragment: () => address.fragment(),
    storage,
    leave: (url) => window.location.assign(url),
    restore(fragment) {
      window.history.replaceState(null, "", page);
      address.replace(fragment);
    },
  };
}
