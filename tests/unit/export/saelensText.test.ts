// The text of the code: what it names, what it leaves out and says so, and that nothing of a stranger's ends its literal.

import { describe, expect, it, test } from "vitest";
import { saelensCode } from "../../../src/export/saelens/code.ts";
import { fnmatchLiteral, py } from "../../../src/export/saelens/literal.ts";
import type { Side } from "../../../src/export/saelens/request.ts";
import { requestOf } from "../../support/saelensCases.ts";

const SIDE: Side = {
  provenance: {
    facet: "0.1.0",
    model: { source: "google/gemma-2b", revision: "abc", precision: "bf16", activation: "erf" },
    sae: {
      source: "jbloom/Gemma-2b-Residual-Stream-SAEs",
      revision: "def",
      folder: "gemma_2b_blocks.12.hook_resid_post_16384",
      hook: "blocks.12.hook_resid_post",
      dIn: 2048,
      dSae: 16384,
      architecture: "standard",
      prependBos: true,
    },
    backend: { name: "webgpu" },
  },
  run: {
    namedArchitecture: null,
    normalization: "expected_average_only_in",
    normScalingFactor: 0.21381938399317255,
    rescaleActsByDecoderNorm: false,
    scalesFeatures: false,
    prependBos: true,
  },
};
const IDS = [2, 714, 17489];
const sideWith = (
  run: Partial<Side["run"]>,
  provenance: Partial<Side["provenance"]> = {},
): Side => ({
  provenance: { ...SIDE.provenance, ...provenance },
  run: { ...SIDE.run, ...run },
});
const { provenance } = SIDE;

test("a text, one feature, no edits", () => {
  expect(saelensCode(requestOf(SIDE, IDS, { feature: 1571 }))).toBe(
    `# Reproduces what Facet 0.1.0 shows: "blocks.12.hook_resid_post", GELU erf, weights in bf16, computed in float32.
# pip install torch transformers "sae-lens>=6"
import torch
from huggingface_hub import snapshot_download
from sae_lens import SAE
from transformers import AutoModelForCausalLM

torch.set_grad_enabled(False)


def run(layer, instead=None):
    """resid_post of a block [T, d_model], and logits [T, V]; with \`instead\` in place of the former."""
    kept = []

    def hook(module, args, out):
        stream = out[0] if isinstance(out, tuple) else out  # a tuple in older versions of transformers
        kept.append(stream[0])
        if instead is not None:
            return (instead[None], *out[1:]) if isinstance(out, tuple) else instead[None]

    handle = model.model.layers[layer].register_forward_hook(hook)
    logits = model(ids).logits[0]
    handle.remove()
    return kept[0], logits


model_path = snapshot_download("google/gemma-2b", revision="abc", allow_patterns=["*.json", "*.safetensors"])
model = AutoModelForCausalLM.from_pretrained(model_path).float().eval()
for block in model.model.layers:
    block.mlp.act_fn = torch.nn.GELU(approximate="none")

sae_path = snapshot_download("jbloom/Gemma-2b-Residual-Stream-SAEs", revision="def", allow_patterns=["gemma_2b_blocks.12.hook_resid_post_16384/*"]) + "/gemma_2b_blocks.12.hook_resid_post_16384"
sae = SAE.load_from_disk(sae_path, dtype="float32")
sae.fold_activation_norm_scaling_factor(0.21381938399317255)  # s of expected_average_only_in; it stands in no file
norms = sae.W_dec.norm(dim=-1)  # [d_sae]

ids = torch.tensor([[2, 714, 17489]])  # as the page ran them: nothing is added, nothing tokenised again
counted = torch.tensor([0, 1, 1]) > 0  # positions of the mask
ordinary = torch.tensor([0, 1, 1]) > 0  # no special token

x, clean = run(12)  # [T, d_in], logits [T, V]
raw = sae.encode(x)  # [T, d_sae]
x_hat = sae.decode(raw)
folded = raw * norms
print("L0 by token", (raw > 0).sum(-1).tolist())
print("squared error by token", (x - x_hat).pow(2).sum(-1).tolist())
print("feature 1571, folded", folded[:, 1571].tolist())
`,
  );
});

