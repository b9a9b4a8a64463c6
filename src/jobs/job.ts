// What a job is. Its file holds its name in words, its arguments and result as types, what it moves, and `run`; the table
// (table.ts) names them all, and the protocol, the client, window.facet and the embed calls follow from that by types.

import type { PackingName } from "../lib/packing.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Engine } from "../session/engine.ts";
import type { Opened, Session } from "../session/session.ts";
import type { Host } from "./host.ts";

/** What jobs work with. */
export interface House {
  readonly engine: Engine;
  /** What only a browser has; null elsewhere. */
  readonly host: Host | null;
}

export interface Job<Args extends readonly unknown[], Result> {
  /** For errors and progress: "analysing a text". */
  readonly doing: string;
  run(house: House, args: Args, options: JobOptions): Promise<Result>;
  /** Buffers of a result that move to the page instead of being copied. */
  readonly transfer?: (result: Result) => Transferable[];
  /** How a result goes to the page where not as it is; its buffers move too. */
  readonly packing?: PackingName;
}

/** A job on what is open, in its turn behind those asked for before. */
export function onSession<Args extends readonly unknown[], Result>(
  doing: string,
  run: (session: Session, args: Args, options: JobOptions, opened: Opened) => Promise<Result>,
  transfer?: (result: Result) => Transferable[],
): Job<Args, Result> {
  return {
    doing,
    run: ({ engine }, args, options) =>
      engine.turn(doing, options, (opened) => run(opened.session, args, options, opened)),
    ...(transfer && { transfer }),
  };
}

/** A job that waits for no turn: it reads nothing of the device, or takes its turns itself. */
export const atOnce = <Args extends readonly unknown[], Result>(
  doing: string,
  run: (house: House, args: Args, options: JobOptions) => Promise<Result>,
  transfer?: (result: Result) => Transferable[],
): Job<Args, Result> => ({ doing, run, ...(transfer && { transfer }) });
