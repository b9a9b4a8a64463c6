"""Gemma, as far as the code asks for it: from_pretrained, layers with act_fn and forward hooks, logits."""

import json
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file
from torch import nn


class Norm(nn.Module):
    def __init__(self, weight, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(weight), eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * (1 + self.weight)


def linear(weight):
    made = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    made.weight = nn.Parameter(weight)
    return made


class Mlp(nn.Module):
    def __init__(self, gate, up, down):
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = linear(gate), linear(up), linear(down)
        self.act_fn = None  # the code sets it

    def forward(self, x):
        return self.down_proj(self.act_fn(self.gate_proj(x)) * self.up_proj(x))


def rotated(x, theta):
    """x [heads, T, head_dim]; pairs are i and i + head_dim / 2."""
    half = x.shape[-1] // 2
    angles = torch.arange(x.shape[1])[:, None] * theta ** (-torch.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


class Block(nn.Module):
    def __init__(self, config, weight):
        super().__init__()
        self.config, eps = config, config.get("rms_norm_eps", 1e-6)
        self.input_layernorm = Norm(weight("input_layernorm"), eps)
        self.post_attention_layernorm = Norm(weight("post_attention_layernorm"), eps)
        self.q, self.k, self.v, self.o = (linear(weight(f"self_attn.{p}_proj")) for p in "qkvo")
        self.mlp = Mlp(*(weight(f"mlp.{p}_proj") for p in ("gate", "up", "down")))

    def attend(self, x):
        c = self.config
        heads, shared, d = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
        theta = (c.get("rope_parameters") or c).get("rope_theta", 10000)
        T = x.shape[0]
        q, k, v = (part(x).view(T, -1, d).transpose(0, 1) for part in (self.q, self.k, self.v))
        k, v = (part.repeat_interleave(heads // shared, 0) for part in (rotated(k, theta), v))
        scores = rotated(q, theta) @ k.transpose(1, 2) / d**0.5
        causal = torch.ones(T, T, dtype=torch.bool).tril()
        weights = scores.masked_fill(~causal, float("-inf")).softmax(-1)
        return self.o((weights @ v).transpose(0, 1).reshape(T, heads * d))

    def forward(self, x):
        h = x + self.attend(self.input_layernorm(x[0]))[None]
        return h + self.mlp(self.post_attention_layernorm(h))


class Gemma(nn.Module):
    def __init__(self, config, tensors):
        super().__init__()
        self.config = config
        self.model = nn.Module()
        self.model.layers = nn.ModuleList(
            Block(config, lambda name, i=i: tensors[f"model.layers.{i}.{name}.weight"])
            for i in range(config["num_hidden_layers"])
        )
        self.model.norm = Norm(tensors["model.norm.weight"], config.get("rms_norm_eps", 1e-6))
        self.lm_head = linear(tensors["model.embed_tokens.weight"])  # tied

    def forward(self, ids):
        x = self.lm_head.weight[ids] * self.config["hidden_size"] ** 0.5
        for block in self.model.layers:
            x = block(x)
        return SimpleNamespace(logits=self.lm_head(self.model.norm(x)))


class AutoModelForCausalLM:
    @staticmethod
    def from_pretrained(path):
        folder = Path(path)
        config = json.loads((folder / "config.json").read_text())
        tensors = {}
        for file in folder.glob("model*.safetensors"):
            tensors.update(load_file(file))
        return Gemma(config, tensors)
