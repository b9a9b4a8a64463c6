// What each value of the steps is in Python, from the variables that the steps before it have made.

import type { MetricName } from "../../lib/report.ts";
import type { Value, Which } from "./steps.ts";

/** What stands before the names of the variables of an SAE. */
export const prefix = (sae: Which): string => (sae === "sae" ? "" : "other_");

export function expression(value: Value): string {
  switch (value.of) {
    case "l0":
      return `(${prefix(value.sae)}raw > 0).sum(-1).tolist()`;
    case "squaredError": {
      const p = prefix(value.sae);
      return `(${p}x - ${p}x_hat).pow(2).sum(-1).tolist()`;
    }
    case "feature":
      return `${prefix(value.sae)}${value.units}[:, ${value.feature}].tolist()`;
    case "metric":
      return `${metric(value.metric, prefix(value.sae))}.item()`;
    case "ce":
      return `cross_entropy(${value.stream}).tolist()`;
    case "deltaCe":
      return "(cross_entropy(edited) - cross_entropy(clean)).tolist()";
    case "kl":
      return `kl(clean, ${value.stream}).tolist()`;
    case "effect":
      return "effect.item()";
    case "controls":
      return "controls.tolist()";
    case "z":
      return "((effect - controls.mean()) / controls.std()).item()";
    case "next": {
      const top = `log_p(${value.stream})[${value.position}].exp().topk(20)`;
      return `${top}.indices.tolist(), ${top}.values.tolist()`;
    }
    case "lens": {
      const row = unit(value.feature);
      const through = value.finalNorm ? `(${row} * ${FINAL_GAIN})` : row;
      return top(`model.lm_head.weight @ ${through}`, value.end === "bottom");
    }
    case "neighbours": {
      const cosines = `${UNIT_ROWS} @ ${unit(value.feature)}`;
      return top(`(${cosines}).index_fill(0, torch.tensor([${value.feature}]), -2)`, false);
    }
    case "tokenLogits": {
      const row = `model.lm_head.weight[${value.id}]`;
      return top(`${UNIT_ROWS} @ ${value.finalNorm ? `(${row} * ${FINAL_GAIN})` : row}`, false);
    }
    case "matches":
      return value.sae === "sae"
        ? "*matches(sae, folded, other_sae)"
        : "*matches(other_sae, other_folded, sae)";
  }
}

/** Rows of norm 0 stay 0: they have no direction. */
const UNIT_ROWS = "torch.nn.functional.normalize(sae.W_dec, dim=-1)";
const unit = (feature: number): string =>
  `torch.nn.functional.normalize(sae.W_dec[${feature}], dim=0)`;
const FINAL_GAIN = "(1 + model.model.norm.weight)";

/** Ids and values of the ten largest, or smallest, largest first (or smallest first). */
const top = (values: string, smallest: boolean): string => {
  const ten = `(${values}).topk(10${smallest ? ", largest=False" : ""})`;
  return `${ten}.indices.tolist(), ${ten}.values.tolist()`;
};

function metric(name: MetricName, p: string): string {
  const x = `${p}x[counted].double()`;
  const xHat = `${p}x_hat[counted].double()`;
  const error = `(${x} - ${xHat}).pow(2).sum(-1)`;
  const mean = (values: string): string => `${values}[counted].mean()`;
  const ce = (stream: string): string => `cross_entropy(${stream})[counted[:-1]].mean()`;
  const zero = `${p}zeroed`;
  const clean = `${p}clean`;
  const spliced = `${p}spliced`;
  switch (name) {
    case "l0":
      return `(${p}raw > 0).sum(-1)[counted].double().mean()`;
    case "mse":
      return `${error}.mean()`;
    case "explainedVarianceLegacy":
      return `(1 - ${error} / (${x} - ${x}.mean(0)).pow(2).sum(-1)).mean()`;
    case "explainedVariance":
      return `(1 - ${error}.mean() / (${x}.pow(2).sum(-1).mean() - ${x}.mean(0).pow(2).sum()))`;
    case "cosine":
      return `torch.nn.functional.cosine_similarity(${x}, ${xHat}, dim=-1).mean()`;
    case "l2Ratio":
      return `(${xHat}.norm(dim=-1) / ${x}.norm(dim=-1)).mean()`;
    case "relativeReconstructionBias":
      return `(${xHat}.pow(2).sum() / (${x} * ${xHat}).sum())`;
    case "ceClean":
      return ce(clean);
    case "ceSae":
      return ce(spliced);
    case "ceZero":
      return ce(zero);
    case "ceScore":
      return `((${ce(zero)} - ${ce(spliced)}) / (${ce(zero)} - ${ce(clean)}))`;
    case "kl":
      return mean(`kl(${clean}, ${spliced})`);
    case "klZero":
      return mean(`kl(${clean}, ${zero})`);
    case "klScore":
      return `(1 - ${mean(`kl(${clean}, ${spliced})`)} / ${mean(`kl(${clean}, ${zero})`)})`;
  }
}
