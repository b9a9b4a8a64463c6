// Rows of a long operation in blocks, so that no single dispatch holds the device for seconds.

export interface RowBlock {
  readonly first: number;
  readonly rows: number;
}

/** A multiple of every kernel's rows per workgroup: only the last block may be ragged. */
const BLOCK_STEP = 32;

/** Blocks of about `maxCost` each, where every row costs `rowCost`. */
export function rowBlocks(rows: number, rowCost: number, maxCost: number): RowBlock[] {
  const fitting = Math.floor(maxCost / Math.max(rowCost, 1) / BLOCK_STEP) * BLOCK_STEP;
  const step = Math.max(BLOCK_STEP, fitting);
  const blocks: RowBlock[] = [];
  for (let first = 0; first < rows; first += step) {
    blocks.push({ first, rows: Math.min(step, rows - first) });
  }
  return blocks;
}
