// The formats that matrices of a model are kept in: which ones a file allows, and what they take. How int8 and int4 are
// made stands in quantize.ts.

import type { WeightFormat } from "./dtype.ts";
import { isQuantFormat, rowWords } from "./quantize.ts";
import type { Precision } from "./report.ts";

/** What a matrix of a file may be kept in: as it is, widened, which is exact, or quantised. Its own format first. */
export const precisionsOf = (format: WeightFormat): readonly Precision[] => [
  format,
  ...(format === "f32" ? [] : (["f32"] as const)),
  "int8",
  "int4",
];

/** Bytes of a row of `cols` values. */
export function rowBytes(format: Precision, cols: number): number {
  if (isQuantFormat(format)) return 4 * rowWords(format, cols);
  return cols * (format === "f32" ? 4 : 2);
}
