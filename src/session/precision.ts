// The precision that a reader asks for, held against what the model's file allows.

import type { WeightFormat } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import { precisionsOf } from "../lib/precision.ts";
import type { Precision } from "../lib/report.ts";

/** @param own the format of the model's matrices in its file, which nothing asked for means. */
export function choosePrecision(
  name: string,
  own: WeightFormat,
  asked: Precision | undefined,
): Precision {
  const possible = precisionsOf(own);
  if (asked === undefined) return own;
  if (possible.includes(asked)) return asked;
  throw new FacetError(
    "Unsupported",
    `Opening ${name} in ${asked}: its file has ${own}, which can be kept in ${possible.join(", ")}. Choose one of these, or leave the precision out.`,
  );
}
