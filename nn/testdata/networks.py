"""Writes networks.json.gz: networks of nn by PyTorch in float64. Run: python networks.py (made with torch 1.13).

Each case has rows, parameters under the names of nn, outputs, and the gradient of the mean square error to y.
"""
import gzip
import json
import math

import torch
import torch.nn as tn
import torch.nn.functional as F

from layers import MHA, N, case, prepare, rows

torch.manual_seed(17)
cases = {}


class Params(dict):
    """Parameters by the names of nn, drawn as they are asked for."""

    def get(self, name, *shape, scale=None):
        if name not in self:
            scale = scale or 1 / math.sqrt(shape[-1])
            self[name] = (scale * torch.randn(*shape)).float().double().requires_grad_()
        return self[name]

    def linear(self, name, x, out):
        return F.linear(x, self.get(name + ".weight", out, x.shape[-1]), self.get(name + ".bias", out))

    def module(self, prefix, m, names):
        """A module whose parameters enter as prefix and the names that stand for their own."""
        prepare(m)
        for k, v in m.named_parameters():
            for theirs, ours in names.items():
                if k.startswith(theirs):
                    k = ours + k[len(theirs):]
                    break
            self[prefix + k] = v
        return m


ENCODER = {"self_attn.in_proj_": "attn.in.", "self_attn.out_proj": "attn.out", "linear1": "ff.0", "linear2": "ff.1",
           "norm1": "norm0", "norm2": "norm1"}


def waves(t, dim):
    """The features of time of nn: sines and cosines of periods 64 to 2."""
    half = dim // 2
    w = 2 * math.pi / 64 * 32 ** (torch.arange(half) / max(half - 1, 1))
    return torch.cat([torch.sin(t * w), torch.cos(t * w)], -1)


def steps(t, dim):
    """CSDI's table, float32 as there."""
    half = dim // 2
    f = 10.0 ** (torch.arange(half, dtype=torch.float32) / (half - 1) * 4.0)
    a = (t.float() * f).double()
    return torch.cat([torch.sin(a), torch.cos(a)], -1)


def positions(n, dim):
    a = torch.arange(n).double()[:, None] * 10000.0 ** (-torch.arange(0, dim, 2).double() / dim)
    return torch.stack([a.sin(), a.cos()], -1).reshape(n, dim)


def csdi(p, x, t, cond, k, l, channels, layers, heads, hidden, time_dim, position_dim, feature_dim, impute=False, table=False):
    x = x.reshape(N, k, l, 1)
    side = torch.cat([positions(l, position_dim).expand(k, l, -1),
                      p.get("features.weight", k, feature_dim)[:, None].expand(k, l, -1)], -1).expand(N, k, l, -1)
    if impute:
        v, m = [c.reshape(N, k, l, 1) for c in cond[:, : 2 * k * l].split(k * l, 1)]
        x, side, cond = torch.cat([m * v, (1 - m) * x], -1), torch.cat([side, m], -1), cond[:, 2 * k * l:]
    h = F.relu(p.linear("in", x, channels))
    e = p.linear("time.1", F.silu(p.linear("time.0", (steps if table else waves)(t, time_dim), time_dim)), time_dim)
    if cond is not None and cond.shape[1]:
        e = e + p.linear("cond.rest", cond, time_dim)
    e = F.silu(e)
    skips = 0
    for i in range(layers):
        y = h + p.linear(f"layer{i}.time", e, channels)[:, None, None]
        for over, on, other in [("over_time", l, k), ("over_features", k, l)]:
            if on > 1:
                m = tn.TransformerEncoderLayer(channels, heads, hidden, activation="gelu", dropout=0, batch_first=True)
                p.module(f"layer{i}.{over}.", m, ENCODER)
                if over == "over_features":
                    y = y.transpose(1, 2)
                y = m(y.reshape(N * other, on, channels)).reshape(y.shape)
                if over == "over_features":
                    y = y.transpose(1, 2)
        y = p.linear(f"layer{i}.mid", y, 2 * channels) + p.linear(f"layer{i}.side", side, 2 * channels)
        gate, what = y.chunk(2, -1)
        r, s = p.linear(f"layer{i}.out", torch.sigmoid(gate) * torch.tanh(what), 2 * channels).chunk(2, -1)
        h, skips = (h + r) / math.sqrt(2), skips + s
    h = F.relu(p.linear("out.0", skips / math.sqrt(layers), channels))
    return p.linear("out.1", h, 1).reshape(N, -1)


small = dict(channels=6, layers=2, heads=3, hidden=5, time_dim=4, position_dim=6, feature_dim=2)
for name, shape, width, more in [("csdi", (3, 4), 0, {}), ("csdi_impute", (3, 4), 26, {"impute": True}),
                                 ("csdi_steps", (3, 4), 24, {"impute": True, "table": True}), ("csdi_row", (5, 1), 0, {})]:
    p = Params()
    (x,) = rows(shape)
    t = torch.tensor([[0.0], [3], [9]]) if "table" in more else torch.randn(N, 1).float().double()
    cond = torch.randn(N, width).float().double() if width else None
    out = csdi(p, x, t, cond, *shape, **small, **more)
    cases[name] = case(p, [x], out, t, cond)

with gzip.GzipFile("networks.json.gz", "w", mtime=0) as f:
    f.write(json.dumps(cases, separators=(",", ":")).encode())
