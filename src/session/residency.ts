// Whether the model's weights stay on the device or stream through it. Resident is faster; where it does not fit, or
// memory runs out, two blocks at a time are enough for every job.

import type { Backend } from "../backend/backend.ts";
import type { GemmaConfig } from "../model/config.ts";
import { blockElements } from "../model/tensors.ts";
import type { Residency } from "../model/weights.ts";

/**
 * TensorFlow.js widens weights to f32, and XNNPACK packs a second copy of each: blocks beyond this many bytes in f32
 * would not leave room in WebAssembly's 4 GiB for the SAE and the work.
 */
const WASM_BLOCK_BYTES = 768 * 1024 * 1024;

/** @param layer the SAE's: blocks 0…layer run for its features. */
export function chooseResidency(backend: Backend, config: GemmaConfig, layer: number): Residency {
  if (backend.name !== "tfjs-wasm" && backend.name !== "tfjs-cpu") return "resident";
  return (layer + 1) * blockElements(config) * 4 > WASM_BLOCK_BYTES ? "streamed" : "resident";
}
