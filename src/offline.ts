// Registers the service worker that keeps the app for visits without a network, and tells when a new version waits.

import { offered } from "./lib/offered.ts";

/** Milliseconds after the first answer: filling the cache must not compete with it. */
const AFTER = 3000;

const WAITS =
  "A new version of Facet is here. It is taken once all of its tabs are closed; until then nothing changes.";

/** @param opened settles when the first model is open, or could not be. */
export async function keepOffline(
  opened: Promise<void>,
  say: (text: string) => void,
): Promise<void> {
  // Not inside another page, whose visitors did not come for this one; nor on pages without https.
  if (window.parent !== window) return;
  const serviceWorker = offered(() => navigator.serviceWorker);
  if (serviceWorker === null) return;
  await opened.catch(() => undefined); // the page shows it
  await new Promise((resolve) => setTimeout(resolve, AFTER));
  const registration = (await serviceWorker.register(new URL("./sw.js", location.href), {
    scope: "./",
    updateViaCache: "none",
  })) as ServiceWorkerRegistration | undefined;
  // A browser under test may be told to block service workers, and then gives none.
  if (registration === undefined) return;
  const tell = (): void => {
    if (registration.waiting !== null && serviceWorker.controller !== null) say(WAITS);
  };
  tell();
  registration.addEventListener("updatefound", () =>
    registration.installing?.addEventListener("statechange", tell),
  );
}
