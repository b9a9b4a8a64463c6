// The reader's edits as they stand in a link. Pure. What they mean is lib/edits.ts's.
//
// An edit is its fields joined by "_", and edits are joined by "*", neither of which a URL escapes:
// 17_ablate_all*33_steer_2.5_from4*5_scale_0_3.4.5_off

import { EDIT_LIMITS, type Edit, type EditPositions } from "../lib/edits.ts";
import { EDITS_MOST, type ListedEdit } from "./view.ts";

export function writeEdits(edits: readonly ListedEdit[]): string {
  return edits
    .map(({ feature, mode, value, positions, on }) =>
      [
        feature,
        mode,
        ...(value === undefined ? [] : [value]),
        writePositions(positions),
        ...(on ? [] : ["off"]),
      ].join("_"),
    )
    .join("*");
}

export const writePositions = (positions: EditPositions): string =>
  positions === "all" ? "all" : "from" in positions ? `from${positions.from}` : positions.join(".");

const EDIT =
  /^(0|[1-9]\d{0,8})_(?:(ablate)|(clamp|scale|steer)_(-?\d{1,12}(?:\.\d{1,26})?(?:e[+-]?\d{1,3})?))_(all|from\d{1,6}|\d{1,6}(?:\.\d{1,6}){0,63})(_off)?$/;

/**
 * undefined where the text is no list of edits. A value beyond what is possible is brought back to the nearest that is,
 * and `tell` is told.
 */
export function readEdits(
  text: string,
  tell: (problem: string) => void,
): readonly ListedEdit[] | undefined {
  const parts = text.split("*");
  if (parts.length > EDITS_MOST) return undefined;
  const edits = parts.map((part) => readEdit(part, tell));
  return edits.every((edit) => edit !== undefined) ? edits : undefined;
}

function readEdit(text: string, tell: (problem: string) => void): ListedEdit | undefined {
  const [, number = "", ablate, moded = "", written = "", where = "", off] = EDIT.exec(text) ?? [];
  if (number === "") return undefined;
  const [feature, positions, on] = [Number(number), readPositions(where), off === undefined];
  if (ablate !== undefined) return { feature, mode: "ablate", positions, on };
  const mode = moded as keyof typeof EDIT_LIMITS;
  const most = EDIT_LIMITS[mode];
  const asked = Number(written);
  const value = Math.max(-most, Math.min(most, asked));
  if (value !== asked) {
    tell(
      `The link's edits ${mode} feature ${feature} by ${written}; at most ±${most} is possible, so it is ${value} here.`,
    );
  }
  return { feature, mode, value, positions, on };
}

function readPositions(text: string): EditPositions {
  if (text === "all") return "all";
  if (text.startsWith("from")) return { from: Number(text.slice(4)) };
  return text.split(".").map(Number);
}

/** The edits that are switched on, as the engine takes them. */
export const editsOn = (edits: readonly ListedEdit[]): Edit[] =>
  edits
    .filter(({ on }) => on)
    .map(({ feature, mode, value, positions }) =>
      value === undefined ? { feature, mode, positions } : { feature, mode, value, positions },
    );
