// The firing rates SAELens wrote beside an SAE (sparsity.safetensors), as log10 densities.
// They cover only the last, partial window of training, so they over-report dead features: say so where they show.
// Nothing is computed from them: a file that cannot be used is told of, and the SAE opens without it.

import type { FileTree, ReadOptions } from "../lib/byteSource.ts";
import { decodeFloats } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import { readSafetensorsHeader } from "./safetensors.ts";

const FILE = "sparsity.safetensors";
/** SAELens adds it before the logarithm: a feature that never fired has log density −10. */
const OFFSET = 1e-10;
/** By so much a feature that fires on every token may seem to fire on more. */
const ROUNDING = 1e-5;

export interface LogDensity {
  /** log10(rate + 1e-10) of each feature, [d_sae]; null where it is not known. */
  readonly values: Float32Array | null;
  /** For the reader, where there is a file that cannot be used: why. */
  readonly notice: string | null;
}

export async function readLogDensity(
  tree: FileTree,
  dSae: number,
  options?: ReadOptions,
): Promise<LogDensity> {
  try {
    return { values: await readValues(tree, dSae, options), notice: null };
  } catch (error) {
    if (!(error instanceof FacetError) || error.code === "Cancelled") throw error;
    return {
      values: null,
      notice: `How often the features fired in training is not known: ${FILE} cannot be used. ${error.message}`,
    };
  }
}

async function readValues(
  tree: FileTree,
  dSae: number,
  options?: ReadOptions,
): Promise<Float32Array | null> {
  const source = await tree.open(FILE, options);
  if (source === null) return null;
  const info = (await readSafetensorsHeader(source, options)).tensors.get("sparsity");
  if (info === undefined || info.shape.length !== 1 || info.shape[0] !== dSae) {
    throw new FacetError(
      "Format",
      `Reading ${source.name}: expected a tensor "sparsity" of shape [${dSae}], ` +
        (info === undefined
          ? "found none."
          : `found shape [${info.shape.slice(0, 8).join(", ")}].`),
    );
  }
  const values = decodeFloats(
    await source.read(info.start, info.end, options),
    info.dtype,
    source.name,
  );
  if (!values.every(Number.isFinite)) {
    throw new FacetError(
      "Format",
      `Reading ${source.name}: not all of its values are finite numbers, as where training ended before a window was counted.`,
    );
  }
  // Some files hold the rates themselves. A logarithm is negative unless its feature fires on every token.
  const linear = values.every((value) => value >= 0);
  const most = (linear ? 1 : 0) + ROUNDING;
  if (values.some((value) => value > most)) {
    throw new FacetError(
      "Format",
      `Reading ${source.name}: it holds values over ${linear ? "1, as no rate is" : "0, as no logarithm of a rate is"}.`,
    );
  }
  return linear ? values.map((rate) => Math.log10(rate + OFFSET)) : values;
}
