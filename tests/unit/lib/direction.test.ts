// Which way a text runs, by its first letter; right values by what Chromium makes of dir="auto".

import { expect, it } from "vitest";
import { direction } from "../../../src/lib/direction.ts";

it.each([
  ["", "ltr"],
  ["the whale", "ltr"],
  ["שלום world", "rtl"],
  ["world שלום", "ltr"],
  ["مرحبا", "rtl"],
  ["123 … “مرحبا”", "rtl"],
  ["123, 456", "ltr"],
  ["\u200Fabc", "rtl"],
  ["\u200Eשלום", "ltr"],
  ["\u061C12", "rtl"],
  ["ܫܠܡܐ", "rtl"],
  ["ߒߞߏ", "rtl"],
  ["\u{1E900}\u{1E901}", "rtl"],
  ["鯨", "ltr"],
  ["\u{20000}", "ltr"],
  ["\uD800שלום", "rtl"],
  ["\n\n  שלום", "rtl"],
] as const)("%j runs %s", (text, wanted) => {
  expect(direction(text)).toBe(wanted);
});
