// The Python itself. Where there is a python3 it is compiled; where FACET_TORCH_PYTHON names one that has torch it is
// run, on the small models of SAELens and transformers in tests/python, and prints what its steps compute to.

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { saelensCode } from "../../../src/export/saelens/code.ts";
import { planCode } from "../../../src/export/saelens/plan.ts";
import type { CodeRequest } from "../../../src/export/saelens/request.ts";
import { evaluateSteps } from "../../support/evaluateSteps.ts";
import { repository } from "../../support/nodeFiles.ts";
import {
  EDITS,
  folderOf,
  requestOf,
  saeCase,
  scalingOf,
  sideOf,
} from "../../support/saelensCases.ts";
import { SAE_KINDS } from "../../support/tinyModels.ts";

const hasPython = spawnSync("python3", ["-V"]).status === 0;
const torchPython = process.env["FACET_TORCH_PYTHON"];

const HOSTILE = '"""\n\\\u2028\u202e\u{1f40b} import os # \ud800';

function requests(kind: string): CodeRequest[] {
  const { ids, s } = saeCase(kind);
  const side = sideOf(`sae/${kind}`, s);
  const changed = { activation: "erf", precision: "int4" } as const;
  const other = sideOf("sae/topk-v5", null, changed);
  const text = { edits: EDITS, position: 20, lossByToken: true, feature: 3 } as const;
  return [
    requestOf(side, ids, text),
    requestOf(side, ids, { place: "sae" }),
    requestOf(side, ids, { place: "feature", feature: 7, units: "raw" }),
    requestOf(side, ids, {
      place: "find",
      list: [{ feature: 5, note: HOSTILE }],
      promotes: { id: 91, finalNorm: true },
    }),
    requestOf(side, ids, { place: "compare", other }),
    requestOf(sideOf(`sae/${kind}`, s, { activation: "erf" }), ids, { mask: "all" }),
    requestOf(sideOf(`sae/${kind}`, s, { precision: "int8" }), ids),
  ];
}

it.runIf(hasPython)("compiles", () => {
  const codes = SAE_KINDS.flatMap((kind) => requests(kind).map(saelensCode));
  const { status, stderr } = spawnSync(
    "python3",
    ["-c", "import ast, json, sys; [ast.parse(code) for code in json.load(sys.stdin)]"],
    { input: JSON.stringify(codes), encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

describe.runIf(torchPython !== undefined)("prints what its steps compute to:", () => {
  it.each(SAE_KINDS)(
    "%s",
    async (kind) => {
      for (const request of requests(kind)) {
        const { stdout, stderr, status } = spawnSync(torchPython ?? "", ["-"], {
          input: saelensCode(request),
          encoding: "utf8",
          env: {
            ...process.env,
            PYTHONPATH: [repository("tests/python"), process.env["PYTHONPATH"]].join(":"),
            FACET_FIXTURES: repository("tests"),
          },
        });
        expect(stderr).toBe("");
        expect(status).toBe(0);
        const steps = planCode(request);
        const wanted = await evaluateSteps(steps, { folder: folderOf, scaling: scalingOf });
        const lines = stdout.split("\n");
        for (const step of steps) {
          if (step.step !== "print" || step.label.includes("\n")) continue;
          const line =
            lines.find(
              (one) =>
                one.startsWith(`${step.label} `) &&
                /^[[\d-]/.test(one.slice(step.label.length + 1)),
            ) ?? "";
          const values = JSON.parse(
            `[${line.slice(step.label.length).trim().replaceAll("] [", "],[")}]`,
          ) as (number | number[])[];
          const found = values.map((value) => (typeof value === "number" ? [value] : value));
          const expected = wanted.get(step.label) ?? [];
          expect(found.length, step.label).toBe(expected.length);
          expected.forEach((list, n) => {
            const most = Math.max(...list.map(Math.abs));
            list.forEach((value, i) =>
              expect(
                Math.abs((found[n]?.[i] ?? NaN) - value),
                `${step.label}[${i}]`,
              ).toBeLessThanOrEqual(Math.max(1e-3 * Math.abs(value), 1e-4 * most, 1e-7)),
            );
          });
        }
      }
    },
    600_000,
  );
});
