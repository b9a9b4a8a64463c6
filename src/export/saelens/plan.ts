// From what is on show to the steps that reproduce it with transformers and SAELens. Pure: no Python here.

import type { EditPositions } from "../../lib/edits.ts";
import { isQuantFormat } from "../../lib/quantize.ts";
import { METRIC_NAMES, type Precision, type Provenance } from "../../lib/report.ts";
import type { CodeRequest, Side } from "./request.ts";
import type { Files, ModelStep, SaeStep, Step, Value, Which } from "./steps.ts";

/** SAELens knows these when it trains alone; saved, they are JumpReLU with the threshold that training left. */
const TRAINING_ONLY: ReadonlySet<string | null> = new Set([
  "batchtopk",
  "matryoshka",
  "matryoshka_batchtopk",
]);

export function planCode(request: CodeRequest): Step[] {
  const { side, tokens } = request;
  return onceSpliced([
    modelStep(side.provenance, request.endpoint),
    ...saeSteps("sae", side, request.endpoint),
    ...(tokens === null ? [] : [...tokenSteps(request, tokens), ...encodeStep("sae", side)]),
    ...placeSteps(request, tokens !== null),
  ]);
}

/** Several parts of a place may need the spliced stream; it is made for the first of them. */
function onceSpliced(steps: readonly Step[]): Step[] {
  const made = new Set<Which>();
  return steps.filter((step) => {
    if (step.step !== "splice") return true;
    const first = !made.has(step.sae);
    made.add(step.sae);
    return first;
  });
}

function placeSteps(request: CodeRequest, hasText: boolean): Step[] {
  const { place, side, feature, list } = request;
  const lens = place === "feature" && feature !== null ? lensSteps(feature) : [];
  const found = place === "find" ? tokenLogitSteps(request) : [];
  if (!hasText) return [note("No text was run."), ...lens, ...found];
  if (place === "sae") return metricSteps("sae", side);
  if (place === "feature" && feature !== null) {
    return [...featureStep(request, feature), ...lens, ...editSteps(request)];
  }
  if (place === "find" && (list.length > 0 || found.length > 0)) {
    return [...list.flatMap((entry) => featureStep(request, entry.feature, entry.note)), ...found];
  }
  return [
    ...strips("sae"),
    ...(feature === null ? [] : featureStep(request, feature)),
    ...(place === "compare" ? otherSteps(request) : [...lossSteps(request), ...editSteps(request)]),
  ];
}

const note = (text: string): Step => ({ step: "note", text });
const print = (label: string, value: Value): Step => ({ step: "print", label, value });

function filesOf(
  source: string,
  revision: string,
  bundled: string,
  endpoint: string | null,
  folder?: string,
): Files {
  if (source === "demo") return { from: "bundle", folder: `public/demo/${bundled}`, revision };
  if (source.startsWith("local/")) return { from: "disk", name: source.slice("local/".length) };
  // A model in a folder of its repository has the folder in its source.
  const [owner = "", name = "", ...rest] = source.split("/");
  return {
    from: "hub",
    repo: `${owner}/${name}`,
    revision,
    folder: folder ?? rest.join("/"),
    endpoint,
  };
}

const roundingOf = (precision: Precision): ModelStep["rounding"] =>
  isQuantFormat(precision) ? precision : null;

function modelStep({ model }: Provenance, endpoint: string | null): ModelStep {
  return {
    step: "model",
    files: filesOf(model.source, model.revision, "model", endpoint),
    gelu: model.activation,
    rounding: roundingOf(model.precision),
  };
}

function saeSteps(sae: Which, { provenance, run }: Side, endpoint: string | null): Step[] {
  const { source, revision, folder } = provenance.sae;
  const step: SaeStep = {
    step: "sae",
    sae,
    files: filesOf(source, revision, `sae/${folder}`, endpoint, folder),
    architecture: TRAINING_ONLY.has(run.namedArchitecture) ? "jumprelu" : null,
    scaled: run.scalesFeatures,
    factor: run.normScalingFactor,
    norms: run.rescaleActsByDecoderNorm ? "none" : "decoder",
  };
  const unscaled =
    run.normalization === "expected_average_only_in" && run.normScalingFactor === null;
  return unscaled
    ? [
        step,
        note("It was trained on scaled inputs, but no scale is known: unscaled, as on the page."),
      ]
    : [step];
}

/** `blocks.6.hook_resid_post` → 6. */
const layerOf = ({ provenance }: Side): number =>
  Number(/^blocks\.(\d+)\./.exec(provenance.sae.hook)?.[1] ?? "0");

const encodeStep = (sae: Which, side: Side): Step[] => [
  { step: "encode", sae, layer: layerOf(side), scaled: side.run.scalesFeatures },
];

function tokenSteps({ mask, side }: CodeRequest, tokens: CodeRequest["tokens"] & object): Step[] {
  const ordinary = tokens.map(({ special }) => (special ? 0 : 1));
  return [
    ...(side.run.prependBos
      ? []
      : [note("The SAE was trained on texts without BOS; below is what the page ran.")]),
    {
      step: "tokens",
      ids: tokens.map(({ id }) => id),
      counted: mask === "all" ? tokens.map(() => 1) : ordinary,
      ordinary,
    },
  ];
}

