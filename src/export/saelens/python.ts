// The steps written down as Python, on transformers and SAELens 6. What each of them computes is steps.ts's; how SAELens
// runs an SAE, and where it cannot run what Facet does, stands in docs/maths.md §3.6.

import type { Edit } from "../../lib/edits.ts";
import type { GeluKind } from "../../lib/report.ts";
import { fnmatchLiteral, py, pyList } from "./literal.ts";
import { HELPERS, type Helper } from "./pythonHelpers.ts";
import { expression, prefix } from "./pythonValues.ts";
import type { Files, ModelStep, SaeStep, Step, Which } from "./steps.ts";

/** The variable that holds it. */
const saeName = (sae: Which): string => (sae === "sae" ? "sae" : "other_sae");

export function writePython(heading: readonly string[], steps: readonly Step[]): string {
  const helpers = helpersOf(steps);
  const imports = importsOf(steps, helpers);
  return `${[
    ...heading.map((line) => `# ${line}`),
    '# pip install torch transformers "sae-lens>=6"',
    ...imports,
    "",
    "torch.set_grad_enabled(False)",
    ...helpers.flatMap((helper) => ["", "", ...HELPERS[helper]]),
    ...(helpers.length > 0 ? ["", ""] : [""]),
    ...steps.flatMap(write),
  ].join("\n")}\n`;
}

function helpersOf(steps: readonly Step[]): Helper[] {
  const needed = new Set<Helper>();
  for (const step of steps) {
    if (step.step === "model" && step.rounding !== null) needed.add("rounded");
    if (step.step === "sae" && (step.scaled || step.architecture !== null)) needed.add("read_sae");
    if (step.step === "encode") needed.add("run");
    if (step.step === "edit") {
      needed.add("log_p");
      needed.add("random_directions");
    }
    if (step.step !== "print") continue;
    const { of } = step.value;
    if (["ce", "deltaCe", "kl", "effect", "next", "metric", "z"].includes(of)) needed.add("log_p");
    if (of === "matches") needed.add("matches");
  }
  return (Object.keys(HELPERS) as Helper[]).filter((helper) => needed.has(helper));
}

function importsOf(steps: readonly Step[], helpers: readonly Helper[]): string[] {
  const hub = steps.some(
    (step) => (step.step === "model" || step.step === "sae") && step.files.from === "hub",
  );
  const scaled = steps.some((step) => step.step === "sae" && step.scaled);
  return [
    ...(helpers.includes("random_directions") ? ["import math", ""] : []),
    "import torch",
    ...(hub ? ["from huggingface_hub import snapshot_download"] : []),
    "from sae_lens import SAE",
    ...(helpers.includes("read_sae")
      ? ["from sae_lens.loading.pretrained_sae_loaders import sae_lens_disk_loader"]
      : []),
    ...(scaled ? ["from safetensors.torch import load_file"] : []),
    "from transformers import AutoModelForCausalLM",
  ];
}

function write(step: Step): string[] {
  switch (step.step) {
    case "note":
      return [`# ${step.text}`];
    case "model":
      return writeModel(step);
    case "gelu":
      return geluLines(step.gelu);
    case "sae":
      return writeSae(step);
    case "tokens":
      return [
        `ids = torch.tensor([${pyList(step.ids)}])  # as the page ran them: nothing is added, nothing tokenised again`,
        `counted = torch.tensor(${pyList(step.counted)}) > 0  # positions of the mask`,
        `ordinary = torch.tensor(${pyList(step.ordinary)}) > 0  # no special token`,
        "",
      ];
    case "encode":
      return writeEncode(step);
    case "splice": {
      const p = prefix(step.sae);
      const spliced = `torch.where(counted[:, None], ${p}x_hat, ${p}x)`;
      return [`_, ${p}spliced = run(${step.layer}, ${spliced})`];
    }
    case "zero": {
      const p = prefix(step.sae);
      return [`_, ${p}zeroed = run(${step.layer}, torch.zeros_like(${p}x))`];
    }
    case "edit":
      return writeEdits(step);
    case "print":
      return [`print(${py(step.label)}, ${expression(step.value)})`];
  }
}

/** A path on disk, downloaded first where it is on a hub. */
function pathLines(name: string, files: Files, whole: readonly string[]): string[] {
  if (files.from === "bundle") {
    return [
      `${name} = ${py(files.folder)}  # of Facet's repository, content ${py(files.revision)}`,
    ];
  }
  if (files.from === "disk") {
    return [`${name} = ${py(files.name)}  # the folder that was opened from disk: say where it is`];
  }
  const { repo, revision, folder, endpoint } = files;
  const patterns = folder === "" ? whole : [`${fnmatchLiteral(folder)}/*`];
  const call = [
    py(repo),
    `revision=${py(revision)}`,
    `allow_patterns=[${patterns.map(py).join(", ")}]`,
    ...(endpoint === null ? [] : [`endpoint=${py(endpoint)}`]),
  ].join(", ");
  return [`${name} = snapshot_download(${call})${folder === "" ? "" : ` + ${py(`/${folder}`)}`}`];
}

