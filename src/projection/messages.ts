// What the page and the worker of the projection say to each other.

export interface ToProjection {
  /** Neighbours of a point. */
  readonly k: number;
  /** [n, k], nearest first. */
  readonly index: Uint32Array;
  readonly cosine: Float32Array;
  readonly seed: number;
}

export type FromProjection =
  | { readonly type: "progress"; readonly done: number; readonly total: number }
  /** [n] each; the longer side of the points' box is 1, and their middle is 0. */
  | { readonly type: "result"; readonly x: Float32Array; readonly y: Float32Array };
