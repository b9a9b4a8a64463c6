// How many invocations share a row, in kernels that make something of rows.

import type { Runner } from "../runner.ts";

/** Constants of those kernels. */
export type RowLanes = Readonly<{
  LANES: number;
  /** Rows of a workgroup: 1 where several share one. */
  ROWS: number;
}>;

const ALONE: RowLanes = { LANES: 1, ROWS: 16 };

/** @param most where they share one. */
export function rowLanes({ limits }: Runner, most: number): RowLanes {
  return limits.sharedRows ? { LANES: most, ROWS: 1 } : ALONE;
}
