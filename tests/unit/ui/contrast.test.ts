// Text on coloured tokens can be read: at every strength, in both hues and both themes, contrast is at least 4.5 : 1
// (WCAG 2.2, 1.4.3). Colours are read from the stylesheet and mixed in OKLab as the browser mixes them.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { shade } from "../../../src/ui/tokens/tokenValues.ts";

type Vector = readonly [number, number, number];

const css = readFileSync(new URL("../../../src/ui/styles/theme.css", import.meta.url), "utf8");
const [light = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");
const properties = (part: string): Map<string, string> =>
  new Map(
    [...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );
const THEMES = { light: properties(light), dark: properties(dark) };

function linear(hex: string): Vector {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Linear sRGB to OKLab and back (Ottosson 2020). */
function oklab(rgb: Vector): Vector {
  const l = Math.cbrt(dot(rgb, [0.4122214708, 0.5363325363, 0.0514459929]));
  const m = Math.cbrt(dot(rgb, [0.2119034982, 0.6806995451, 0.1073969566]));
  const s = Math.cbrt(dot(rgb, [0.0883024619, 0.2817188376, 0.6299787005]));
  return [
    dot([l, m, s], [0.2104542553, 0.793617785, -0.0040720468]),
    dot([l, m, s], [1.9779984951, -2.428592205, 0.4505937099]),
    dot([l, m, s], [0.0259040371, 0.7827717662, -0.808675766]),
  ];
}

function rgbOf(lab: Vector): Vector {
  const l = dot(lab, [1, 0.3963377774, 0.2158037573]) ** 3;
  const m = dot(lab, [1, -0.1055613458, -0.0638541728]) ** 3;
  const s = dot(lab, [1, -0.0894841775, -1.291485548]) ** 3;
  return [
    dot([l, m, s], [4.0767416621, -3.3077115913, 0.2309699292]),
    dot([l, m, s], [-1.2684380046, 2.6097574011, -0.3413193965]),
    dot([l, m, s], [-0.0041960863, -0.7034186147, 1.707614701]),
  ];
}

const luminance = (rgb: Vector): number =>
  dot(
    [0.2126, 0.7152, 0.0722],
    rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Vector,
  );

function contrast(a: Vector, b: Vector): number {
  const [dim = 0, bright = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
}

function mix(from: Vector, to: Vector, share: number): Vector {
  const [a, b] = [oklab(from), oklab(to)];
  const at = (k: 0 | 1 | 2): number => a[k] + (b[k] - a[k]) * share;
  return rgbOf([at(0), at(1), at(2)]);
}

describe.each(["light", "dark"] as const)("%s theme", (name) => {
  const colour = (property: string): Vector => {
    const hex = THEMES[name].get(property);
    if (hex === undefined) throw new Error(`theme.css has no --${property} in the ${name} theme.`);
    return linear(hex);
  };

  test.each(["accent", "cool"])("text on %s tokens", (hue) => {
    let worst = Infinity;
    for (let step = 1; step <= 1000; step++) {
      const tint = shade(step, 1000);
      if (tint === null) throw new Error("a value without a shade");
      const text = colour(tint.flip ? "on-strong" : "on-tint");
      worst = Math.min(worst, contrast(text, mix(colour("paper"), colour(hue), tint.strength)));
    }
    expect(worst).toBeGreaterThanOrEqual(4.5);
  });

  test("ordinary, soft and emphasised text on paper and wash", () => {
    for (const ground of ["paper", "wash"]) {
      for (const text of ["ink", "ink-soft"]) {
        expect(
          contrast(colour(text), colour(ground)),
          `${text} on ${ground}`,
        ).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  test("bars, lines and dead cells are seen (3 : 1)", () => {
    for (const mark of ["accent-bar", "cool-bar", "line-strong", "dead"]) {
      expect(contrast(colour(mark), colour("paper")), mark).toBeGreaterThanOrEqual(3);
    }
  });
});