test("edits are a hook that moves the residual along decoder rows", () => {
  const code = saelensCode(
    requestOf(SIDE, IDS, {
      edits: [
        { feature: 7, mode: "ablate", positions: "all" },
        { feature: 9, mode: "clamp", value: 4.5, positions: [1, 2] },
        { feature: 7, mode: "steer", value: -0.25, positions: { from: 1 } },
        { feature: 8, mode: "scale", value: 2, positions: [] },
      ],
      controls: { count: 20, seed: 1 },
    }),
  );
  expect(code.slice(code.indexOf("# The edits:"))).toBe(
    `# The edits: raw activations and steering of the edited features, then the residual moved along their decoder rows.
features = [7, 9]
changed = raw[:, features].clone()  # [T, n]
steered = torch.zeros_like(changed)
changed[:, 0] = 0
changed[[1, 2], 1] = 4.5
steered[1:, 0] += -0.25  # times the mean residual norm
rows = torch.nn.functional.normalize(sae.W_dec[features], dim=-1)  # [n, d_in]
units = torch.zeros(len(features) + 1, *raw.shape)  # one unit of each feature, and none
for n, feature in enumerate(features):
    units[n, :, feature] = 1
sae.encode(x)  # decode undoes the normalisation of the rows encoded last
written = sae.decode(units)  # [n + 1, T, d_in]
lengths = ((written[:-1] - written[-1]) * rows[:, None]).sum(-1).T  # [T, n]
norm = x[ordinary if ordinary.any() else slice(None)].norm(dim=-1).mean()  # what steering by 1 adds
moves = (changed - raw[:, features]) * lengths + steered * norm  # [T, n]
_, edited = run(12, x + moves @ rows)
effect = kl(clean, edited)[counted].mean()
controls = torch.stack([
    kl(clean, run(12, x + moves @ other)[1])[counted].mean()
    for other in random_directions(1, 20, len(features), x.shape[-1])
])
print("next tokens behind position 2, with the edits", log_p(edited)[2].exp().topk(20).indices.tolist(), log_p(edited)[2].exp().topk(20).values.tolist())
print("KL(before || after) by token", kl(clean, edited).tolist())
print("change of CE by token", (cross_entropy(edited) - cross_entropy(clean)).tolist())
print("effect: mean KL over the mask", effect.item())
print("the controls' effects", controls.tolist())
print("z of the effect", ((effect - controls.mean()) / controls.std()).item())
# Not in this code: downstream features, ablation effects of a token's features, continuations.
`,
  );
});

describe("what differs from how SAELens loads a file is said", () => {
  const code = (side: Side, more = {}): string => saelensCode(requestOf(side, IDS, more));

  it("no scale is known, none is folded", () => {
    const found = code(sideWith({ normScalingFactor: null }));
    expect(found).toContain("no scale is known: unscaled, as on the page");
    expect(found).not.toContain("fold_activation_norm");
  });

  it("activations carry the decoder's norm", () => {
    const found = code(sideWith({ rescaleActsByDecoderNorm: true }));
    expect(found).toContain("norms = torch.ones(sae.cfg.d_sae)  # activations carry");
    expect(found).not.toContain("W_dec.norm");
  });

  it("a scaling_factor, and an SAE that is named by how it was trained", () => {
    const found = code(sideWith({ scalesFeatures: true, namedArchitecture: "batchtopk" }));
    expect(found).toContain('dtype="float32", converter=read_sae("jumprelu"))');
    expect(found).toContain("x_hat = sae.decode(raw * scaling)");
    expect(found).toContain("SAELens 6 loads neither");
  });

  it("weights in int8 and int4 are rounded as Facet rounds them", () => {
    const rounded = { ...SIDE.provenance.model, precision: "int4" as const };
    expect(code(sideWith({}, { model: rounded }))).toContain(
      "weight.copy_(rounded(weight, 32, 8, 7))  # int4",
    );
    expect(code(SIDE)).not.toContain("rounded");
  });

  it("an SAE of texts without BOS", () => {
    expect(code(sideWith({ prependBos: false }))).toContain("trained on texts without BOS");
  });

  it("a text that could not be run leaves what needs none", () => {
    const found = saelensCode(requestOf(SIDE, null, { place: "feature", feature: 21 }));
    expect(found).toContain("# No text was run.");
    expect(found).toContain("sae.W_dec[21]");
    expect(found).not.toContain("ids");
  });
});

