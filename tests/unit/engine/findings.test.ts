// The README's findings about the bundled model, run from its own links: what is said of each must hold.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import type { Engine } from "../../../src/session/engine.ts";
import { jobsOf } from "../../support/jobs.ts";
import type { Intervention } from "../../../src/lib/interventions.ts";
import { editsOn } from "../../../src/state/editList.ts";
import { readFragment } from "../../../src/state/permalink.ts";
import type { View } from "../../../src/state/view.ts";
import { engineOn } from "../../support/engineSuite.ts";
import { repository, TFJS_WASM } from "../../support/nodeFiles.ts";

const SECTION = /\n## Interventions\n(.*?)\n## /s;
/** The links of the README's section, in order. */
const views = [
  ...(SECTION.exec(readFileSync(repository("README.md"), "utf8"))?.[1] ?? "").matchAll(
    /\(http:\/\/localhost:4173\/#([^)]+)\)/g,
  ),
].map(([, fragment = ""]): View => {
  const { view, problems } = readFragment(fragment);
  expect(problems).toEqual([]);
  return view;
});
/** As the page runs them. */
const CONTROLS = { controls: 20, seed: 1 } as const;

describe("the README's findings", () => {
  let engine: Engine;
  beforeAll(() => {
    engine = engineOn("tfjs-wasm", () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }));
  });
  const open = async (which: number): Promise<{ view: View; report: Intervention }> => {
    const view = views[which];
    if (!view) throw new Error(`The README has no link number ${which + 1}.`);
    await engine.open({ model: view.model, sae: view.sae, activation: view.activation });
    const how = { mask: view.mask, position: view.token, ...CONTROLS };
    return { view, report: await jobsOf(engine).intervene(view.text, editsOn(view.edits), how) };
  };

  it("are three", () => expect(views).toHaveLength(3));

  it("1: a feature whose ablation takes the right next token away", async () => {
    const { report } = await open(0);
    const { before, after } = report;
    expect(before.actual).toMatchObject({ token: "ats", rank: 1 });
    expect(before.actual?.probability).toBeCloseTo(0.545, 3);
    expect(after.actual?.probability).toBeCloseTo(0.0027, 4);
    expect(after.actual?.rank).toBe(59);
    const sae = "blocks.5.hook_resid_post";
    const { tokens } = await jobsOf(engine).downstream(report.text, report.edits, { sae });
    const counts = tokens.map(({ gained, lost }) => [gained.length, lost.length] as const);
    expect(counts).toHaveLength(6);
    expect(counts[0]).toEqual([44, 68]);
    const sums = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]) =>
      [a + c, b + d] as const;
    expect(counts.reduce(sums, [0, 0])).toEqual([59, 84]);
    expectControls(report, { effect: 0.161, mean: 0.044, sd: 0.028, z: 4.3 }, 3);
  });

  it("2: a feature that steers a story into a budget", async () => {
    const { view, report } = await open(1);
    const edits = editsOn(view.edits);
    const how = { edits, maxTokens: 40, temperature: 0, topP: 1, seed: 1 };
    const { clean, edited } = await jobsOf(engine).generate(view.text, how);
    expect(clean.text).toMatch(/^ the Pequod’s head, and the other side of the sea/);
    expect(edited?.text).toMatch(
      /^ the total of the last fiscal year, ending June 30, 1880, of \$16,000,000/,
    );
    expectControls(report, { effect: 1.1, mean: 0.41, sd: 0.07, z: 9.7 }, 2);
  });

  it("3: a feature that fires and does nothing", async () => {
    const { view, report } = await open(2);
    const [edit] = view.edits;
    const { tokens } = await jobsOf(engine).analyze(view.text, { mask: view.mask });
    const { token, features = [] } = tokens[view.token ?? -1] ?? {};
    expect(token).toBe("ats");
    expect(features.findIndex(({ index }) => index === edit?.feature)).toBe(1);
    expect(features[1]?.folded).toBeCloseTo(8.5, 1);
    const { before, after } = report;
    expect([before.actual?.rank, after.actual?.rank]).toEqual([17, 17]);
    expect(before.actual?.probability).toBeCloseTo(0.0059, 4);
    expect(after.actual?.probability).toBeCloseTo(0.0058, 4);
    expectControls(report, { effect: 0.00015, mean: 0.00018, sd: 0.00005, z: -0.6 }, 5);
  });
});

/** The README's figures, to the digits that it gives; a z-score to its one. */
function expectControls(
  { controls }: Intervention,
  wanted: { effect: number; mean: number; sd: number; z: number },
  digits: number,
): void {
  for (const name of ["effect", "mean", "sd"] as const) {
    expect(controls?.[name], name).toBeCloseTo(wanted[name], digits);
  }
  expect(controls?.z).toBeCloseTo(wanted.z, 1);
}
