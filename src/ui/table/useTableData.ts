// What the table shows, put together from the card, the scan, the labels and what was asked for.

import { useMemo } from "react";
import { allLabels, searchLabels } from "../labels/searchLabels.ts";
import { useApp } from "../shared/app.ts";
import { useScanSummary } from "../shared/useScanSummary.ts";
import { tableData, tableRows, type TableData } from "./featureTable.ts";
import type { Query } from "../../state/results.ts";
import { useResult } from "../shared/result.ts";
import { nearest as nearestRows, tokenLogits as logitsOfToken } from "../../state/queries.ts";

export function useTableData(): TableData | null {
  const sae = useApp((state) => state.card.data?.sae ?? null);
  const features = useApp((state) => state.card.data?.provenance.sae.dSae ?? 0);
  const lensNorm = useApp((state) => state.view.lensNorm);
  const reader = useApp((state) => state.labels);
  const nearest = useFresh(nearestRows);
  const tokenLogits = useFresh(logitsOfToken);
  const scan = useScanSummary() ?? null;
  const labels = useMemo(
    () =>
      new Map(allLabels(reader, sae?.labels ?? null).map(({ feature, label }) => [feature, label])),
    [reader, sae],
  );
  return useMemo(
    () =>
      sae === null
        ? null
        : tableData({
            features,
            decoderNorms: sae.decoderNorms,
            logDensity: sae.logDensity,
            scan,
            nearest,
            tokenLogits,
            lensNorm,
            labels,
          }),
    [sae, features, scan, nearest, tokenLogits, lensNorm, labels],
  );
}

/** The rows that pass the view's filters, in its order. */
export function useTableRows(data: TableData | null, query: string): Uint32Array {
  const sort = useApp((state) => state.view.sort);
  const descending = useApp((state) => state.view.descending);
  const minLogDensity = useApp((state) => state.view.minLogDensity);
  const maxLogDensity = useApp((state) => state.view.maxLogDensity);
  const list = useApp((state) => state.view.list);
  const listed = useApp((state) => state.view.onlyListed);
  const only = useMemo(() => {
    const inList = listed ? new Set(list.map(({ feature }) => feature)) : null;
    if (data === null || query.trim() === "") return inList;
    const labels = Array.from(data.labels, ([feature, label]) => ({ feature, label }));
    const named = new Set(searchLabels(labels, query).map(({ feature }) => feature));
    return inList === null ? named : new Set([...named].filter((feature) => inList.has(feature)));
  }, [data, query, list, listed]);
  return useMemo(
    () =>
      data === null
        ? new Uint32Array()
        : tableRows(data, { minLogDensity, maxLogDensity, only }, sort, descending),
    [data, minLogDensity, maxLogDensity, only, sort, descending],
  );
}

/** null until it is there. */
function useFresh<T>(query: Query<T>): T | null {
  const { data, stale } = useResult(query);
  return stale ? null : data;
}
