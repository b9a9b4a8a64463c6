// The one way from the page to the worker's jobs: what reads much, or opens another SAE, is a question to the reader first.

import { needsOf } from "../jobs/calls.ts";
import type { ArgsOf, JobName, ResultOf } from "../jobs/table.ts";
import { FacetError } from "../lib/errors.ts";
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
  readonly withToken: (request: OpenRequest) => OpenRequest;
  /** The reader chose another precision for the SAE beside the open one. */
  readonly chosePrecision: (precision: Precision | null) => void;
}

export function asking({ client, consent, getState, withToken, chosePrecision }: Parts): Ask {
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
    if (beside !== null) await agreeTo(beside, options);
    if (reads !== null) await consent.toRead(reads, getState(), options);
    // A token stands in no key and no state: it joins what is asked last of all.
    const given = args.map((arg) =>
      arg === beside && typeof beside === "object" && beside !== null ? withToken(beside) : arg,
    ) as unknown as ArgsOf<typeof job>;
    return client.call(job, given, options);
  };
}
