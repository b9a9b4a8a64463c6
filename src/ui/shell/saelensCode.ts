// Python that reproduces the numbers on show with transformers and SAELens, from the same ids and revisions.

import type { Analysis, Provenance } from "../../lib/report.ts";

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

export function saelensCode(
  provenance: Provenance,
  analysis: Analysis | null,
  feature: number | null,
): string {
  const { model, sae } = provenance;
  const ids = analysis?.tokens.map((token) => token.id) ?? [2];
  const lines = [
    `# Reproduces what Facet ${provenance.facet} shows: ${py(sae.hook)}, GELU ${model.activation}, fp32.`,
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
    `    block.mlp.act_fn = torch.nn.GELU(approximate=${model.activation === "tanh" ? '"tanh"' : '"none"'})`,
    "sae = SAE.load_from_disk(sae_path)",
    "",
    `ids = torch.tensor([[${ids.join(", ")}]])  # BOS included; never tokenised again`,
    "kept = []",
    `hook = model.model.layers[${layerOf(sae.hook)}].register_forward_hook(`,
    "    lambda module, args, out: kept.append(out[0] if isinstance(out, tuple) else out)",
    ")",
    "with torch.no_grad():",
    "    model(ids)",
    "    hook.remove()",
    "    x = kept[0].reshape(-1, sae.cfg.d_in)  # [T, d_in]",
    "    raw = sae.encode(x)  # [T, d_sae]",
    "    folded = raw * sae.W_dec.norm(dim=-1)",
    "    squared_error = (x - sae.decode(raw)).pow(2).sum(-1)",
    'print("L0 by token", (raw > 0).sum(-1).tolist())',
    'print("squared error by token", squared_error.tolist())',
  ];
  if (feature !== null)
    lines.push(`print("feature ${feature}, folded", folded[:, ${feature}].tolist())`);
  return `${lines.join("\n")}\n`;
}