describe("files", () => {
  const pathsOf = (side: Side, endpoint: string | null = null): string[] =>
    saelensCode(requestOf(side, IDS, { endpoint }))
      .split("\n")
      .filter((line) => /^\w+_path = /.test(line));

  it("of the bundle, of a folder on disk, of another hub, of a folder in a repository", () => {
    const bundled = sideWith(
      {},
      {
        model: { ...provenance.model, source: "demo" },
        sae: { ...provenance.sae, source: "demo", folder: "blocks.0.hook_resid_post" },
      },
    );
    expect(pathsOf(bundled)).toEqual([
      'model_path = "public/demo/model"  # of Facet\'s repository, content "abc"',
      'sae_path = "public/demo/sae/blocks.0.hook_resid_post"  # of Facet\'s repository, content "def"',
    ]);
    const local = sideWith(
      {},
      {
        model: { ...provenance.model, source: "local/my-model" },
        sae: { ...provenance.sae, folder: "" },
      },
    );
    expect(pathsOf(local, "https://hub.example.com")).toEqual([
      'model_path = "my-model"  # the folder that was opened from disk: say where it is',
      'sae_path = snapshot_download("jbloom/Gemma-2b-Residual-Stream-SAEs", revision="def", allow_patterns=["cfg.json", "sae_weights.safetensors"], endpoint="https://hub.example.com")',
    ]);
    const folder = sideWith(
      {},
      {
        model: { ...provenance.model, source: "own/models/small [best]" },
      },
    );
    expect(pathsOf(folder)[0]).toBe(
      'model_path = snapshot_download("own/models", revision="abc", allow_patterns=["small [[]best]/*"]) + "/small [best]"',
    );
  });

  it("fnmatch takes a path literally", () => {
    expect(fnmatchLiteral("a*b?c[d]")).toBe("a[*]b[?]c[[]d]");
  });
});

describe("hostile names", () => {
  it.each([
    ['x"); import os #', String.raw`"x\"); import os #"`],
    ["a\nb\r\tc", String.raw`"a\u000ab\u000d\u0009c"`],
    ["back\\slash", String.raw`"back\\slash"`],
    ["\u202eright to left\u2028", String.raw`"\u202eright to left\u2028"`],
    ["\ud800 alone", String.raw`"\ufffd alone"`],
    ["\u{e0001} tag", String.raw`"\U000e0001 tag"`],
    ["слой 模型 🐋 ‘quote’", '"слой 模型 🐋 ‘quote’"'],
  ])("%j", (text, literal) => expect(py(text)).toBe(literal));

  it("stay on their lines", () => {
    const evil = 'x"""\n); import os #';
    const hostile = sideWith(
      {},
      {
        model: { ...provenance.model, source: `own/${evil}`, revision: evil },
        sae: { ...provenance.sae, source: `own/${evil}`, folder: evil, revision: evil, hook: evil },
      },
    );
    const list = [{ feature: 5, note: evil }];
    const code = saelensCode(requestOf(hostile, IDS, { place: "find", list, endpoint: evil }));
    expect(code.split("\n").filter((line) => line.trimStart().startsWith(");"))).toEqual([]);
    expect(code).toContain(
      String.raw`print("feature 5, folded: x\"\"\"\u000a); import os #", folded[:, 5].tolist())`,
    );
  });
});
