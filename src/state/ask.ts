// The one way from the page to the worker's jobs: what reads much, or opens another SAE, is a question to the reader first.

import { needsOf } from "../jobs/calls.ts";
import type { ArgsOf, JobName, ResultOf } from "../jobs/table.ts";
import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { OpenRequest, Precision } from "../lib/report.ts";
import type { WorkerClient } from "../worker/messages.ts";
import type { Consent } from "./consent.ts";
import { asAsked, requestOf } from "./requests.ts";
import type { State } from "./store.ts";

/** Rejects with `Cancelled` where the reader says no. */
export type Ask = <J extends JobName>(
  job: J,
  args: ArgsOf<J>,
  options?: JobOptions,
) => Promise<ResultOf<J>>;

interface Parts {
  readonly client: WorkerClient;
  readonly consent: Consent;
  readonly getState: () => State;
  readonly subscribe: (listener: () => void) => () => void;
  readonly withToken: (request: OpenRequest) => OpenRequest;
  /** The reader chose another precision for the SAE beside the open one. */
  readonly chosePrecision: (precision: Precision | null) => void;
}

export function asking(parts: Parts): Ask {
  const { client, consent, getState, withToken, chosePrecision } = parts;

  /** Of an SAE by its name, the model's weights are the open ones, in the precision that they are in. */
  async function agreeTo(other: OpenRequest | string, options: JobOptions): Promise<void> {
    const { view, card } = getState();
    const named = typeof other === "string";
    if ((named ? other : other.sae) === view.sae && !card.running) return;
    const asked = { ...view, ...(named ? { sae: other, saeRevision: null } : asAsked(other)) };
    const precision = await consent.toOpen(asked, withToken(requestOf(asked)), options);
    if (named || precision === asked.precision) return;
    chosePrecision(precision);
    throw new FacetError("Cancelled", "Stopped: another precision was chosen.");
  }

  return async (job, args, options = {}) => {
    const { reads, beside } = needsOf(job, args);
    let how = options;
    if (reads !== null || beside !== null) {
      // What is agreed to is of what is open: the job is run on just that.
      if (options.on === undefined) await untilOpened(parts, options.signal);
      const on = options.on ?? getState().on;
      how = { ...options, ...(on !== null && { on }) };
      if (beside !== null) await agreeTo(beside, options);
      if (reads !== null) await consent.toRead(reads, getState(), options);
    }
    // A token stands in no key and no state: it joins what is asked last of all.
    const given = args.map((arg) =>
      arg === beside && typeof beside === "object" && beside !== null ? withToken(beside) : arg,
    ) as unknown as ArgsOf<typeof job>;
    return client.call(job, given, how);
  };
}

/** Waits while a model or an SAE is being opened; rejects with `Cancelled`. */
async function untilOpened(
  { getState, subscribe }: Parts,
  signal: AbortSignal | undefined,
): Promise<void> {
  let leave = (): void => undefined;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (signal?.aborted || !getState().card.running) resolve();
    };
    const stop = subscribe(look);
    signal?.addEventListener("abort", look);
    leave = () => {
      stop();
      signal?.removeEventListener("abort", look);
    };
    look();
  });
  leave();
  throwIfCancelled(signal, "waiting for what is being opened");
}
