// The browser's own address bar and history.

import type { Address } from "./createStore.ts";
import type { SignInPlace } from "./signIn.ts";

export function browserAddress(window: Window): Address {
  const { history, location } = window;
  const href = (fragment: string): string => {
    const url = new URL(location.href);
    url.hash = fragment;
    return url.href;
  };
  return {
    fragment: () => location.hash.slice(1),
    push: (fragment) => history.pushState(null, "", href(fragment)),
    replace: (fragment) => history.replaceState(null, "", href(fragment)),
    onChange(listener) {
      // Back and forward between pushed states, and a fragment typed by hand, both end here.
      window.addEventListener("popstate", listener);
    },
    href,
  };
}

export function browserSignInPlace(window: Window): SignInPlace {
  const { history, location, sessionStorage } = window;
  const page = new URL("./", location.href).href;
  return {
    page,
    address: location.href,
    fragment: location.hash.slice(1),
    shelf: sessionStorage,
    leave: (url) => location.assign(url),
    restore: (fragment) =>
      history.replaceState(null, "", fragment === "" ? page : `${page}#${fragment}`),
  };
}