const geluLines = (gelu: GeluKind): string[] => [
  "for block in model.model.layers:",
  `    block.mlp.act_fn = torch.nn.GELU(approximate=${gelu === "tanh" ? '"tanh"' : '"none"'})`,
];

const GROUPS = { int8: [64, 127, 127], int4: [32, 8, 7] } as const;

function writeModel({ files, gelu, rounding }: ModelStep): string[] {
  return [
    ...pathLines("model_path", files, ["*.json", "*.safetensors"]),
    "model = AutoModelForCausalLM.from_pretrained(model_path).float().eval()",
    ...geluLines(gelu),
    ...(rounding === null
      ? []
      : [
          "for weight in model.parameters():",
          "    if weight.dim() == 2:  # all matrices, the embedding too; no norms",
          `        weight.copy_(rounded(weight, ${GROUPS[rounding].join(", ")}))  # ${rounding}`,
        ]),
    "",
  ];
}

function writeSae({ sae, files, architecture, scaled, factor, norms }: SaeStep): string[] {
  const p = prefix(sae);
  const name = saeName(sae);
  const converter =
    architecture !== null || scaled
      ? `, converter=read_sae(${architecture === null ? "None" : py(architecture)})`
      : "";
  return [
    ...pathLines(`${p}sae_path`, files, ["cfg.json", "sae_weights.safetensors"]),
    `${name} = SAE.load_from_disk(${p}sae_path, dtype="float32"${converter})`,
    ...(scaled
      ? [
          `${p}scaling = load_file(${p}sae_path + "/sae_weights.safetensors")["scaling_factor"].float()  # of f, before W_dec`,
        ]
      : []),
    ...(factor === null
      ? []
      : [
          `${name}.fold_activation_norm_scaling_factor(${factor})  # s of expected_average_only_in; it stands in no file`,
        ]),
    ...(norms === "decoder"
      ? [`${p}norms = ${name}.W_dec.norm(dim=-1)  # [d_sae]`]
      : [
          `${p}norms = torch.ones(${name}.cfg.d_sae)  # activations carry the decoder's norm (rescale_acts_by_decoder_norm)`,
        ]),
    "",
  ];
}

/** x at the hook with its activations. `decode` undoes the normalisation of the rows that were encoded last. */
function writeEncode({ sae, layer, scaled }: Step & { step: "encode" }): string[] {
  const p = prefix(sae);
  const name = saeName(sae);
  return [
    `${p}x, ${p}clean = run(${layer})  # [T, d_in], logits [T, V]`,
    `${p}raw = ${name}.encode(${p}x)  # [T, d_sae]`,
    `${p}x_hat = ${name}.decode(${p}raw${scaled ? ` * ${p}scaling` : ""})`,
    `${p}folded = ${p}raw * ${p}norms`,
  ];
}

function writeEdits({ layer, scaled, edits, controls }: Step & { step: "edit" }): string[] {
  const features = [...new Set(edits.map(({ feature }) => feature))];
  return [
    "",
    "# The edits: raw activations and steering of the edited features, then the residual moved along their decoder rows.",
    `features = ${pyList(features)}`,
    "changed = raw[:, features].clone()  # [T, n]",
    "steered = torch.zeros_like(changed)",
    ...edits.map((edit) => editLine(edit, features.indexOf(edit.feature))),
    "rows = torch.nn.functional.normalize(sae.W_dec[features], dim=-1)  # [n, d_in]",
    "units = torch.zeros(len(features) + 1, *raw.shape)  # one unit of each feature, and none",
    "for n, feature in enumerate(features):",
    "    units[n, :, feature] = 1",
    "sae.encode(x)  # decode undoes the normalisation of the rows encoded last",
    `written = sae.decode(units${scaled ? " * scaling" : ""})  # [n + 1, T, d_in]`,
    "lengths = ((written[:-1] - written[-1]) * rows[:, None]).sum(-1).T  # [T, n]",
    "norm = x[ordinary if ordinary.any() else slice(None)].norm(dim=-1).mean()  # what steering by 1 adds",
    "moves = (changed - raw[:, features]) * lengths + steered * norm  # [T, n]",
    `_, edited = run(${layer}, x + moves @ rows)`,
    "effect = kl(clean, edited)[counted].mean()",
    "controls = torch.stack([",
    `    kl(clean, run(${layer}, x + moves @ other)[1])[counted].mean()`,
    `    for other in random_directions(${controls.seed}, ${controls.count}, len(features), x.shape[-1])`,
    "])",
  ];
}

function editLine({ mode, value = 0, positions }: Edit, slot: number): string {
  const rows =
    positions === "all" ? ":" : "from" in positions ? `${positions.from}:` : pyList(positions);
  if (mode === "steer") {
    return `steered[${rows}, ${slot}] += ${value}  # times the mean residual norm`;
  }
  if (mode === "scale") return `changed[${rows}, ${slot}] *= ${value}`;
  return `changed[${rows}, ${slot}] = ${mode === "ablate" ? 0 : value}`;
}
