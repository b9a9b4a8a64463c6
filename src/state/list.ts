// A list of features with notes: its text in a link, and what can be done to it. Pure.

import { oneLine } from "../lib/oneLine.ts";
import { LIST_MOST, type ListEntry, NOTE_MOST } from "./view.ts";

type List = readonly ListEntry[];

export const cleanNote = (text: string): string => oneLine(text, NOTE_MOST);

/** A line for each feature: its number, and its note where it has one. */
export const writeList = (list: List): string =>
  list.map(({ feature, note }) => (note === "" ? `${feature}` : `${feature} ${note}`)).join("\n");

/** undefined where the text is no list: a feature twice, a line without a number, too many lines. */
export function readList(text: string): List | undefined {
  const lines = text.split("\n");
  if (lines.length > LIST_MOST) return undefined;
  const seen = new Set<number>();
  const list: ListEntry[] = [];
  for (const line of lines) {
    const [, number = "", note = ""] = /^(0|[1-9]\d{0,8})(?: (.*))?$/su.exec(line) ?? [];
    const feature = Number(number);
    if (number === "" || seen.has(feature) || cleanNote(note) !== note) return undefined;
    seen.add(feature);
    list.push({ feature, note });
  }
  return list;
}

export const isListed = (list: List, feature: number): boolean =>
  list.some((entry) => entry.feature === feature);

/** With the feature at its end, or without it where it is there; unchanged where the list is full. */
export function toggled(list: List, feature: number): List {
  if (isListed(list, feature)) return list.filter((entry) => entry.feature !== feature);
  return list.length >= LIST_MOST ? list : [...list, { feature, note: "" }];
}

/** With the feature one place nearer to the beginning (−1) or the end (1), as far as there is one. */
export function moved(list: List, feature: number, by: -1 | 1): List {
  const from = list.findIndex((entry) => entry.feature === feature);
  const [entry, other] = [list[from], list[from + by]];
  if (entry === undefined || other === undefined) return list;
  return list.with(from, other).with(from + by, entry);
}

export const noted = (list: List, feature: number, note: string): List =>
  list.map((entry) => (entry.feature === feature ? { feature, note: cleanNote(note) } : entry));
