// From a request to an open model and SAE, in two steps. `prepare` needs no backend and runs while one starts: it reads
// configurations, headers and the tokenizer, and refuses what cannot run. `openSession` loads what the page needs first.
// What the last session had open and the new one needs too is taken over, not loaded again.

import type { Backend } from "../backend/backend.ts";
import { assertSaeFits } from "../formats/saeTensors.ts";
import { type LogDensity, readLogDensity } from "../formats/sparsity.ts";
import { FacetError } from "../lib/errors.ts";
import { type JobOptions, oneBar } from "../lib/progress.ts";
import type { OpenRequest, Precision } from "../lib/report.ts";
import type { Gemma } from "../model/forward.ts";
import { GemmaWeights } from "../model/weights.ts";
import { openSae as putSaeOnBackend } from "../sae/open.ts";
import type { Sae } from "../sae/sae.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import {
  type InspectedModel,
  type InspectedSae,
  inspectModel,
  inspectSae,
  openTokenizer,
  saeBytes,
} from "./inspect.ts";
import type { Library, ModelSource, SaeSource } from "./library/library.ts";
import { choosePrecision } from "./precision.ts";
import { chooseResidency } from "./residency.ts";
import { precompile } from "./precompile.ts";
import type { OpenModel, OpenSae, Session } from "./session.ts";

interface PreparedModel extends InspectedModel {
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer | null;
  readonly precision: Precision;
}

interface PreparedSae extends InspectedSae {
  readonly source: SaeSource;
  readonly logDensity: LogDensity;
}

export interface Prepared {
  /** What is open already and is the one asked for, or what was read of it. */
  readonly model: { readonly held: OpenModel } | PreparedModel;
  readonly sae: { readonly held: OpenSae } | PreparedSae;
}

/** @param held what is open on the backend that the new session will run on. */
export async function prepare(
  library: Library,
  request: OpenRequest,
  held: Session | null,
  options: JobOptions,
): Promise<Prepared> {
  const findModel = async (): Promise<Prepared["model"]> => {
    const source = await library.model(request, options);
    const open =
      held !== null &&
      sameTree(held.model.source, source) &&
      samePrecision(held.model, request.precision);
    return open ? { held: held.model } : prepareModel(source, request.precision, options);
  };
  const findSae = async (): Promise<Prepared["sae"]> => {
    const source = await library.sae(request, options);
    const open = held !== null && sameTree(held.sae.source, source);
    return open ? { held: held.sae } : prepareSae(source, options);
  };
  const [model, sae] = await Promise.all([findModel(), findSae()]);
  assertSaeFits(
    "held" in sae ? sae.held.sae.config : sae.config,
    "held" in model ? model.held.gemma.config : model.config,
  );
  return { model, sae };
}

export async function openSession(
  backend: Backend,
  { model: preparedModel, sae: preparedSae }: Prepared,
  request: OpenRequest,
  options: JobOptions,
): Promise<Session> {
  if ("held" in preparedModel && "held" in preparedSae) {
    return { backend, model: withActivation(preparedModel.held, request), sae: preparedSae.held };
  }
  const model =
    "held" in preparedModel
      ? withActivation(preparedModel.held, request)
      : openModel(backend, preparedModel, request);
  try {
    return { backend, model, sae: await loadWeights(backend, model, preparedSae, options) };
  } catch (error) {
    if (!("held" in preparedModel)) model.gemma.weights.dispose();
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

const samePrecision = ({ gemma, fileFormat }: OpenModel, asked: Precision | undefined): boolean =>
  (gemma.weights.precision ?? fileFormat) === (asked ?? fileFormat);

async function prepareModel(
  source: ModelSource,
  asked: Precision | undefined,
  options: JobOptions,
): Promise<PreparedModel> {
  const inspecting = inspectModel(source, options);
  const [inspected, tokenizer] = await Promise.all([
    inspecting,
    openTokenizer(source, inspecting, options),
  ]);
  if (tokenizer && tokenizer.ownVocabSize > inspected.config.vocab) {
    throw new FacetError(
      "Mismatch",
      `Opening ${source.name}: the vocabulary of its tokenizer has ids up to ${tokenizer.ownVocabSize - 1}, its embedding has ${inspected.config.vocab} rows. The folder mixes files of two models.`,
    );
  }
  const precision = choosePrecision(source.name, inspected.fileFormat, asked);
  return { ...inspected, source, tokenizer, precision };
}

async function prepareSae(source: SaeSource, options: JobOptions): Promise<PreparedSae> {
  const inspected = await inspectSae(source, options);
  const logDensity = await readLogDensity(source.tree, inspected.config.dSae, options);
  return { ...inspected, source, logDensity };
}

function withActivation(model: OpenModel, request: OpenRequest): OpenModel {
  const activation = request.activation ?? model.gemma.config.activation;
  return { ...model, gemma: { ...model.gemma, activation } };
}

function openModel(backend: Backend, prepared: PreparedModel, request: OpenRequest): OpenModel {
  const { source, config, tensors, tokenizer, fileFormat, precision, notices } = prepared;
  const weights = new GemmaWeights(backend, config, tensors, {
    // As the file has them, each in its own format where a file mixes them.
    precision: precision === fileFormat ? null : precision,
  });
  const gemma = { backend, config, weights, activation: request.activation ?? config.activation };
  return { source, fileFormat, gemma, tokenizer, notices };
}

/** The SAE, unless it is there, and the blocks up to its hook, in one bar. */
async function loadWeights(
  backend: Backend,
  { gemma }: OpenModel,
  prepared: Prepared["sae"],
  options: JobOptions,
): Promise<OpenSae> {
  const { layer } = "held" in prepared ? prepared.held.sae.config : prepared.config;
  const { weights, config } = gemma;
  if (chooseResidency(backend, config, layer) === "streamed") weights.stream();
  const total =
    (await weights.blockBytes(layer, options)) +
    ("held" in prepared ? 0 : await saeBytes(prepared, options));
  const next = oneBar(options, "Reading weights", total);
  const sae = "held" in prepared ? prepared.held : await openSae(backend, prepared, next());
  try {
    await loadBlocks(gemma, sae.sae, layer, next);
    // What the device could not hold is told here, and not by the first text.
    await backend.checkpoint(options.signal);
  } catch (error) {
    if (!("held" in prepared)) sae.sae.dispose();
    throw error;
  }
  return sae;
}

async function openSae(
  backend: Backend,
  { source, config, tensors, logDensity }: PreparedSae,
  options: JobOptions,
): Promise<OpenSae> {
  const sae = await putSaeOnBackend(backend, config, tensors, source.normScalingFactor, options);
  return {
    source,
    sae,
    logDensity: logDensity.values,
    notices: logDensity.notice === null ? [] : [logDensity.notice],
  };
}

/**
 * The blocks up to the hook are what the first text needs: they are loaded while progress is on show. Where they do
 * not fit beside the SAE they are freed again, and stream from then on; of streamed ones the first is loaded, to see
 * that they can be.
 */
async function loadBlocks(
  gemma: Gemma,
  sae: Sae,
  last: number,
  next: () => JobOptions,
): Promise<void> {
  const { weights, backend } = gemma;
  if (weights.residency === "resident") {
    try {
      await weights.block(0, next());
      const rest = async (): Promise<void> => {
        for (let i = 1; i <= last; i++) await weights.block(i, next());
      };
      await Promise.all([precompile(backend, gemma, sae), rest()]);
      return;
    } catch (error) {
      if (!(error instanceof FacetError && error.code === "OutOfMemory")) throw error;
      weights.stream();
    }
  }
  await weights.block(0, next());
}
