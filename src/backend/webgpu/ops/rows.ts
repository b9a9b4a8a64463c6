// Moving whole rows: copies on the device, no kernel.

import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";

function copyRows(
  runner: Runner,
  from: GpuTensor,
  first: number,
  rows: number,
  to: GpuTensor,
  at: number,
): void {
  const rowBytes = from.cols * 4;
  runner.copy(from.buffer, first * rowBytes, to.buffer, at * rowBytes, rows * rowBytes);
}

export function select(runner: Runner, mask: Uint8Array, a: GpuTensor, b: GpuTensor): GpuTensor {
  expectShape(b, a.rows, a.cols, "The second tensor of select");
  if (mask.length !== a.rows) throw new RangeError(`A mask of ${mask.length} for ${a.rows} rows`);
  const out = emptyTensor(runner, a.rows, a.cols, "selected rows");
  // A run of rows from the same tensor is one copy.
  for (let first = 0; first < a.rows;) {
    let end = first + 1;
    while (end < a.rows && mask[end] === mask[first]) end++;
    copyRows(runner, mask[first] === 1 ? b : a, first, end - first, out, first);
    first = end;
  }
  return out;
}

export function concatRows(runner: Runner, parts: readonly GpuTensor[]): GpuTensor {
  const cols = parts[0]?.cols ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const out = emptyTensor(runner, rows, cols, "joined rows");
  let at = 0;
  for (const part of parts) {
    expectShape(part, part.rows, cols, "A part of concatRows");
    copyRows(runner, part, 0, part.rows, out, at);
    at += part.rows;
  }
  return out;
}

export function sliceRows(runner: Runner, x: GpuTensor, start: number, end: number): GpuTensor {
  if (!(start >= 0 && start <= end && end <= x.rows)) {
    throw new RangeError(`Rows ${start} to ${end} of a tensor with ${x.rows}`);
  }
  const out = emptyTensor(runner, end - start, x.cols, "slice of rows");
  copyRows(runner, x, start, end - start, out, 0);
  return out;
}
