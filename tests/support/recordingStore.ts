// The page's store on a worker that only records what it is asked; a test answers in its place. What a part of the page
// looks at is looked at with `look`, as components do (ui/shared/result.ts).

import { notifyManager, QueryObserver } from "@tanstack/query-core";
import type { JobName } from "../../src/jobs/table.ts";
import { FacetError } from "../../src/lib/errors.ts";
import type { JobOptions } from "../../src/lib/progress.ts";
import { type Address, createStore } from "../../src/state/createStore.ts";
import { createMemory } from "../../src/state/memory.ts";
import type { Project, Query } from "../../src/state/results.ts";
import type { Loadable } from "../../src/state/store.ts";
import { DEFAULT_VIEW } from "../../src/state/view.ts";
import type { WorkerClient } from "../../src/worker/messages.ts";

notifyManager.setScheduler((run) => run());

interface Call {
  readonly job: JobName;
  readonly args: readonly unknown[];
  readonly options: JobOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export const CARD = {
  modelKey: "demo",
  saeKey: DEFAULT_VIEW.sae,
  model: { embeddingBytes: 1_048_576, lossBytes: 2_097_152 },
  sae: { neuronpediaId: null, labels: null },
  provenance: {
    model: { source: "demo", revision: "m1", activation: "tanh" },
    sae: {
      source: "demo",
      folder: "an-sae",
      revision: "s1",
      hook: "blocks.3.hook_resid_post",
      dSae: 64,
    },
    backend: { name: "webgpu" },
  },
  notices: [],
};

/** What is open instead, where a test says no more than its name. */
export const cardOf = (sae: string, model: Partial<typeof CARD.model> = {}): typeof CARD => ({
  ...CARD,
  saeKey: sae,
  model: { ...CARD.model, ...model },
  provenance: { ...CARD.provenance, sae: { ...CARD.provenance.sae, folder: sae } },
});

/** A gigabyte, which nothing reads of a hub's model unasked. */
export const LARGE = { embeddingBytes: 1_048_576_000, lossBytes: 1_500_000_000 };

/** A part of the page that looks at a result. */
interface Look<T> {
  readonly shown: () => Loadable<T>;
  readonly leave: () => void;
}

export function setUp(fragment = "", project?: Project) {
  const calls: Call[] = [];
  const client: WorkerClient = {
    call: (job, args, options = {}) =>
      new Promise((resolve, reject) => {
        const answer = resolve as Call["resolve"];
        calls.push({ job, args, options, resolve: answer, reject });
        options.signal?.addEventListener("abort", () =>
          reject(new FacetError("Cancelled", "Stopped.")),
        );
      }),
    onNotice: () => () => undefined,
  };
  const visited: string[] = [fragment];
  let at = 0;
  let changed = (): void => undefined;
  const address: Address = {
    fragment: () => visited[at] ?? "",
    push: (next) => {
      visited.splice(at + 1, Infinity, next);
      at++;
    },
    replace: (next) => void visited.splice(at, 1, next),
    onChange: (listener) => (changed = listener),
    href: (next) => `https://facet.example/#${next}`,
  };
  const memory = createMemory(null);
  const store = createStore(client, address, memory, null, project);
  store.ready.catch(() => undefined); // told to the tests that await it

  const of = (job: JobName): Call[] => calls.filter((call) => call.job === job);
  const last = (job: JobName): Call => {
    const call = of(job).at(-1);
    if (!call) throw new Error(`No call of ${job}`);
    return call;
  };
  const answer = async (job: JobName, value: unknown): Promise<void> => {
    last(job).resolve(value);
    await settle();
  };
  const refuse = async (job: JobName, error: unknown): Promise<void> => {
    last(job).reject(error);
    await settle();
  };
  /** The reader follows a link in this tab. */
  const goTo = (next: string): void => {
    address.push(next);
    changed();
  };
  const back = (): void => {
    at--;
    changed();
  };

  /** @param params of the moment: those that follow the state are a function. */
  function look<T, P extends readonly unknown[]>(
    query: Query<T, P>,
    ...params: P | [() => P]
  ): Look<T> {
    const { results, getState } = store;
    const now = (): P => {
      const [first] = params;
      return typeof first === "function" ? (first as () => P)() : (params as P);
    };
    let observer: QueryObserver | null = null;
    const follow = (): void => {
      const options = results.options(query, getState(), now());
      if (options === null) {
        observer?.destroy();
        observer = null;
      } else if (observer) observer.setOptions(options);
      else {
        observer = new QueryObserver(results.client, options);
        observer.subscribe(() => undefined);
      }
    };
    follow();
    const stop = store.subscribe(follow);
    // Parameters may follow other results.
    const stopResults = results.client.getQueryCache().subscribe(({ type }) => {
      if (type === "updated" && typeof params[0] === "function") follow();
    });
    return {
      shown: () => results.read(query, ...now()),
      leave() {
        stop();
        stopResults();
        observer?.destroy();
      },
    };
  }

  const { actions } = store;
  return {
    store,
    actions,
    memory,
    of,
    last,
    answer,
    refuse,
    visited,
    address,
    goTo,
    back,
    look,
  };
}

/** Lets promises that are settled run their course. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 40; i++) await Promise.resolve();
};

/** With what its link asks for open. */
export async function opened(fragment = "", card: unknown = CARD, project?: Project) {
  const setup = setUp(fragment, project);
  await settle();
  await setup.answer("open", card);
  return setup;
}