const whose = (sae: Which): string => (sae === "other" ? "the other: " : "");

const strips = (sae: Which): Step[] => [
  print(`${whose(sae)}L0 by token`, { of: "l0", sae }),
  print(`${whose(sae)}squared error by token`, { of: "squaredError", sae }),
];

function featureStep({ units }: CodeRequest, feature: number, what = ""): Step[] {
  const label = `feature ${feature}, ${units}${what === "" ? "" : `: ${what}`}`;
  return [print(label, { of: "feature", sae: "sae", feature, units })];
}

function lensSteps(feature: number): Step[] {
  const lens = (end: "top" | "bottom", finalNorm: boolean): Step =>
    print(
      `${end === "top" ? "positive" : "negative"} logits${finalNorm ? ", with the final norm" : ""}`,
      { of: "lens", feature, end, finalNorm },
    );
  return [
    lens("top", false),
    lens("bottom", false),
    lens("top", true),
    lens("bottom", true),
    print("nearest decoder rows, cosine", { of: "neighbours", feature }),
  ];
}

function tokenLogitSteps({ promotes }: CodeRequest): Step[] {
  if (promotes === null) return [];
  return [
    print(`features whose positive logits include token ${promotes.id}`, {
      of: "tokenLogits",
      ...promotes,
    }),
  ];
}

const METRIC_LABELS: Readonly<Record<(typeof METRIC_NAMES)[number], string>> = {
  l0: "L0",
  mse: "MSE",
  explainedVarianceLegacy: "explained variance (legacy)",
  explainedVariance: "explained variance",
  cosine: "cosine",
  l2Ratio: "L2 ratio",
  relativeReconstructionBias: "relative reconstruction bias",
  ceClean: "CE clean",
  ceSae: "CE with the SAE",
  ceZero: "CE with the hook zeroed",
  ceScore: "CE score",
  kl: "KL",
  klZero: "KL with the hook zeroed",
  klScore: "KL score",
};

function metricSteps(sae: Which, side: Side): Step[] {
  const layer = layerOf(side);
  return [
    { step: "splice", sae, layer },
    { step: "zero", sae, layer },
    ...METRIC_NAMES.map((metric) =>
      print(`${whose(sae)}${METRIC_LABELS[metric]}`, { of: "metric", sae, metric }),
    ),
  ];
}

function lossSteps({ lossByToken, side }: CodeRequest): Step[] {
  if (!lossByToken) return [];
  return [
    { step: "splice", sae: "sae", layer: layerOf(side) },
    print("CE by token", { of: "ce", stream: "clean" }),
    print("CE by token, with the SAE", { of: "ce", stream: "spliced" }),
  ];
}

/** The next tokens of the pinned token, or of the last one where there are edits; and what edits change. */
function editSteps({ edits: given, controls, position, tokens, side }: CodeRequest): Step[] {
  const edits = given.filter(({ positions }) => !isNowhere(positions));
  if (edits.length === 0 && position === null) return [];
  const layer = layerOf(side);
  const at = position ?? (tokens?.length ?? 1) - 1;
  const next = (what: string, stream: "clean" | "spliced" | "edited"): Step =>
    print(`next tokens behind position ${at}${what}`, { of: "next", stream, position: at });
  const before: Step[] = [
    { step: "splice", sae: "sae", layer },
    next("", "clean"),
    next(", with the SAE", "spliced"),
  ];
  if (edits.length === 0) return before;
  return [
    ...before,
    { step: "edit", layer, scaled: side.run.scalesFeatures, edits, controls },
    next(", with the edits", "edited"),
    print("KL(before || after) by token", { of: "kl", stream: "edited" }),
    print("change of CE by token", { of: "deltaCe" }),
    print("effect: mean KL over the mask", { of: "effect" }),
    print("the controls' effects", { of: "controls" }),
    print("z of the effect", { of: "z" }),
    note(
      "Not in this code: downstream features, ablation effects of a token's features, continuations.",
    ),
  ];
}

const isNowhere = (positions: EditPositions): boolean =>
  Array.isArray(positions) && positions.length === 0;

/** The other side of a comparison: its own SAE, hook, GELU and precision. */
function otherSteps({ other, side, endpoint }: CodeRequest): Step[] {
  if (other === null) return [];
  const [own, its] = [side.provenance.model, other.provenance.model];
  const model: Step[] =
    roundingOf(own.precision) !== roundingOf(its.precision)
      ? [modelStep(other.provenance, endpoint)]
      : own.activation !== its.activation
        ? [{ step: "gelu", gelu: its.activation }]
        : [];
  return [
    ...metricSteps("sae", side),
    note(`The other SAE, on ${other.provenance.sae.hook}.`),
    ...model,
    ...saeSteps("other", other, endpoint),
    ...encodeStep("other", other),
    ...strips("other"),
    ...metricSteps("other", other),
    print("strongest features, nearest in the other, cosine", { of: "matches", sae: "sae" }),
    print("the other: strongest features, nearest here, cosine", { of: "matches", sae: "other" }),
  ];
}
