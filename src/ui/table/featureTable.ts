// The table of all features: its columns, which rows pass the filters, and in what order. Pure, on typed arrays: it runs
// again for every key that is typed.

import type { NearestRows, TokenLogits } from "../../lib/explore.ts";
import type { ScanSummary } from "../../lib/scan.ts";
import type { SortKey } from "../../state/view.ts";

/** Columns of numbers; the label is a text, and the index is the row's own number. */
export type NumberColumn = Exclude<SortKey, "index" | "label">;

export interface TableData {
  /** d_sae. */
  readonly features: number;
  /** [d_sae] each, NaN where a feature has none; null where nothing is known. */
  readonly columns: Readonly<Record<NumberColumn, Float64Array | null>>;
  /** Whose cosine stands in its column, [d_sae]. */
  readonly nearest: Uint32Array | null;
  readonly labels: ReadonlyMap<number, string>;
  readonly densitySource: "scan" | "file" | null;
}

export interface TableParts {
  readonly features: number;
  readonly decoderNorms: ArrayLike<number>;
  /** log10 of the rate by the sparsity file. */
  readonly logDensity: ArrayLike<number> | null;
  readonly scan: ScanSummary | null;
  readonly nearest: NearestRows | null;
  readonly tokenLogits: TokenLogits | null;
  readonly lensNorm: "without" | "with";
  readonly labels: ReadonlyMap<number, string>;
}

/** A file holds log10(rate + 1e-10): under this the feature never fired. */
const NEVER = -9;

export function tableData(parts: TableParts): TableData {
  const { features, scan, logDensity, nearest, tokenLogits } = parts;
  const column = (value: (i: number) => number): Float64Array =>
    Float64Array.from({ length: features }, (_, i) => value(i));
  const scanned = (value: (i: number, of: ScanSummary) => number): Float64Array | null =>
    scan === null ? null : column((i) => value(i, scan));
  const firings = scan?.count.reduce((sum, n) => sum + n, 0) ?? 0;
  const ratio = (a: number, b: number): number => (b === 0 ? NaN : a / b);
  const fromFile = (log: number | undefined): number =>
    log === undefined ? NaN : log < NEVER ? 0 : 10 ** log;
  return {
    features,
    labels: parts.labels,
    densitySource: scan !== null ? "scan" : logDensity !== null ? "file" : null,
    columns: {
      density:
        scanned((i, { count, tokens }) => ratio(count[i] ?? NaN, tokens)) ??
        (logDensity === null ? null : column((i) => fromFile(logDensity[i]))),
      max: scanned((i, { count, max }) => (count[i] === 0 ? NaN : (max[i] ?? NaN))),
      mean: scanned((i, { count, sum }) => ratio(sum[i] ?? NaN, count[i] ?? NaN)),
      norm: column((i) => parts.decoderNorms[i] ?? NaN),
      l0: scanned((i, { count }) => ratio(count[i] ?? NaN, firings)),
      cosine:
        nearest === null || nearest.k === 0
          ? null
          : column((i) => {
              const own = nearest.index[i * nearest.k] === i;
              return own ? NaN : (nearest.cosine[i * nearest.k] ?? NaN);
            }),
      promotes:
        tokenLogits === null
          ? null
          : Float64Array.from(
              parts.lensNorm === "with" ? tokenLogits.withNorm : tokenLogits.withoutNorm,
            ),
    },
    nearest:
      nearest === null || nearest.k === 0
        ? null
        : Uint32Array.from({ length: features }, (_, i) => nearest.index[i * nearest.k] ?? i),
  };
}

export interface RowFilter {
  /** log10 bounds of the density; null: none. A feature whose density is not known passes. */
  readonly minLogDensity: number | null;
  readonly maxLogDensity: number | null;
  /** Only these; null: all. */
  readonly only: ReadonlySet<number> | null;
}

/** Features that pass, in order. What has no value comes last, whichever way; equal ones by number. */
export function tableRows(
  data: TableData,
  filter: RowFilter,
  sort: SortKey,
  descending: boolean,
): Uint32Array {
  const { density } = data.columns;
  const low = filter.minLogDensity === null ? -Infinity : 10 ** filter.minLogDensity;
  const high = filter.maxLogDensity === null ? Infinity : 10 ** filter.maxLogDensity;
  const rows: number[] = [];
  for (let i = 0; i < data.features; i++) {
    const value = density?.[i] ?? NaN;
    if (value < low || value > high || filter.only?.has(i) === false) continue;
    rows.push(i);
  }
  return Uint32Array.from(rows.toSorted(order(data, sort, descending)));
}

function order(
  { columns, labels }: TableData,
  sort: SortKey,
  descending: boolean,
): (a: number, b: number) => number {
  const sign = descending ? -1 : 1;
  if (sort === "index") return (a, b) => sign * (a - b);
  if (sort === "label") {
    const collator = new Intl.Collator("en", { numeric: true });
    return (a, b) => {
      const [left, right] = [labels.get(a), labels.get(b)];
      if (left === undefined || right === undefined) {
        return Number(left === undefined) - Number(right === undefined) || a - b;
      }
      return sign * collator.compare(left, right) || a - b;
    };
  }
  const values = columns[sort];
  if (values === null) return (a, b) => a - b;
  return (a, b) => {
    const [left, right] = [values[a] ?? NaN, values[b] ?? NaN];
    if (Number.isNaN(left) || Number.isNaN(right)) {
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a - b;
    }
    return sign * (left - right) || a - b;
  };
}
