// Python that reproduces the numbers on show with transformers and SAELens, from the same ids and revisions.

import type { Precision, Provenance } from "../../lib/report.ts";
import { analysis, comparison } from "../../state/queries.ts";
import type { AppStore } from "../../state/actions.ts";
import type { ListEntry, Place } from "../../state/view.ts";

/** A Python string literal; JSON's escapes are all Python's too. */
const py = (text: string): string => JSON.stringify(text);

function modelPath({ source, revision }: Provenance["model"]): string {
  if (source === "demo")
    return `"public/demo/model"  # bundled with Facet, content ${py(revision)}`;
  return `snapshot_download(${py(source)}, revision=${py(revision)})`;
}

function saePath({ source, revision, folder }: Provenance["sae"]): string {
  if (source === "demo") {
    return `${py(`public/demo/sae/${folder}`)}  # bundled with Facet, content ${py(revision)}`;
  }
  const only = folder === "" ? "" : `, allow_patterns=${py(`${folder}/*`)}`;
  const root = `snapshot_download(${py(source)}, revision=${py(revision)}${only})`;
  return folder === "" ? root : `${root} + ${py(`/${folder}`)}`;
}

/** `blocks.6.hook_resid_post` → 6. */
function layerOf(hook: string): string {
  return /^blocks\.(\d+)\./.exec(hook)?.[1] ?? "0";
}

/** Of the view on show; no card, no code. */
export function saelensCode({ getState, results }: Pick<AppStore, "getState" | "results">): string {
  const { card, view } = getState();
  if (card.data === null) return "";
  const { provenance } = card.data;
  const tokens = results.read(analysis).data?.tokens ?? [{ id: 2, special: true }];
  const parts: Record<Place, readonly string[]> = {
    text: onText(view.feature),
    feature: view.feature === null ? onText(null) : onFeature(view.feature),
    find: onList(view.list),
    compare: onOther(results.read(comparison).data?.sides[1].analysis ?? null),
    sae: verified(tokens.map(({ special }) => view.mask === "all" || !special)),
  };
  return `${[...opening(provenance), ...pass(provenance, tokens), ...parts[view.place]].join("\n")}\n`;
}

function opening({ facet, model, sae }: Provenance): string[] {
  return [
    `# Reproduces what Facet ${facet} shows: ${py(sae.hook)}, GELU ${model.activation}, fp32.`,
    ...rounding(model.precision),
    "# pip install torch transformers sae-lens",
    "import torch",
    "from huggingface_hub import snapshot_download",
    "from sae_lens import SAE",
    "from transformers import AutoModelForCausalLM",
    "",
    `model_path = ${modelPath(model)}`,
    `sae_path = ${saePath(sae)}`,
    "",
    "model = AutoModelForCausalLM.from_pretrained(model_path).float().eval()",
    "for block in model.model.layers:",
    `    block.mlp.act_fn = torch.nn.GELU(approximate=${gelu(model)})`,
    "sae = SAE.load_from_disk(sae_path)",
    "norms = sae.W_dec.norm(dim=-1)",
    "",
  ];
}

const gelu = ({ activation }: Provenance["model"]): string =>
  activation === "tanh" ? '"tanh"' : '"none"';

/** int8 and int4 are Facet's own: Python runs the file's weights. */
const rounding = (precision: Precision): string[] =>
  precision === "int8" || precision === "int4"
    ? [
        `# Facet kept the model's weights in ${precision}; the file's are used here, so numbers differ.`,
      ]
    : [];

/** x [T, d_in] at the hook of these very ids, and its features. */
function pass({ sae }: Provenance, tokens: readonly { id: number }[]): string[] {
  return [
    `ids = torch.tensor([[${tokens.map(({ id }) => id).join(", ")}]])  # BOS included; never tokenised again`,
    "kept = []",
    `block = model.model.layers[${layerOf(sae.hook)}]`,
    "hook = block.register_forward_hook(",
    "    lambda module, args, out: kept.append(out[0] if isinstance(out, tuple) else out)",
    ")",
    "with torch.no_grad():",
    "    model(ids)",
    "    hook.remove()",
    "    x = kept[0].reshape(-1, sae.cfg.d_in)  # [T, d_in]",
    "    raw = sae.encode(x)  # [T, d_sae]",
    "    folded = raw * norms",
  ];
}

function onText(feature: number | null): string[] {
  return [
    "    squared_error = (x - sae.decode(raw)).pow(2).sum(-1)",
    'print("L0 by token", (raw > 0).sum(-1).tolist())',
    'print("squared error by token", squared_error.tolist())',
    ...(feature === null
      ? []
      : [`print("feature ${feature}, folded", folded[:, ${feature}].tolist())`]),
  ];
}

function onList(list: readonly ListEntry[]): string[] {
  return [
    "    features = {",
    ...list.map(({ feature, note }) => `        ${feature}: ${py(note)},`),
    "    }",
    "for feature, note in features.items():",
    '    print(feature, note, "folded", folded[:, feature].tolist())',
  ];
}

/** The other side of a comparison: its own hook and GELU, then the nearest decoder rows. */
function onOther(made: Provenance | null): string[] {
  if (made === null) return onText(null);
  const { model, sae } = made;
  return [
    ...onText(null),
    "",
    `# The other: ${py(sae.hook)}, GELU ${model.activation}.`,
    ...rounding(model.precision),
    `other = SAE.load_from_disk(${saePath(sae).replace(/ {2}#.*/, "")})`,
    "for block in model.model.layers:",
    `    block.mlp.act_fn = torch.nn.GELU(approximate=${gelu(model)})`,
    `hook = model.model.layers[${layerOf(sae.hook)}].register_forward_hook(`,
    "    lambda module, args, out: kept.append(out[0] if isinstance(out, tuple) else out)",
    ")",
    "with torch.no_grad():",
    "    model(ids)",
    "    hook.remove()",
    "    other_x = kept[1].reshape(-1, other.cfg.d_in)",
    "    other_raw = other.encode(other_x)",
    "    other_error = (other_x - other.decode(other_raw)).pow(2).sum(-1)",
    "    rows = torch.nn.functional.normalize(sae.W_dec, dim=-1)",
    "    cosines, nearest = (rows @ torch.nn.functional.normalize(other.W_dec, dim=-1).T).max(-1)",
    'print("the other: L0 by token", (other_raw > 0).sum(-1).tolist())',
    'print("the other: squared error by token", other_error.tolist())',
    'print("nearest feature of the other, cosine", nearest.tolist(), cosines.tolist())',
  ];
}

function onFeature(feature: number): string[] {
  return [
    `    direction = sae.W_dec[${feature}] / norms[${feature}]`,
    "    lens = model.lm_head.weight @ direction  # [V], without the final norm weight",
    "    lens_normed = model.lm_head.weight @ (direction * (1 + model.model.norm.weight))",
    `    cosines = (sae.W_dec @ direction) / norms`,
    `print("feature ${feature}, folded", folded[:, ${feature}].tolist())`,
    'print("promotes", lens.topk(10))',
    'print("suppresses", (-lens).topk(10))',
    'print("promotes, with the final norm weight", lens_normed.topk(10))',
    'print("nearest decoder directions, itself first", cosines.topk(11))',
  ];
}

/** @param counted positions that the mask keeps. */
function verified(counted: readonly boolean[]): string[] {
  return [
    `    counted = torch.tensor([${counted.map((kept) => (kept ? 1 : 0)).join(", ")}]).bool()  # the mask`,
    "    x_hat = torch.where(counted[:, None], sae.decode(raw), x)",
    "",
    "    def cross_entropy():",
    "        logits = model(ids).logits[0, :-1]",
    '        by_token = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")',
    "        return by_token[counted[:-1]].mean().item()",
    "",
    "    clean = cross_entropy()",
    "    hook = block.register_forward_hook(",
    "        lambda module, args, out: (x_hat[None], *out[1:]) if isinstance(out, tuple) else x_hat[None]",
    "    )",
    "    spliced = cross_entropy()",
    "    hook.remove()",
    "    error = (x - x_hat)[counted].pow(2).sum(-1)",
    "    variance = (x[counted] - x[counted].mean(0)).pow(2).sum(-1)",
    'print("L0", (raw[counted] > 0).sum(-1).float().mean().item())',
    'print("CE clean, with the SAE", clean, spliced)',
    'print("explained variance", (1 - error.sum() / variance.sum()).item())',
    'print("MSE", error.mean().item())',
  ];
}
