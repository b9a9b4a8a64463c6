// Composes the page: the worker and its client, the store over it, window.facet, the UI.

import { createRoot } from "react-dom/client";
import { version } from "../package.json";
import { answerEmbedder } from "./embedding.ts";
import { describe } from "./lib/errors.ts";
import { offered } from "./lib/offered.ts";
import { keepOffline } from "./offline.ts";
import { createFacet, type Facet } from "./scripting.ts";
import { browserAddress, browserSignInPlace } from "./state/browserAddress.ts";
import { createStore } from "./state/createStore.ts";
import { createMemory } from "./state/memory.ts";
import { projectIn } from "./state/projectionWorker.ts";
import { browserStorage, LOSSES } from "./state/storage.ts";
import { type HubAccount, hubAccount } from "./state/signIn.ts";
import { App } from "./ui/App.tsx";
import { createClient } from "./worker/client.ts";
import { startWorker } from "./worker/startWorker.ts";

declare global {
  interface Window {
    facet: Facet;
  }
}

// What is to be said before there is a store to say it.
const early: string[] = [];
let say = (text: string): void => void early.push(text);

const worker = startWorker(
  () => new Worker(new URL("./worker/entry.ts", import.meta.url), { type: "module" }),
  self.origin,
);
const client = createClient(
  worker,
  new URL("./", location.href).href,
  offered(() => navigator.locks) ?? undefined,
);
// The browser may say no, and then evicts what is stored when its disk is full: nothing to do about it.
const persist = (): void =>
  void offered(() => navigator.storage)
    ?.persist?.()
    .catch(() => undefined);
// A page around this one may ask for what it likes: what the reader agreed to and entered elsewhere is not for it.
const framed = window.parent !== window;
let blocked = false;
const storage = framed
  ? null
  : browserStorage(
      () => window.localStorage,
      (loss) => {
        blocked ||= loss === "blocked";
        say(LOSSES[loss]);
      },
    );
const memory = createMemory(storage, persist);
const address = browserAddress(window, () =>
  say("The browser does not keep a text as long as this one: a reload loses it."),
);
/** Where whoever builds the page has registered it with the Hub. */
const clientId = import.meta.env["VITE_HUB_CLIENT_ID"] as string | undefined;
const account = clientId === undefined ? null : signInWith(clientId);
const project = projectIn(
  () => new Worker(new URL("./projection/entry.ts", import.meta.url), { type: "module" }),
);
const store = createStore(client, address, memory, account, project);
({ say } = store);
for (const text of early) say(text);
// What a script asks for is its author's business; what others ask for is a question where it reads much.
window.facet = createFacet(version, store, (job, args, options) => client.call(job, args, options));
if (framed) answerEmbedder(window, createFacet(version, store, store.ask, "stranger"), store);
// The dev server has no sw.js, and files that change.
if (import.meta.env.PROD && !blocked) {
  keepOffline(store.ready, store.say).catch((error: unknown) =>
    store.say(`Facet could not be kept for visits without a network: ${describe(error)}`),
  );
}

function signInWith(id: string): HubAccount {
  // Where it keeps nothing, leaving says so.
  const tab = browserStorage(
    () => window.sessionStorage,
    () => undefined,
  );
  return hubAccount(client, browserSignInPlace(window, address, tab), memory, id);
}

const root = document.querySelector("#root");
if (root === null) throw new Error("index.html has no #root to draw the page in.");
createRoot(root).render(<App store={store} />);
