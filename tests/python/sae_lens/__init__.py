"""A small model of SAELens 6: how it loads a saved SAE, encodes, decodes, and folds an s."""

from types import SimpleNamespace

import torch
from sae_lens.loading.pretrained_sae_loaders import before_6, sae_lens_disk_loader

PARAMETERS = {
    "standard": ("W_enc", "b_enc", "W_dec", "b_dec"),
    "topk": ("W_enc", "b_enc", "W_dec", "b_dec"),
    "jumprelu": ("W_enc", "b_enc", "W_dec", "b_dec", "threshold"),
    "gated": ("W_enc", "W_dec", "b_dec", "b_gate", "b_mag", "r_mag"),
}


class SAE:
    @classmethod
    def load_from_disk(cls, path, device="cpu", dtype=None, converter=sae_lens_disk_loader):
        cfg, tensors = converter(path, device, cfg_overrides={"dtype": dtype})
        self = cls()
        cfg = before_6(cfg)
        self.architecture = cfg.get("architecture", "standard")
        expected = PARAMETERS[self.architecture]
        if set(tensors) != set(expected):
            raise RuntimeError(f"load_state_dict: {sorted(tensors)} are not {sorted(expected)}")
        for name, tensor in tensors.items():
            setattr(self, name, tensor.clone())
        self.cfg = SimpleNamespace(**cfg)
        return self

    def fold_activation_norm_scaling_factor(self, s):
        self.W_enc *= s
        self.W_dec /= s
        self.b_dec /= s
        self.cfg.normalize_activations = "none"

    def encode(self, x):
        u = self._normalized(x)
        if self.cfg.apply_b_dec_to_input:
            u = u - self.b_dec
        if self.architecture == "gated":
            on = (u @ self.W_enc + self.b_gate) > 0
            return on * torch.relu(u @ (self.W_enc * self.r_mag.exp()) + self.b_mag)
        h = u @ self.W_enc + self.b_enc
        if self.architecture == "jumprelu":
            return torch.relu(h) * (h > self.threshold)
        if self.architecture == "topk":
            if self.cfg.rescale_acts_by_decoder_norm:
                h = h * self.W_dec.norm(dim=-1)
            kept = h.topk(self.cfg.k)
            return torch.zeros_like(h).scatter(-1, kept.indices, kept.values.relu())
        return torch.relu(h)

    def decode(self, f):
        if self.architecture == "topk" and self.cfg.rescale_acts_by_decoder_norm:
            f = f * (1 / self.W_dec.norm(dim=-1))
        scale, shift = self._undo
        del self._undo  # as there, a decode belongs to the encode before it
        return (f @ self.W_dec + self.b_dec) * scale + shift

    def _normalized(self, x):
        kind = self.cfg.normalize_activations
        if kind == "constant_norm_rescale":
            scale = x.norm(dim=-1, keepdim=True) / self.cfg.d_in**0.5
            self._undo = scale, 0.0
            return x / scale
        if kind == "layer_norm":
            mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
            self._undo = std, mean
            return (x - mean) / (std + 1e-5)
        self._undo = 1.0, 0.0
        return x
