// What the whole jobs are, for every contender alike.

import type { TokenReport } from "../../../src/lib/report.ts";
import type { FoundToken } from "./agreement.ts";

/**
 * `encode`: forward to the hook and encode, active features in JavaScript (dense activations, in ONNX Runtime).
 * `analyze`: what the page asks for. `loss`: the whole forward and the loss of every token.
 */
export type Job = "encode" | "analyze" | "loss";

export type ContenderName =
  | "webgpu"
  | "tfjs-webgpu"
  | "tfjs-wasm"
  | "tfjs-cpu"
  | "ort-webgpu"
  | "ort-wasm";

export interface Task {
  readonly contender: {
    readonly name: ContenderName;
    /** null where it has none to choose. */
    readonly threads: number | null;
  };
  readonly sae: string;
  readonly ids: readonly number[];
}

export interface Found {
  readonly tokens?: readonly FoundToken[];
  /** Of each position but the last. */
  readonly losses?: readonly number[];
}

/** A job resolves when its result is there; what it returns brings that into a form to compare, off the clock. */
export type JobRun = () => Promise<() => Found>;

/** null where the contender has no such job. */
export interface Jobs extends Readonly<Record<Job, JobRun | null>> {
  readonly adapter: string;
  /** Whose methods are metered. */
  readonly backend: object;
  tokens(): Promise<TokenReport[]>;
  stream(marks: readonly number[]): Promise<number[]>;
}
