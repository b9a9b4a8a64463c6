// What the page wants to know of the open model and SAE besides reports.

import { parseNeuronpediaId } from "../hub/neuronpedia.ts";
import { show } from "../lib/json.ts";
import type { BackendOption, OpenCard } from "../lib/openCard.ts";
import type { OpenRequest } from "../lib/report.ts";
import { parameterCount } from "../model/tensors.ts";
import { provenance, saeRun, type Session } from "./session.ts";

export async function openCard(
  session: Session,
  request: OpenRequest,
  backends: BackendOption[],
  notices: string[],
): Promise<OpenCard> {
  const { model, sae } = session;
  const { config, decoderNorms } = sae.sae;
  const {
    weights,
    config: { layers },
  } = model.gemma;
  const embeddingBytes = await weights.unembeddingBytes();
  return {
    provenance: provenance(session),
    saeRun: saeRun(session),
    modelKey: request.model,
    saeKey: request.sae,
    model: {
      name: model.source.name,
      layers: model.gemma.config.layers,
      dModel: model.gemma.config.dModel,
      vocab: model.gemma.config.vocab,
      context: model.gemma.config.context,
      parameters: parameterCount(model.gemma.config),
      hasTokenizer: model.tokenizer !== null,
      embeddingBytes,
      lossBytes:
        (await weights.blockBytes(layers - 1, {})) -
        (await weights.blockBytes(config.layer, {})) +
        embeddingBytes,
    },
    sae: {
      normalization: config.normalizeActivations,
      applyBDecToInput: config.applyBDecToInput,
      k: config.k,
      layer: config.layer,
      contextSize: config.contextSize,
      prependBos: config.prependBos,
      cfg: config.raw,
      files: [...sae.source.files],
      logDensity: sae.logDensity,
      logDensityTokens: null, // the file does not say
      decoderNorms: Float32Array.from(decoderNorms),
      published: [...sae.source.published],
      labels: sae.source.labels,
      neuronpediaId: parseNeuronpediaId(sae.source.neuronpediaId ?? config.neuronpediaId),
    },
    hasSelfCheck: sae.source.facts !== null,
    presets: [...model.source.presets],
    corpus: model.source.corpus && {
      name: model.source.corpus.name,
      documents: model.source.corpus.documents,
      sampleDocuments: model.source.corpus.sampleDocuments,
    },
    backends,
    notices: [...notices, ...model.notices, ...sae.notices, ...sessionNotices(session)],
  };
}

function sessionNotices({ model, sae }: Session): string[] {
  const { normalizeActivations } = sae.sae.config;
  const unscaled =
    normalizeActivations === "expected_average_only_in" && sae.source.normScalingFactor === null;
  return [
    ...(unscaled
      ? [
          "This SAE was trained on inputs scaled to an expected norm, but no scale is known for it: it runs unscaled, and its numbers will not match published ones.",
        ]
      : []),
    ...bosNotices({ model, sae }),
    ...(model.gemma.weights.residency === "streamed"
      ? [
          "The model does not fit in memory as a whole: its blocks stream through one after another for every text, which takes longer.",
        ]
      : []),
  ];
}

/** Where texts do not begin with a BOS. */
function bosNotices({ model, sae }: Pick<Session, "model" | "sae">): string[] {
  const { tokenizer } = model;
  if (!sae.sae.config.prependBos) {
    return [
      "This SAE was trained without BOS (prepend_bos is false in its cfg.json): texts, and the contexts of a corpus, run without it.",
    ];
  }
  if (tokenizer === null) return [];
  if (tokenizer.bosId === null) {
    return ["The model's tokenizer has no BOS: texts run without one, though the SAE asks for it."];
  }
  if (!tokenizer.bosIsEos) return [];
  return [
    `The model's tokenizer has no BOS: texts begin with its EOS, ${show(tokenizer.piece(tokenizer.bosId))}, as TransformerLens has it.`,
  ];
}
