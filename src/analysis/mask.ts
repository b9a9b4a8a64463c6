// Which positions count (docs/maths.md §4.1): all of them, or all but pad, eos, bos and unk.

import type { Mask } from "../lib/report.ts";

/** 1 where position t counts. */
export function positionMask(mask: Mask, special: readonly boolean[]): Uint8Array {
  return Uint8Array.from(special, (isSpecial) => (mask === "all" || !isSpecial ? 1 : 0));
}
