// Results, kept by all that they rest on: another key is another result, so nothing is ever out of date. TanStack Query
// holds them, asks once for each, cancels what nobody waits for any more and forgets what was not looked at for a while.

import {
  QueryClient,
  type QueryFunctionContext,
  type QueryObserverOptions,
} from "@tanstack/query-core";
import { createStore, type StoreApi } from "zustand/vanilla";
import { FacetError, toPlainError } from "../lib/errors.ts";
import type { NeuronpediaLabel } from "../lib/hosted.ts";
import type { JobOptions, Progress } from "../lib/progress.ts";
import type { NearestRows } from "../lib/explore.ts";
import type { Ask } from "./ask.ts";
import type { Loadable, Projection, State } from "./store.ts";

/** What the page can ask for, by the state and what a part of the page adds to it. */
export interface Query<T, P extends readonly unknown[] = readonly []> {
  readonly name: string;
  /** All that the result rests on; null where there is nothing to ask, or not yet. */
  readonly key: (state: State, ...params: P) => readonly unknown[] | null;
  /** Whether it is made as soon as it is looked at; else once it is requested. */
  readonly wanted: (state: State) => boolean;
  /** @param key as `key` gave it. */
  readonly run: (
    key: readonly unknown[],
    tools: Tools & { readonly results: Results },
    options: JobOptions,
    state: State,
  ) => Promise<T>;
}

/** What queries are answered with. */
export interface Tools {
  readonly ask: Ask;
  /** Lays features out by their neighbours, in a worker of its own. */
  readonly project: Project;
  /** Neuronpedia has a label: it stands in lists too. */
  readonly found: (id: string, index: number, label: NeuronpediaLabel) => void;
  /** The reader's access token for a hub; null where there is none. */
  readonly token: (endpoint: string | null) => string | null;
}

export type Project = (
  rows: Pick<NearestRows, "k" | "index" | "cosine">,
  options: JobOptions,
) => Promise<Projection>;

type Options = QueryObserverOptions & {
  readonly queryKey: readonly unknown[];
  /** Known, so that the library does not hash the key, which holds the text, again and again. */
  readonly queryHash: string;
};

/** What was asked for in a state: each part of the page asks again whenever anything changes. */
interface Answered {
  readonly state: State;
  readonly of: Map<
    unknown,
    { readonly params: readonly unknown[]; readonly options: Options | null }[]
  >;
}

/** A result that nobody looks at is kept for so long. */
const KEPT_MS = 60_000;

/** What the library has of a key. */
interface Found<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly fetchStatus: string;
  readonly progress: Progress | null;
}

export class Results {
  readonly client = new QueryClient({
    defaultOptions: {
      queries: {
        // What is asked for is a function of its key; failures are told, and retried where the reader says so.
        queryKeyHashFn: JSON.stringify,
        staleTime: Infinity,
        gcTime: KEPT_MS,
        retry: false,
        networkMode: "always",
        structuralSharing: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
    },
  });
  /** Of what runs, by hash. */
  readonly progress: StoreApi<ReadonlyMap<string, Progress>> = createStore(() => new Map());
  readonly #getState: () => State;
  readonly #tools: Tools;
  /** How to end a job and take what there is of it. */
  readonly #running = new Map<string, AbortController>();
  /** The last result of each query, shown dimmed while the next is made. */
  readonly #last = new Map<string, unknown>();
  /** Options of a key are one object, so that whoever compares them sees that nothing has changed. */
  readonly #options = new Map<string, WeakRef<Options>>();
  readonly #gone = new FinalizationRegistry<string>((id) => {
    if (this.#options.get(id)?.deref() === undefined) this.#options.delete(id);
  });
  #answered: Answered | null = null;

  constructor(getState: () => State, tools: Tools) {
    this.#getState = getState;
    this.#tools = tools;
  }

