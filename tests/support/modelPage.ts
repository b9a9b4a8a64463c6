// The page without a screen: a store on a model worker, with its address bar and history, and every result looked at, as
// components do. `quiet` lets everything come to rest; `shown` is what a reader would see then.

import { notifyManager, QueryObserver } from "@tanstack/query-core";
import { vi } from "vitest";
import { type Address, createStore } from "../../src/state/createStore.ts";
import { createMemory, type Memory } from "../../src/state/memory.ts";
import { type Position, positionOf } from "../../src/state/position.ts";
import * as queries from "../../src/state/queries.ts";
import type { Query } from "../../src/state/results.ts";
import type { Loadable } from "../../src/state/store.ts";
import { type Made, ModelWorker } from "./modelWorker.ts";

notifyManager.setScheduler((run) => run());

/** Results that a part of the page may look at, with what it would ask. */
function looks(position: Position, feature: number | null): readonly Look[] {
  return [
    [queries.analysis],
    [queries.verification],
    [queries.corpusVerification],
    [queries.selfCheck],
    [queries.comparison],
    [queries.intervention, position],
    [queries.downstream],
    [queries.attribution, position],
    [queries.generation],
    [queries.feature, feature],
    [queries.scanSummary],
    [queries.featureScan, feature],
    [queries.scans],
    [queries.tokenLogits],
    [queries.nearest],
  ] as readonly Look[];
}

type Look = readonly [Query<unknown, readonly unknown[]>, ...unknown[]];

export class ModelPage {
  readonly worker: ModelWorker;
  readonly store: ReturnType<typeof createStore>;
  readonly #visited: string[];
  #at = 0;
  #changed = (): void => undefined;
  readonly #observers = new Map<string, QueryObserver>();

  constructor(fragment: string, memory: Memory = createMemory(null), scans = new Set<string>()) {
    this.worker = new ModelWorker(scans);
    this.#visited = [fragment];
    const address: Address = {
      fragment: () => this.#visited[this.#at] ?? "",
      push: (next) => {
        this.#visited.splice(this.#at + 1, Infinity, next);
        this.#at++;
      },
      replace: (next) => void this.#visited.splice(this.#at, 1, next),
      onChange: (listener) => (this.#changed = listener),
      href: (next) => next,
    };
    this.store = createStore(this.worker, address, memory);
    this.store.ready.catch(() => undefined);
    this.store.subscribe(() => this.look());
    this.look();
  }

  go(by: -1 | 1): void {
    const to = this.#at + by;
    if (to < 0 || to >= this.#visited.length) return;
    this.#at = to;
    this.#changed();
  }

  follow(fragment: string): void {
    this.#visited.splice(this.#at + 1, Infinity, fragment);
    this.#at++;
    this.#changed();
  }

  get fragment(): string {
    return this.#visited[this.#at] ?? "";
  }

  /** Looks at every result, as components do with each change. */
  look(): void {
    const { results, getState } = this.store;
    for (const [query, ...params] of this.#looks()) {
      const options = results.options(query, getState(), params);
      const observer = this.#observers.get(query.name);
      if (options === null) {
        observer?.destroy();
        this.#observers.delete(query.name);
      } else if (observer) observer.setOptions(options);
      else {
        const made = new QueryObserver(results.client, options);
        this.#observers.set(query.name, made);
        made.subscribe(() => undefined);
      }
    }
  }

  #looks(): readonly Look[] {
    const { view } = this.store.getState();
    const position = positionOf(view.token, this.store.results.read(queries.analysis));
    return looks(position, view.feature);
  }

  /** Everything that is on its way arrives; questions are answered with yes. */
  async quiet(): Promise<void> {
    for (let idle = 0; idle < 3;) {
      await vi.advanceTimersByTimeAsync(200);
      if (this.store.getState().question !== null) this.store.actions.goAhead();
      // A first opening that was cancelled is gone on with: the page offers nothing else.
      const { card } = this.store.getState();
      if (card.data === null && !card.running) this.store.actions.reopen();
      idle = this.worker.waiting === 0 ? idle + 1 : 0;
      while (this.worker.waiting > 0) {
        this.worker.answer(false);
        await turn();
      }
      this.look();
    }
  }

  /** What is on show of each result. */
  shown(): ReadonlyMap<
    string,
    Loadable<unknown> & { readonly wanted: boolean; readonly key: unknown }
  > {
    const { results, getState } = this.store;
    return new Map(
      this.#looks().map(([query, ...params]) => [
        query.name,
        {
          ...results.read(query, ...params),
          wanted: query.wanted(getState()),
          key: query.key(getState(), ...params),
        },
      ]),
    );
  }

  end(): void {
    for (const observer of this.#observers.values()) observer.destroy();
    this.store.results.client.clear();
  }
}

/** Lets promises that are settled run their course. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}

export type { Made };
