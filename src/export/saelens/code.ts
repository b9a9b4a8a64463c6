// Python that reproduces the numbers on show with transformers and SAELens, from the same ids and revisions.

import { py } from "./literal.ts";
import { planCode } from "./plan.ts";
import { writePython } from "./python.ts";
import type { CodeRequest } from "./request.ts";

export function saelensCode(request: CodeRequest): string {
  const { facet, sae, model } = request.side.provenance;
  const what = `${py(sae.hook)}, GELU ${model.activation}, weights in ${model.precision}, computed in float32`;
  return writePython([`Reproduces what Facet ${facet} shows: ${what}.`], planCode(request));
}
