// Which format a backend keeps a weight in, checked before anything is allocated. How, is each backend's.

import { FacetError } from "../lib/errors.ts";
import { precisionsOf } from "../lib/precision.ts";
import type { Precision } from "../lib/report.ts";
import type { WeightSpec } from "./backend.ts";

/** Throws `Unsupported` where keeping it so would round in a way that nobody asked for. */
export function keptFormat({ label, format, keep = format }: WeightSpec): Precision {
  const possible = precisionsOf(format);
  if (possible.includes(keep)) return keep;
  throw new FacetError(
    "Unsupported",
    `Loading ${label}: its file has it in ${format}, which cannot be kept in ${keep}, only in ${possible.join(", ")}.`,
  );
}