  /** null where there is nothing to ask. */
  options<T, P extends readonly unknown[]>(
    query: Query<T, P>,
    state: State,
    params: P,
  ): Options | null {
    if (this.#answered?.state !== state) this.#answered = { state, of: new Map() };
    const { of } = this.#answered;
    const before = of.get(query) ?? [];
    const same = before.find((one) => sameList(one.params, params));
    if (same) return same.options;
    const options = this.#made(query, state, params);
    of.set(query, [...before, { params, options }]);
    return options;
  }

  #made<T, P extends readonly unknown[]>(
    query: Query<T, P>,
    state: State,
    params: P,
  ): Options | null {
    const own = query.key(state, ...params);
    if (own === null) return null;
    const enabled = query.wanted(state);
    const queryKey = [query.name, ...own];
    const queryHash = JSON.stringify(queryKey);
    const id = `${enabled} ${queryHash}`;
    const known = this.#options.get(id)?.deref();
    if (known) return known;
    const options: Options = {
      queryKey,
      queryHash,
      enabled,
      queryFn: (context) => this.#run(query, own, queryHash, enabled ? context : null),
    };
    this.#options.set(id, new WeakRef(options));
    this.#gone.register(options, id);
    return options;
  }

  /** What is known of a query's result now. */
  read<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): Loadable<T> {
    const state = this.#getState();
    const options = this.options(query, state, params);
    // What stands under a query's hash is what that query gave.
    const found =
      options &&
      (this.client.getQueryCache().get(options.queryHash)?.state as
        | Omit<Found<T>, "progress">
        | undefined);
    return this.shown(
      query,
      {
        data: found?.data,
        error: found?.error ?? null,
        fetchStatus: found?.fetchStatus ?? "idle",
        progress: (options && this.progress.getState().get(options.queryHash)) ?? null,
      },
      state.text === null || state.card.running,
    );
  }

  /** @param coming another key is on its way: until it is there, the last result stands in its place. */
  shown<T, P extends readonly unknown[]>(
    query: Query<T, P>,
    { data: fresh, error, fetchStatus, progress }: Found<T>,
    coming: boolean,
  ): Loadable<T> {
    const running = fetchStatus === "fetching";
    // What stands in #last under a query's name is what that query gave.
    const last = running || coming ? (this.#last.get(query.name) as T | undefined) : undefined;
    const data = fresh ?? last ?? null;
    return {
      data,
      stale: fresh === undefined && data !== null,
      running,
      progress: running ? progress : null,
      error: running || error === null || wasCancelled(error) ? null : toPlainError(error),
    };
  }

  async request<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): Promise<T> {
    const options = this.#asked(query, params);
    const { queryKey } = options;
    this.#running.get(options.queryHash)?.abort();
    await this.client.cancelQueries({ queryKey, exact: true });
    return (await this.client.fetchQuery({ ...options, staleTime: 0 })) as T;
  }

  /** The result as it is known, or made now. */
  async ensure<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): Promise<T> {
    return (await this.client.fetchQuery(this.#asked(query, params))) as T;
  }

  prefetch<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): void {
    const options = this.options(query, this.#getState(), params);
    if (options) void this.client.prefetchQuery(options);
  }

  stop<T, P extends readonly unknown[]>(query: Query<T, P>, ...params: P): void {
    const options = this.options(query, this.#getState(), params);
    if (options) this.#running.get(options.queryHash)?.abort();
  }

  #asked<T, P extends readonly unknown[]>(query: Query<T, P>, params: P): Options {
    const options = this.options(query, this.#getState(), params);
    if (options) return options;
    throw new FacetError("NoBackend", `Asking for ${query.name}: nothing is open. Open a model.`);
  }

  /** @param context null: only `stop` ends it, not that nobody looks at it for a while. */
  async #run<T, P extends readonly unknown[]>(
    query: Query<T, P>,
    key: readonly unknown[],
    hash: string,
    context: QueryFunctionContext | null,
  ): Promise<T> {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    context?.signal.addEventListener("abort", stop);
    this.#running.set(hash, controller);
    const told = (change: (map: Map<string, Progress>) => void): void => {
      const map = new Map(this.progress.getState());
      change(map);
      this.progress.setState(map, true);
    };
    try {
      const data = await query.run(
        key,
        { ...this.#tools, results: this },
        {
          signal: controller.signal,
          onProgress: (progress) => told((map) => map.set(hash, progress)),
        },
        this.#getState(),
      );
      this.#last.set(query.name, data);
      return data;
    } finally {
      context?.signal.removeEventListener("abort", stop);
      if (this.#running.get(hash) === controller) this.#running.delete(hash);
      if (this.progress.getState().has(hash)) told((map) => map.delete(hash));
    }
  }
}

const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => Object.is(one, b[i]));

export const wasCancelled = (error: unknown): boolean =>
  error instanceof FacetError && error.code === "Cancelled";
