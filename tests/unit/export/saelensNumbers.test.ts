// The code for SAELens prints the page's numbers: its steps, computed in float64 on a model of SAELens, against what the
// page reports of the same SAE, and against right values that torch gave.

import { jobsOn } from "../../support/jobs.ts";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { compareOn } from "../../../src/jobs/compare.ts";
import { analyzeText } from "../../../src/jobs/analyze.ts";
import { saeRun, type Session } from "../../../src/session/session.ts";
import { verifyText } from "../../../src/jobs/verify.ts";
import { planCode } from "../../../src/export/saelens/plan.ts";
import type { CodeRequest, Side } from "../../../src/export/saelens/request.ts";
import { isQuantFormat } from "../../../src/lib/quantize.ts";
import type { GeluKind, Precision } from "../../../src/lib/report.ts";
import { openTensors } from "../../../src/formats/shards.ts";
import { openSae } from "../../../src/sae/open.ts";
import { at, build } from "../../reference/ops.ts";
import { matrix } from "../../support/editReference.ts";
import { SaeLensModel } from "../../support/saelens.ts";
import { evaluateSteps, type Printed } from "../../support/evaluateSteps.ts";
import { nodeTree, repository } from "../../support/nodeFiles.ts";
import {
  EDITS,
  folderOf,
  LOADED,
  MODEL,
  requestOf,
  saeCase,
  scalingOf,
  sideOf,
} from "../../support/saelensCases.ts";
import { openSaeGolden, openTiny, SAE_KINDS, saeFile } from "../../support/tinyModels.ts";

const world = { folder: folderOf, scaling: scalingOf };
const run = (request: CodeRequest): Promise<Printed> => evaluateSteps(planCode(request), world);

let backend: Backend;
beforeAll(async () => {
  backend = await createTfjsBackend("tfjs-cpu");
});
afterAll(() => backend.dispose());

/** What is open where the page shows this SAE. */
async function openOn(
  kind: string,
  activation: GeluKind = "tanh",
  precision: Precision = "bf16",
): Promise<Session> {
  const gemma = await openTiny(
    backend,
    MODEL,
    activation,
    isQuantFormat(precision) ? { precision } : {},
  );
  const { sae } = await openSaeGolden(backend, kind);
  const { s } = saeCase(kind);
  const nothing = { published: [], labels: null, facts: null, files: [] };
  return {
    backend,
    model: {
      source: {
        source: `fixtures/goldens/${MODEL}`,
        name: MODEL,
        tree: nodeTree(MODEL, "abc"),
        presets: [],
        corpus: null,
      },
      fileFormat: "bf16",
      gemma,
      tokenizer: null,
      notices: [],
    },
    sae: {
      source: {
        source: "fixtures/goldens",
        folder: `sae/${kind}`,
        tree: nodeTree(kind, "def"),
        normScalingFactor: s,
        ...nothing,
      },
      sae,
      logDensity: null,
      notices: [],
    },
  };
}

/** Within a thousandth, or a ten-thousandth of the largest: the page computes in float32. */
function expectLists(
  printed: Printed,
  label: string,
  ...wanted: (readonly (number | null)[])[]
): void {
  const found = printed.get(label);
  expect(found, label).toBeDefined();
  expect(found?.length, label).toBe(wanted.length);
  wanted.forEach((list, n) => {
    const most = Math.max(...list.map((value) => Math.abs(value ?? 0)));
    expect(found?.[n]?.length, label).toBe(list.length);
    list.forEach((value, i) => {
      const apart = Math.abs((found?.[n]?.[i] ?? NaN) - (value ?? NaN));
      expect(apart, `${label}[${i}]`).toBeLessThanOrEqual(
        Math.max(1e-3 * Math.abs(value ?? 0), 1e-4 * most, 1e-7),
      );
    });
  });
}

const LAYER_12 = 0.21381938399317255;

describe("right values that torch gave", () => {
  const { ids, x } = JSON.parse(
    readFileSync(repository("tests/fixtures/saelens-code/x.json"), "utf8"),
  ) as { ids: number[]; x: number[][] };
  const given = { ...world, x: build(5, 64, (t, c) => x[t]?.[c] ?? NaN) };
  const printed = (folder: string, s: number | null, more = {}): Promise<Printed> => {
    const side = sideOf(folder, s, { repo: LOADED });
    return evaluateSteps(planCode(requestOf(side, ids, more)), given);
  };
  const rounded = (values: readonly number[] | undefined, digits: number): number[] =>
    (values ?? []).map((value) => Number(value.toFixed(digits)));

  it("an s that stands in no file is folded", async () => {
    const found = await printed("layer-12", LAYER_12);
    expect(found.get("L0 by token")).toEqual([[2, 6, 8, 9, 3]]);
    expect(rounded(found.get("squared error by token")?.[0], 1)).toEqual([
      461.7, 781.9, 740.7, 1049, 405.9,
    ]);
  });

  it("an SAE without an s that is known runs unscaled, as on the page", async () => {
    const found = await printed("layer-12", null);
    expect(found.get("L0 by token")).toEqual([[43, 44, 36, 39, 43]]);
  });

  it("a norm that activations carry is not counted twice", async () => {
    const found = await printed("topk-rescaled", null, { feature: 92 });
    expect(rounded(found.get("feature 92, folded")?.[0], 4)[1]).toBe(20.8345);
  });
});

