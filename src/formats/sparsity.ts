// The firing rates SAELens wrote beside an SAE (sparsity.safetensors), as log10 densities.
// They cover only the last, partial window of training, so they over-report dead features: say so where they show.

import type { FileTree, ReadOptions } from "../lib/byteSource.ts";
import { decodeFloats } from "../lib/dtype.ts";
import { FacetError } from "../lib/errors.ts";
import { readSafetensorsHeader } from "./safetensors.ts";

const FILE = "sparsity.safetensors";
/** SAELens adds it before the logarithm: a feature that never fired has log density −10. */
const OFFSET = 1e-10;

/** log10(rate + 1e-10) of each feature, [d_sae]; null where the folder has no such file. */
export async function readLogDensity(
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
      `Reading ${source.name}: it holds values that are no finite numbers.`,
    );
  }
  // Some files hold the rates themselves. A logarithm is negative unless its feature fires on every token.
  const linear = values.every((value) => value >= 0);
  return linear ? values.map((rate) => Math.log10(rate + OFFSET)) : values;
}
