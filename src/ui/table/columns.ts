// The columns of the table as they are headed and written. Pure.

import { count, number, percent } from "../shared/format.ts";
import type { SortKey } from "../../state/view.ts";
import type { NumberColumn } from "./featureTable.ts";

export interface Column<Key extends SortKey = SortKey> {
  readonly key: Key;
  readonly name: string;
  /** What it is, in words. */
  readonly title: string;
  /** A number of it as text. */
  readonly write: (value: number) => string;
}

interface NumericColumn extends Column<NumberColumn> {
  /** What it is called in files. */
  readonly file: string;
}

const cosine = (value: number): string => value.toFixed(3).replace("-", "−");

/** Without the label, which is text and stands second. */
export const NUMBERS: readonly NumericColumn[] = [
  {
    key: "density",
    file: "density",
    name: "density",
    title: "Share of tokens it fires on",
    write: percent,
  },
  {
    key: "max",
    file: "max_folded",
    name: "max",
    title: "Strongest folded activation in the scan",
    write: number,
  },
  {
    key: "mean",
    file: "mean_folded",
    name: "mean",
    title: "Mean folded activation over its firings",
    write: number,
  },
  {
    key: "norm",
    file: "decoder_norm",
    name: "‖W_dec‖",
    title: "Norm of its decoder row",
    write: number,
  },
  {
    key: "l0",
    file: "l0_share",
    name: "of L0",
    title: "Its share of all firings in the scan, and so of the mean L0",
    write: percent,
  },
  {
    key: "cosine",
    file: "nearest_cosine",
    name: "nearest",
    title: "The nearest other decoder row, and its cosine",
    write: cosine,
  },
  {
    key: "promotes",
    file: "promotes_logit",
    name: "logit",
    title: "What a unit of its direction adds to the token's logit",
    write: number,
  },
];

export const INDEX: Column = {
  key: "index",
  name: "feature",
  title: "Number of the feature",
  write: count,
};
export const LABEL: Column = {
  key: "label",
  name: "label",
  title: "What it is called",
  write: String,
};
