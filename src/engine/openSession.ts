// From a request to an open model and SAE: read the configurations, check that they fit, load what the page needs first.
// What the last session had open and the new one needs too is taken over, not loaded again.

import type { Backend } from "../backend/backend.ts";
import { assertSaeFits } from "../formats/saeTensors.ts";
import { readLogDensity } from "../formats/sparsity.ts";
import { type FileTree, readFile } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { type JobOptions, oneBar } from "../lib/progress.ts";
import type { OpenRequest } from "../lib/report.ts";
import { GemmaWeights } from "../model/weights.ts";
import { openSae as putSaeOnBackend } from "../sae/open.ts";
import { createTokenizer } from "../tokenizer/tokenizer.ts";
import { inspectModel, inspectSae, MAX_CONFIG_BYTES, saeBytes } from "./inspect.ts";
import type { Library, ModelSource, SaeSource } from "./library.ts";
import { chooseResidency } from "./residency.ts";
import type { OpenModel, OpenSae, Session } from "./session.ts";

/** Gemma's has 17.5 MB. */
const MAX_TOKENIZER_BYTES = 128 * 1024 * 1024;

/** @param held what is open now, whose parts may be taken over. */
export async function openSession(
  library: Library,
  backend: Backend,
  request: OpenRequest,
  held: Session | null,
  options: JobOptions,
): Promise<Session> {
  const [modelSource, saeSource] = await Promise.all([
    library.model(request, options),
    library.sae(request, options),
  ]);
  const reusable = held?.backend === backend ? held : null;
  const model =
    reusable && sameTree(reusable.model.source, modelSource)
      ? withActivation(reusable.model, request)
      : await openModel(backend, modelSource, request, options);
  let sae: OpenSae | null = null;
  try {
    sae =
      reusable && sameTree(reusable.sae.source, saeSource)
        ? reusable.sae
        : await openSae(backend, model, saeSource, options);
    assertSaeFits(sae.sae.config, model.gemma.config);
    assertPrecision(model, request);
    return { backend, model, sae };
  } catch (error) {
    if (sae !== held?.sae) sae?.sae.dispose();
    if (model.gemma.weights !== held?.model.gemma.weights) model.gemma.weights.dispose();
    throw error;
  }
}

/** Frees what `old` holds and `kept` does not. */
export function closeSession(old: Session, kept: Session | null): void {
  if (old.sae.sae !== kept?.sae.sae) old.sae.sae.dispose();
  if (old.model.gemma.weights !== kept?.model.gemma.weights) old.model.gemma.weights.dispose();
  if (old.backend !== kept?.backend) old.backend.dispose();
}

interface Placed {
  readonly source: string;
  readonly tree: { readonly name: string; readonly revision: string };
}

const sameTree = (a: Placed, b: Placed): boolean =>
  a.source === b.source && a.tree.name === b.tree.name && a.tree.revision === b.tree.revision;

function withActivation(model: OpenModel, request: OpenRequest): OpenModel {
  const activation = request.activation ?? model.gemma.config.activation;
  return { ...model, gemma: { ...model.gemma, activation } };
}

async function openModel(
  backend: Backend,
  source: ModelSource,
  request: OpenRequest,
  options: JobOptions,
): Promise<OpenModel> {
  const [{ config, tensors }, tokenizer] = await Promise.all([
    inspectModel(source, options),
    openTokenizer(source, options),
  ]);
  if (tokenizer && tokenizer.vocabSize > config.vocab) {
    throw new FacetError(
      "Mismatch",
      `Opening ${source.name}: its tokenizer gives ids up to ${tokenizer.vocabSize - 1}, its embedding has ${config.vocab} rows. The folder mixes files of two models.`,
    );
  }
  const weights = new GemmaWeights(backend, config, tensors);
  const gemma = { backend, config, weights, activation: request.activation ?? config.activation };
  return { source, gemma, tokenizer };
}

async function openTokenizer(
  { tree }: ModelSource,
  options: JobOptions,
): Promise<OpenModel["tokenizer"]> {
  const json = await readOptional(tree, "tokenizer.json", MAX_TOKENIZER_BYTES, options);
  if (json === null) return null;
  const config = await readOptional(tree, "tokenizer_config.json", MAX_CONFIG_BYTES, options);
  return createTokenizer(json, config);
}

async function readOptional(
  tree: FileTree,
  path: string,
  limit: number,
  options: JobOptions,
): Promise<Uint8Array | null> {
  return (await tree.open(path, options)) === null ? null : readFile(tree, path, limit, options);
}

async function openSae(
  backend: Backend,
  model: OpenModel,
  source: SaeSource,
  options: JobOptions,
): Promise<OpenSae> {
  const { config, tensors } = await inspectSae(source, model.gemma.config, options);
  const logDensity = await readLogDensity(source.tree, config.dSae, options);
  const { weights } = model.gemma;
  if (chooseResidency(backend, model.gemma.config, config.layer) === "streamed") weights.stream();
  const total =
    (await weights.blockBytes(config.layer, options)) + (await saeBytes(config, tensors, options));
  const next = oneBar(options, "Reading weights", total);
  const sae = await putSaeOnBackend(backend, config, tensors, source.normScalingFactor, next());
  try {
    await loadBlocks(weights, config.layer, next);
  } catch (error) {
    sae.dispose();
    throw error;
  }
  return { source, sae, logDensity };
}

/**
 * The blocks up to the hook are what the first text needs: they are loaded while progress is on show. Where they do
 * not fit beside the SAE they are freed again, and stream from then on; of streamed ones the first is loaded, to see
 * that they can be.
 */
async function loadBlocks(
  weights: GemmaWeights,
  last: number,
  next: () => JobOptions,
): Promise<void> {
  if (weights.residency === "resident") {
    try {
      for (let i = 0; i <= last; i++) await weights.block(i, next());
      return;
    } catch (error) {
      if (!(error instanceof FacetError && error.code === "OutOfMemory")) throw error;
      weights.stream();
    }
  }
  await weights.block(0, next());
}

function assertPrecision({ gemma, source }: OpenModel, { precision }: OpenRequest): void {
  const kept = gemma.weights.format;
  if (precision !== undefined && precision !== kept) {
    throw new FacetError(
      "Unsupported",
      `Opening ${source.name} in ${precision}: on ${gemma.backend.name} its weights are kept in ${kept}. Leave the precision out.`,
    );
  }
}
