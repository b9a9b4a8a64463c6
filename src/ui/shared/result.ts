// How components read results: a query and what this part of the page adds to it.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useStore } from "zustand";
import { type Position, positionOf } from "../../state/position.ts";
import { analysis } from "../../state/queries.ts";
import type { Query } from "../../state/results.ts";
import type { Loadable } from "../../state/store.ts";
import { useApp, useAppStore } from "./app.ts";

const NOTHING = { queryKey: [null], enabled: false } as const;

/** What is known of it; being looked at, it is made where it is wanted. */
export function useResult<T, P extends readonly unknown[]>(
  query: Query<T, P>,
  ...params: P
): Loadable<T> {
  return useLook(query, params, true);
}

/** What is known of it, and nothing asked: another part of the page wants it. */
export function useKnown<T, P extends readonly unknown[]>(
  query: Query<T, P>,
  ...params: P
): Loadable<T> {
  return useLook(query, params, false);
}

function useLook<T, P extends readonly unknown[]>(
  query: Query<T, P>,
  params: P,
  asks: boolean,
): Loadable<T> {
  const store = useAppStore();
  const { results } = store;
  // The same object for the same key.
  const options = useApp((state) => results.options(query, state, params));
  const coming = useApp((state) => state.text === null || state.card.running);
  const { data, error, fetchStatus } = useQuery(
    options === null ? NOTHING : asks ? options : { ...options, enabled: false },
    results.client,
  );
  const progress = useStore(results.progress, (all) =>
    options === null ? null : (all.get(options.queryHash) ?? null),
  );
  return useMemo(
    () =>
      results.shown(query, { data: data as T | undefined, error, fetchStatus, progress }, coming),
    [results, query, data, error, fetchStatus, progress, coming],
  );
}

export const useAnalysis = () => useResult(analysis);

/** The pinned token's position, the last one without, or not known yet. */
export function usePosition(): Position {
  const pinned = useApp((state) => state.view.token);
  return positionOf(pinned, useAnalysis());
}
