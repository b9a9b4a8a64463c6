// Where a key leads inside the token strip: beside, to either end, or to the nearest token of the row above or below.

import { greatest, least } from "../../lib/extremes.ts";

interface Box {
  readonly index: number;
  readonly middle: number;
  readonly top: number;
}

function boxes(strip: HTMLElement): Box[] {
  return [...strip.querySelectorAll<HTMLElement>("[data-position]")].map((element, index) => {
    const { left, width, top } = element.getClientRects()[0] ?? element.getBoundingClientRect();
    return { index, middle: left + width / 2, top };
  });
}

/** Rows closer than this many pixels are one row. */
const SAME_ROW = 4;

function inNextRow(at: number, down: boolean, strip: HTMLElement): number | null {
  const all = boxes(strip);
  const from = all[at];
  if (from === undefined) return null;
  const beyond = all.filter(({ top }) =>
    down ? top > from.top + SAME_ROW : top < from.top - SAME_ROW,
  );
  if (beyond.length === 0) return null;
  const tops = beyond.map(({ top }) => top);
  const row = down ? least(tops) : greatest(tops);
  const distance = (box: Box): number => Math.abs(box.middle - from.middle);
  return beyond
    .filter(({ top }) => Math.abs(top - row) <= SAME_ROW)
    .reduce((best, box) => (distance(box) < distance(best) ? box : best)).index;
}

/** The glyph to go to from glyph `at`; null: the key is not the strip's, or there is nothing there. */
export function glyphBeside(key: string, at: number, strip: HTMLElement): number | null {
  const last = strip.querySelectorAll("[data-position]").length - 1;
  switch (key) {
    case "ArrowRight":
      return Math.min(last, at + 1);
    case "ArrowLeft":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowDown":
      return inNextRow(at, true, strip);
    case "ArrowUp":
      return inNextRow(at, false, strip);
    default:
      return null;
  }
}
