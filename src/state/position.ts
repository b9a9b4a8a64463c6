// Which position of the text is meant: the pinned token's, where the text has it. Pure.

import type { Analysis } from "../lib/report.ts";
import type { Loadable } from "./store.ts";

/** A position of the text; null: its last; undefined: not known yet. */
export type Position = number | null | undefined;

/** The last one where no token is pinned, or the text has no such. */
export function positionOf(
  pinned: number | null,
  { data, stale }: Pick<Loadable<Analysis>, "data" | "stale">,
): Position {
  if (pinned === null) return null;
  if (data === null || stale) return undefined;
  return pinned < data.tokens.length ? pinned : null;
}
