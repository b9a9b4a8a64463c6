// Which tensors an SAE's file must hold (docs/formats.md §4.2), and whether it fits a model.
// Looks at headers only; values are checked where they are read.

import type { ReadOptions } from "../lib/byteSource.ts";
import { isFloatDtype } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import type { Architecture } from "../lib/report.ts";
import type { SaeConfig } from "./saeConfig.ts";
import type { TensorSet } from "./shards.ts";

/** Besides W_enc, W_dec and b_dec, all of shape [d_sae]. */
const VECTORS: Readonly<Record<Architecture, readonly string[]>> = {
  standard: ["b_enc"],
  topk: ["b_enc"],
  gated: ["b_gate", "b_mag", "r_mag"],
  jumprelu: ["b_enc", "threshold"],
};

/** Where one of these stands in a file, an architecture without it would compute something else than was trained. */
const TELLTALE = ["threshold", "log_threshold", "b_gate", "b_mag", "r_mag", "W_skip"];

/**
 * Name and shape of every tensor the SAE computes with. `scaling_factor` is among them only where the
 * configuration asks for it; in other files it is to be ignored if it is all ones, and an error if it is not.
 */
export function saeTensorShapes(config: SaeConfig): ReadonlyMap<string, readonly number[]> {
  const { architecture, dIn, dSae, finetuningScalingFactor } = config;
  const vectors = [
    ...VECTORS[architecture],
    ...(finetuningScalingFactor ? ["scaling_factor"] : []),
  ];
  return new Map<string, readonly number[]>([
    ["W_enc", [dIn, dSae]],
    ["W_dec", [dSae, dIn]],
    ["b_dec", [dIn]],
    ...vectors.map((name): [string, readonly number[]] => [name, [dSae]]),
  ]);
}

/**
 * `Format` where a tensor is missing, has another shape, or belongs to another architecture, `Unsupported` where it holds
 * no floating-point numbers.
 */
export async function checkSaeTensors(
  config: SaeConfig,
  tensors: TensorSet,
  options?: ReadOptions,
): Promise<void> {
  const shapes = saeTensorShapes(config);
  for (const [name, shape] of shapes) {
    const { info, source } = await tensors.get(name, shape, options);
    if (!isFloatDtype(info.dtype)) {
      throw new FacetError(
        "Unsupported",
        `Opening ${source.name}: ${name} is ${info.dtype}; an SAE's tensors can be F64, F32, F16 or BF16.`,
      );
    }
  }
  const foreign = TELLTALE.find((name) => tensors.has(name) && !shapes.has(name));
  if (foreign !== undefined) {
    const { source } = await tensors.get(foreign, undefined, options);
    throw new FacetError(
      "Format",
      `Opening ${source.name}: it holds ${foreign}, but cfg.json says architecture ${config.architecture}, which has none. Correct the architecture in cfg.json.`,
    );
  }
}

/** `Mismatch` where the SAE was trained on another width than the model's, or on a block it does not have. */
export function assertSaeFits(
  sae: SaeConfig,
  model: { readonly dModel: number; readonly layers: number },
): void {
  if (sae.dIn !== model.dModel) {
    throw new FacetError(
      "Mismatch",
      `Opening the SAE on ${sae.hook}: it reads ${sae.dIn} numbers a token (d_in), the model's residual stream has ` +
        `${model.dModel} (d_model). Choose an SAE trained on this model.`,
    );
  }
  if (sae.layer >= model.layers) {
    throw new FacetError(
      "Mismatch",
      `Opening the SAE on ${sae.hook}: the model's last block is ${model.layers - 1}. Choose an SAE trained on this model.`,
    );
  }
}
