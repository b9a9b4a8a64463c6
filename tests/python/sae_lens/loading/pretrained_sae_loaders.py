"""Reading cfg.json and sae_weights.safetensors, as the loader of saved SAEs does."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file


def sae_lens_disk_loader(path, device="cpu", cfg_overrides=None):
    cfg = json.loads((Path(path) / "cfg.json").read_text())
    cfg.update(cfg_overrides or {})
    tensors = {
        name: tensor.float()
        for name, tensor in load_file(Path(path) / "sae_weights.safetensors").items()
    }
    if "scaling_factor" in tensors:
        scaling = tensors.pop("scaling_factor")
        if not torch.allclose(scaling, torch.ones_like(scaling)):
            if not cfg["finetuning_scaling_factor"]:
                raise ValueError("Scaling factor is present but finetuning_scaling_factor is False.")
            tensors["finetuning_scaling_factor"] = scaling
    return cfg, tensors


def before_6(cfg):
    """The configuration in today's words."""
    version = cfg.get("sae_lens_version") or cfg.get("metadata", {}).get("sae_lens_version") or "0"
    made = {"rescale_acts_by_decoder_norm": False, "apply_b_dec_to_input": True, **cfg}
    k = cfg.get("activation_fn_kwargs", {}).get("k")
    activation = cfg.get("activation_fn_str", cfg.get("activation_fn"))
    if int(version.split(".")[0]) < 6 and activation == "topk" and k is not None:
        made.update(architecture="topk", k=k)
    saved = cfg.get("normalize_activations") or "none"
    made["normalize_activations"] = "expected_average_only_in" if saved is True else saved
    return made
