// Python functions that the code needs for some of its steps. Written out only where one is called; the order is theirs.

const RUN = `def run(layer, instead=None):
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
    return kept[0], logits`;

const ROUNDED = `def rounded(matrix, group, low, high):
    """What Facet keeps of a matrix in int8 or int4: groups along a row share an f32 scale s, and w is about q·s."""
    cols = matrix.shape[1]
    parts = []
    for block in matrix.split(4096):
        w = torch.nn.functional.pad(block.double(), (0, -cols % group)).unflatten(1, (-1, group))
        least, most = w.amin(-1, True).clamp(max=0), w.amax(-1, True).clamp(min=0)
        s = torch.where(
            most > -least,
            -torch.maximum(most / low, -least / high),
            torch.maximum(-least / low, most / high),
        ).float().double()
        s[s.abs() < 2.0**-126] = 0
        zero = low if high < low else low + 1
        q = torch.floor(w * torch.where(s == 0, s, 1 / s) + (zero + 0.5)) - zero
        parts.append((q * s).float().flatten(1)[:, :cols])
    return torch.cat(parts)`;

const READ_SAE = `def read_sae(architecture):
    """SAELens 6 loads neither a scaling_factor nor an SAE that is named by how it was trained: both are taken out here."""

    def read(path, device, cfg_overrides):
        named = {} if architecture is None else {"architecture": architecture}
        cfg, tensors = sae_lens_disk_loader(path, device, {**cfg_overrides, **named})
        tensors.pop("finetuning_scaling_factor", None)
        if architecture is not None:
            tensors = {name: tensors[name] for name in ("W_enc", "b_enc", "W_dec", "b_dec", "threshold")}
        return cfg, tensors

    return read`;

const LOG_P = `def log_p(logits):
    return torch.log_softmax(logits.double(), dim=-1)


def cross_entropy(logits):
    """Of each next token, [T - 1]."""
    return -log_p(logits)[:-1].gather(-1, ids[0, 1:, None])[:, 0]


def kl(a, b):
    """KL(a || b) by token, [T]."""
    return (log_p(a).exp() * (log_p(a) - log_p(b))).sum(-1)`;

const RANDOM_DIRECTIONS = `def random_directions(seed, count, n, d):
    """Facet's controls: unit rows of uniformly random direction, [n, d] each, by mulberry32 and Box and Muller."""
    state = seed & 0xFFFFFFFF

    def uniform():
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        z = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        z ^= (z + (z ^ (z >> 7)) * (z | 61)) & 0xFFFFFFFF
        return (z ^ (z >> 14)) / 2**32

    def normal():
        length = math.sqrt(-2 * math.log(1 - uniform()))
        return length * math.cos(2 * math.pi * uniform())

    for _ in range(count):
        rows = torch.tensor([[normal() for _ in range(d)] for _ in range(n)], dtype=torch.float64)
        yield torch.nn.functional.normalize(rows, dim=-1).float()`;

const MATCHES = `def matches(a, folded_a, b):
    """The strongest features on ordinary tokens, at most 128, with the nearest decoder rows of the other SAE."""
    sums = folded_a[ordinary].sum(0)
    features = sums.topk(min(128, int((sums > 0).sum()))).indices
    rows = torch.nn.functional.normalize(a.W_dec[features], dim=-1)
    cosines, nearest = (rows @ torch.nn.functional.normalize(b.W_dec, dim=-1).T).max(-1)
    return features.tolist(), nearest.tolist(), cosines.tolist()`;

export const HELPERS = {
  rounded: ROUNDED.split("\n"),
  read_sae: READ_SAE.split("\n"),
  run: RUN.split("\n"),
  log_p: LOG_P.split("\n"),
  random_directions: RANDOM_DIRECTIONS.split("\n"),
  matches: MATCHES.split("\n"),
} as const;
export type Helper = keyof typeof HELPERS;
