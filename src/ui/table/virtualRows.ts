// Which rows of a long list stand in its window: rows of one height in a scroller of its own. What is drawn is a pool of
// elements that are used again as rows come and go, so that scrolling makes and drops none.

import { useLayoutEffect, useRef, useState, type RefObject } from "react";

/** Rows drawn beyond each end of the window. */
const MARGIN = 8;

export interface DrawnRow {
  /** Number of the row in the list. */
  readonly row: number;
  /** Which of the pool's elements draws it: a key that stays as rows pass. */
  readonly slot: number;
}

/** The rows to draw, `height` and `top` in pixels of the scroller. */
export function drawnRows(
  rows: number,
  rowHeight: number,
  top: number,
  height: number,
): DrawnRow[] {
  const pool = Math.ceil(height / rowHeight) + 1 + 2 * MARGIN;
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight) - MARGIN, rows - pool));
  return Array.from({ length: Math.min(pool, rows) }, (_, i) => ({
    row: first + i,
    slot: (first + i) % pool,
  }));
}

export interface VirtualRows {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly drawn: readonly DrawnRow[];
  readonly onScroll: () => void;
  /** Brings a row into the window. @param head pixels at the window's top that something stands over. */
  readonly reveal: (row: number, head: number) => void;
}

export function useVirtualRows(rows: number, rowHeight: number): VirtualRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  // In whole rows: scrolling within a row draws nothing anew.
  const [top, setTop] = useState(0);
  const onScroll = (): void => {
    const at = scroller.current?.scrollTop ?? 0;
    setTop(Math.floor(at / rowHeight) * rowHeight);
  };
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    setHeight(element.clientHeight);
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return {
    scroller,
    drawn: drawnRows(rows, rowHeight, top, height),
    onScroll,
    reveal(row, head) {
      const element = scroller.current;
      if (element === null) return;
      const [above, below] = [row * rowHeight, (row + 1) * rowHeight + head];
      if (above < element.scrollTop) element.scrollTop = above;
      else if (below > element.scrollTop + element.clientHeight)
        element.scrollTop = below - element.clientHeight;
    },
  };
}