it("activations that carry the decoder's norm carry that of the decoder as it is used, with an s too", async () => {
  const folder = "tests/fixtures/goldens/sae/topk-rescaled";
  const own = await SaeLensModel.load(folder, { architecture: null, scaled: false });
  const s = 0.3;
  own.fold(s);
  const { config } = await saeFile("topk-rescaled");
  const tensors = await openTensors(nodeTree(folder), "sae_weights.safetensors");
  const scaled = { ...config, normalizeActivations: "expected_average_only_in" } as const;
  const sae = await openSae(backend, scaled, tensors, s, {});
  const { x } = await openSaeGolden(backend, "topk-rescaled");
  const encoded = await sae.encode(backend.tensor(x, x.length / config.dIn, config.dIn));
  const rows = matrix(x, config.dIn);
  const raw = own.encode(rows);
  const { rowStart, index, value } = await backend.readFeatures(encoded.features);
  for (let t = 0; t < rows.rows; t++) {
    for (let i = rowStart[t] ?? 0; i < (rowStart[t + 1] ?? 0); i++) {
      const feature = index[i] ?? -1;
      expect((value[i] ?? NaN) * sae.foldFactor(feature)).toBeCloseTo(at(raw, t, feature), 3);
    }
  }
  const xHat = own.decode(raw).data;
  const found = await backend.read(sae.decode(encoded));
  found.forEach((one, i) => expect(one).toBeCloseTo(xHat[i] ?? NaN, 3));
});

