// A worker as the page meets one, whose every result says what it was made of. It answers when a test lets it: calls run
// one after another, a cancelled one may end either way, and an opening that fails leaves open what was.

import { FacetError } from "../../src/lib/errors.ts";
import type { ArgsOf, JobName } from "../../src/jobs/table.ts";
import type { JobOptions } from "../../src/lib/progress.ts";
import type { OpenRequest } from "../../src/lib/report.ts";
import type { WorkerClient } from "../../src/worker/messages.ts";

/** What opens: at hand, and from a hub, where a question comes first. Everything else is unknown. */
export const SAES = ["blocks.3.hook_resid_post_fast_lr", "blocks.0.hook_resid_post"] as const;
export const HUB_SAE = "owner/sae/large";
const MODEL_BYTES = 2 ** 30;

interface Call {
  readonly job: JobName;
  readonly args: readonly unknown[];
  readonly options: JobOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What a job made of what: no two different keys have the same. */
export interface Made {
  readonly job: JobName;
  readonly args: readonly unknown[];
  readonly on: string | null;
  readonly tokens: readonly unknown[];
}

const named = (name: string): string => name.replace(/@[^/]*/, "");

export class ModelWorker implements WorkerClient {
  #calls: Call[] = [];
  #open: OpenRequest | null = null;
  /** Scans that are kept: part of the browser, like its memory. */
  readonly scans: Set<string>;

  constructor(scans = new Set<string>()) {
    this.scans = scans;
  }

  readonly call: WorkerClient["call"] = (job, args, options = {}) =>
    new Promise((resolve, reject) => {
      this.#calls.push({ job, args, options, resolve: resolve as Call["resolve"], reject });
    });

  onNotice(): () => void {
    return () => undefined;
  }

  get waiting(): number {
    return this.#calls.length;
  }

  /** Of the session that is open: what `JobOptions.on` names. */
  get on(): string | null {
    return this.#open && JSON.stringify(this.#provenance(this.#open));
  }

  /** Answers the call that waits longest. @param late a cancelled one is done all the same. */
  answer(late: boolean): void {
    const call = this.#calls.shift();
    if (!call) return;
    const { options, resolve, reject } = call;
    try {
      const value = this.#run(call);
      if (options.signal?.aborted && !(late && call.job === "open")) throw stopped();
      if (call.job === "open") this.#open = call.args[0] as OpenRequest;
      resolve(value);
    } catch (error) {
      reject(error as Error);
    }
  }

  #run({ job, args, options }: Call): unknown {
    if (job === "catalog") return { models: [], saes: SAES.map(catalogued) };
    if (job === "plan") return this.#plan(args[0] as OpenRequest);
    if (job === "open") return this.#card(args[0] as OpenRequest);
    if (job === "keptScans") return [...this.scans].map((id) => ({ id, fits: true }));
    if (job === "deleteScan") return void this.scans.delete((args as ArgsOf<"deleteScan">)[0]);
    if (this.on === null) throw new FacetError("NoBackend", "No model is open.");
    if (options.on !== undefined && options.on !== this.on) throw stopped();
    if (job === "scan") {
      this.scans.add("scanned");
      return { id: "scanned" };
    }
    const tokens = job === "analyze" ? Array.from(String(args[0])).slice(0, 8) : [];
    const made: Made = { job, args, on: this.on, tokens };
    if (job !== "compare") return made;
    const other = this.#card(args[0] as OpenRequest).provenance;
    return { ...made, sides: [{}, { analysis: other }] };
  }

  #provenance(request: OpenRequest) {
    const { model, sae, activation, precision, backend } = request;
    return {
      model: { source: named(model), revision: `m of ${named(model)}`, activation, precision },
      sae: {
        source: named(sae),
        revision: `s of ${named(sae)}`,
        folder: named(sae),
        hook: "blocks.3.hook_resid_post",
        dSae: 64,
      },
      backend: { name: backend ?? "webgpu" },
    };
  }

  #card(request: OpenRequest) {
    const known = [...SAES, HUB_SAE].some((sae) => sae === named(request.sae));
    if (named(request.model) !== "demo" || !known) {
      throw new FacetError("RepoNotFound", `There is no ${request.sae}.`);
    }
    const large = named(request.sae) === HUB_SAE;
    return {
      provenance: this.#provenance(request),
      modelKey: request.model,
      saeKey: request.sae,
      model: { embeddingBytes: large ? MODEL_BYTES : 8, lossBytes: large ? MODEL_BYTES : 8 },
      sae: { neuronpediaId: null, labels: null },
      notices: [],
    };
  }

  #plan(request: OpenRequest) {
    this.#card(request);
    return { bytes: MODEL_BYTES };
  }
}

const stopped = (): FacetError => new FacetError("Cancelled", "Stopped.");

const catalogued = (key: string) => ({
  key,
  model: "demo",
  hook: `blocks.${key === SAES[0] ? 3 : 0}.hook_resid_post`,
});
