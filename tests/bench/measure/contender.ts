// Who takes part in the operations' benchmark: ours, TensorFlow.js on WebGPU, ONNX Runtime Web on WebGPU. Each computes
// the same numbers from the same seeds (values.ts); none knows the clock or the reference.

import type { SparseRows } from "../../../src/backend/backend.ts";
import type { Precision } from "../../../src/lib/report.ts";
import type { Operation } from "./operations.ts";

export type ContenderName = "ours" | "tfjs" | "ort";

/** Dense [T, N], or the active features. */
export type Output = Float32Array | SparseRows;

/** An operation with its weights on the device. */
export interface Prepared {
  /** Puts inputs of this seed on the device. */
  input(seed: number): void;
  /** Records the operation once, and keeps its result in place of the last one. */
  run(): void | Promise<void>;
  /** Waits until the device has done what was recorded. */
  done(): Promise<void>;
  output(): Promise<Output>;
  dispose(): void;
}

export interface Contender {
  readonly adapter: string;
  /** Whose methods are metered with WebGPU's. */
  readonly backend: object;
  /** null where it has no such operation. */
  prepare(operation: Operation, format: Precision): Promise<Prepared | null>;
}

/** Seeds of an operation's weights; inputs take the run's. */
export const SEEDS = { weight: 11, second: 12, gain: 13 } as const;
/** Added to a run's seed for its second and third input. */
export const INPUT_SEEDS = { first: 0, second: 1000, third: 2000 } as const;

/** The feature at position j of row t of `decode`'s input: L0 of them, ascending and spread over all. */
export const featureAt = (t: number, j: number, K: number, active: number): number =>
  Math.floor(((j + ((t * 37) % 100) / 100) * K) / active);
/** Of token t, for `loss`. */
export const targetAt = (t: number, tile: number): number => (t * 197 + 5) % tile;