describe("the page's numbers", () => {
  describe.each(SAE_KINDS)("%s", (kind) => {
    const { ids, s } = saeCase(kind);
    const side = sideOf(`sae/${kind}`, s);
    let session: Session;
    beforeAll(async () => {
      session = await openOn(kind);
    });

    it("is run as the page says", () => {
      expect(saeRun(session)).toEqual(side.run);
    });

    it("on the text and of a feature, raw and folded", async () => {
      const { tokens } = await analyzeText(session, ids, "nonspecial", {});
      const feature = tokens[5]?.features[0]?.index ?? 0;
      for (const units of ["raw", "folded"] as const) {
        const found = await run(requestOf(side, ids, { feature, units }));
        expectLists(
          found,
          "L0 by token",
          tokens.map(({ l0 }) => l0),
        );
        expectLists(
          found,
          "squared error by token",
          tokens.map(({ squaredError }) => squaredError),
        );
        expectLists(
          found,
          `feature ${feature}, ${units}`,
          tokens.map(
            ({ features }) => features.find(({ index }) => index === feature)?.[units] ?? 0,
          ),
        );
      }
    });

    it.each(kind === "gated" ? (["all", "nonspecial"] as const) : (["nonspecial"] as const))(
      "of Verify, mask %s",
      async (mask) => {
        const { metrics } = await verifyText(session, ids, mask, {});
        const found = await run(requestOf(side, ids, { place: "sae", mask }));
        for (const [label, metric] of [
          ["L0", metrics.l0],
          ["MSE", metrics.mse],
          ["explained variance (legacy)", metrics.explainedVarianceLegacy],
          ["explained variance", metrics.explainedVariance],
          ["cosine", metrics.cosine],
          ["L2 ratio", metrics.l2Ratio],
          ["relative reconstruction bias", metrics.relativeReconstructionBias],
          ["CE clean", metrics.ceClean],
          ["CE with the SAE", metrics.ceSae],
          ["CE with the hook zeroed", metrics.ceZero],
          ["CE score", metrics.ceScore],
          ["KL", metrics.kl],
          ["KL with the hook zeroed", metrics.klZero],
          ["KL score", metrics.klScore],
        ] as const) {
          expectLists(found, label, [metric]);
        }
      },
    );

    it("of edits", async () => {
      const how = { mask: "nonspecial", controls: 4, seed: 1, position: 20 } as const;
      const report = await jobsOn(session).intervene(ids, EDITS, how);
      const found = await run(
        requestOf(side, ids, { edits: EDITS, position: 20, lossByToken: true }),
      );
      expectLists(found, "KL(before || after) by token", report.kl);
      expectLists(found, "change of CE by token", report.deltaCe);
      expectLists(found, "CE by token", report.before.cePerToken);
      expectLists(found, "CE by token, with the SAE", report.spliced.cePerToken);
      expectLists(found, "effect: mean KL over the mask", [report.controls?.effect ?? null]);
      expectLists(found, "the controls' effects", report.controls?.samples ?? []);
      expectLists(found, "z of the effect", [report.controls?.z ?? null]);
      for (const [label, { nextTokens }] of [
        ["", report.before],
        [", with the SAE", report.spliced],
        [", with the edits", report.after],
      ] as const) {
        const [, probabilities = []] = found.get(`next tokens behind position 20${label}`) ?? [];
        expectLists(
          new Map([["probabilities", [probabilities]]]),
          "probabilities",
          nextTokens.map(({ probability }) => probability),
        );
      }
    });

    it("of one feature's page and of the logits of a token", async () => {
      const { logitLens, neighbours } = await jobsOn(session).feature(7);
      const found = await run(requestOf(side, ids, { place: "feature", feature: 7 }));
      for (const [label, entries] of [
        ["positive logits", logitLens?.withoutNorm.top],
        ["negative logits", logitLens?.withoutNorm.bottom],
        ["positive logits, with the final norm", logitLens?.withNorm.top],
        ["negative logits, with the final norm", logitLens?.withNorm.bottom],
      ] as const) {
        expectLists(
          found,
          label,
          entries?.map(({ id }) => id) ?? [],
          entries?.map(({ value }) => value) ?? [],
        );
      }
      expectLists(
        found,
        "nearest decoder rows, cosine",
        neighbours.map(({ index }) => index),
        neighbours.map(({ cosine }) => cosine),
      );
      const { withNorm } = await jobsOn(session).tokenLogits(91);
      const best = [...withNorm.keys()]
        .toSorted((a, b) => (withNorm[b] ?? 0) - (withNorm[a] ?? 0))
        .slice(0, 10);
      const list = await run(
        requestOf(side, ids, { place: "find", promotes: { id: 91, finalNorm: true } }),
      );
      expectLists(
        list,
        "features whose positive logits include token 91",
        best,
        best.map((i) => withNorm[i] ?? NaN),
      );
    });
  });

  const KIND = "gated";
  const { ids } = saeCase(KIND);

  it.each([
    ["erf", "bf16"],
    ["tanh", "int8"],
    ["erf", "int4"],
  ] as const)("with GELU %s and weights in %s", async (activation, precision) => {
    const session = await openOn(KIND, activation, precision);
    const { tokens } = await analyzeText(session, ids, "all", {});
    const side = sideOf(`sae/${KIND}`, null, { activation, precision });
    const found = await run(requestOf(side, ids));
    expectLists(
      found,
      "L0 by token",
      tokens.map(({ l0 }) => l0),
    );
    expectLists(
      found,
      "squared error by token",
      tokens.map(({ squaredError }) => squaredError),
    );
  });

  it.each([
    ["another SAE", "topk-v5", "tanh", "bf16"],
    ["the other GELU", KIND, "erf", "bf16"],
    ["other weights", KIND, "tanh", "int4"],
  ] as const)("of a comparison with %s", async (_what, kind, activation, precision) => {
    const first = await openOn(KIND);
    const second = await openOn(kind, activation, precision);
    const report = await compareOn(
      first,
      { session: second, bytes: 0 },
      ids,
      { mask: "nonspecial", loss: true },
      {},
    );
    const other: Side = {
      provenance: report.sides[1].analysis,
      run: report.sides[1].saeRun,
    };
    const side = sideOf(`sae/${KIND}`, null);
    const found = await run(requestOf(side, ids, { place: "compare", other }));
    const [a, b] = report.sides;
    expectLists(
      found,
      "L0 by token",
      a.analysis.tokens.map(({ l0 }) => l0),
    );
    expectLists(
      found,
      "the other: L0 by token",
      b.analysis.tokens.map(({ l0 }) => l0),
    );
    expectLists(found, "CE with the SAE", [a.verification?.metrics.ceSae ?? null]);
    expectLists(found, "the other: CE with the SAE", [b.verification?.metrics.ceSae ?? null]);
    for (const [label, matched] of [
      ["strongest features, nearest in the other, cosine", report.matches[0]],
      ["the other: strongest features, nearest here, cosine", report.matches[1]],
    ] as const) {
      expectLists(
        found,
        label,
        matched.map(({ feature }) => feature),
        matched.map(({ match }) => match),
        matched.map(({ cosine }) => cosine),
      );
    }
  });
});
