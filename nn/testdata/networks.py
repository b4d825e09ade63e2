"""Writes networks.json.gz: networks of nn by PyTorch in float64. Run: python networks.py (made with torch 1.13).

Each case has rows, parameters under the names of nn, outputs, and the gradient of the mean square error to y.
"""
import gzip
import json
import math

import torch
import torch.nn as tn
import torch.nn.functional as F

from layers import RNN, N, between, case, equivariant, prepare, rows, s4d, s4d_params

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
        v, m = cond[:, : 2 * k * l].reshape(N, k, l, 2).split(1, -1)
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



def embed(p, t, cond, features, width):
    h = p.linear("time.1", F.silu(p.linear("time.0", waves(t, features), width)), width)
    return h if cond is None else h + p.linear("cond.cond", cond, width)


def rotary(x, heads):
    n, _, l, c = x.shape[0], 0, x.shape[1], x.shape[2]
    d = c // heads
    a = torch.arange(l).double()[:, None] * 10000.0 ** (-2 * torch.arange(d // 2).double() / d)
    x = x.reshape(n, l, heads, 2, d // 2)
    cos, sin = a.cos()[:, None], a.sin()[:, None]
    return torch.stack([x[..., 0, :] * cos - x[..., 1, :] * sin, x[..., 0, :] * sin + x[..., 1, :] * cos], -2).reshape(n, l, c)


def attention(p, name, x, heads, causal=False, turned=False, bias=None):
    c = x.shape[-1]
    q, k, v = p.linear(name + ".in", x, 3 * c).chunk(3, -1)
    if turned:
        q, k = rotary(q, heads), rotary(k, heads)
    q, k, v = [z.reshape(N, -1, heads, c // heads).transpose(1, 2) for z in (q, k, v)]
    s = q @ k.transpose(-1, -2) / math.sqrt(c // heads)
    if bias is not None:
        s = s + bias
    if causal:
        s = s.masked_fill(torch.ones(s.shape[-2:]).triu(1).bool(), -math.inf)
    return p.linear(name + ".out", (s.softmax(-1) @ v).transpose(1, 2).reshape(N, -1, c), c)


def norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p.get(name + ".weight", x.shape[-1], scale=1), p.get(name + ".bias", x.shape[-1]))


def ff(p, name, x, hidden, act=F.gelu):
    return p.linear(name + ".1", act(p.linear(name + ".0", x, hidden)), x.shape[-1])


def stack(p, pre, x, e, layers, heads, hidden, causal, positions_are):
    h = x + e[:, None]
    if positions_are == "sinusoidal":
        h = h + positions(x.shape[1], x.shape[2])
    if positions_are == "learned":
        h = h + p.get(pre + "positions", x.shape[1], x.shape[2])
    for i in range(layers):
        l = f"{pre}layer{i}."
        h = h + attention(p, l + "attn", norm(p, l + "norm0", h), heads, causal, positions_are == "rotary")
        h = h + ff(p, l + "ff", norm(p, l + "norm1", h), hidden)
    return norm(p, pre + "norm", h)


def transformer(p, x, t, cond, out, width, layers, heads, hidden, time_dim, reads="all", positions_are="rotary", levels=0):
    x = F.embedding(x, p.get("in.weight", levels, width)) if levels else p.linear("in", x, width)
    e = embed(p, t, cond, time_dim, width)
    rest = (layers, heads, hidden)
    if reads != "hollow":
        return p.linear("out", stack(p, "", x, e, *rest, reads == "causal", positions_are), out)

    def side(pre, x):
        first = p.get(pre + "first", width).expand(N, 1, -1)
        return stack(p, pre, torch.cat([first, x[:, :-1]], 1), e, *rest, True, positions_are)

    both = torch.cat([side("before.", x), side("behind.", x.flip(1)).flip(1)], -1)
    return p.linear("out", F.gelu(p.linear("join", both, width)), out)


small = dict(width=8, layers=2, heads=2, hidden=6, time_dim=4)
for name, more in [("transformer", {}), ("transformer_causal", {"reads": "causal", "positions_are": "sinusoidal"}),
                   ("transformer_hollow", {"reads": "hollow", "positions_are": "learned"}),
                   ("transformer_tokens", {"levels": 5})]:
    p = Params()
    x = torch.randint(0, 5, (N, 6)) if "levels" in more else rows((6, 2))[0]
    t = torch.randn(N, 1).float().double()
    cond = torch.randn(N, 3).float().double() if name == "transformer" else None
    cases[name] = case(p, [x], transformer(p, x, t, cond, 5 if "levels" in more else 2, **small, **more), t, cond)


def plane(h, w, width):
    r, c = positions(h, width // 2), positions(w, width // 2)
    return torch.cat([r[:, None].expand(h, w, -1), c[None].expand(h, w, -1)], -1).reshape(h * w, width)


def dit(p, x, t, patch, width, layers, heads, hidden, time_dim):
    shape = x.shape[1:]
    if len(shape) == 3:
        h, w, c = shape
        z = x.reshape(N, h // patch, patch, w // patch, patch, c).transpose(2, 3).reshape(N, -1, patch * patch * c)
        at = plane(h // patch, w // patch, width)
    else:
        z = x.reshape(N, -1, patch * shape[1])
        at = positions(shape[0] // patch, width)
    pixels = z.shape[-1]
    z = p.linear("in", z, width) + at
    e = embed(p, t, None, time_dim, width)
    mod = lambda z, shift, scale: F.layer_norm(z, (width,), eps=1e-6) * (1 + scale[:, None]) + shift[:, None]
    for i in range(layers):
        l = f"layer{i}."
        m = p.linear(l + "mod", F.silu(e), 6 * width).chunk(6, -1)
        z = z + m[2][:, None] * attention(p, l + "attn", mod(z, m[0], m[1]), heads)
        z = z + m[5][:, None] * ff(p, l + "ff", mod(z, m[3], m[4]), hidden)
    z = p.linear("out", mod(z, *p.linear("mod", F.silu(e), 2 * width).chunk(2, -1)), pixels)
    if len(shape) == 3:
        z = z.reshape(N, h // patch, w // patch, patch, patch, c).transpose(2, 3)
    return z.reshape(N, -1)


for name, shape in [("dit", (4, 6, 3)), ("dit_series", (6, 2))]:
    p = Params()
    (x,) = rows(shape)
    t = torch.randn(N, 1).float().double()
    cases[name] = case(p, [x], dit(p, x, t, 2, **small), t)

for name, cell, layers, both in [("rnn", "GRU", 2, False), ("rnn_both", "LSTM", 1, True)]:
    p = Params()
    (x,) = rows((6, 2))
    t = torch.randn(N, 1).float().double()
    h = p.linear("in", x, 5) + embed(p, t, None, 4, 5)[:, None]
    for i in range(layers):
        def cell_over(pre, h):
            return p.module(f"{pre}{i}.", getattr(tn, cell)(h.shape[-1], 5, batch_first=True), RNN)(h)[0]
        on = cell_over("layer", h)
        h = torch.cat([on, cell_over("reverse", h.flip(1)).flip(1)], -1) if both else on
    cases[name] = case(p, [x], p.linear("out", h, 2), t)

for name, both in [("s4", False), ("s4_both", True)]:
    p = Params()
    (x,) = rows((6, 2))
    t = torch.randn(N, 1).float().double()
    h, e = p.linear("in", x, 5), embed(p, t, None, 4, 5)
    for i in range(2):
        l = f"layer{i}."
        def space(pre, x):
            q = s4d_params(5, 3)
            p.update({l + pre + "." + k: v for k, v in q.items()})
            return s4d(x, q)
        z = norm(p, l + "norm", h) + p.linear(l + "time", e, 5)[:, None]
        y = space("s4d", z)
        if both:
            y = y + space("reverse", z.flip(1)).flip(1)
        h = h + F.glu(p.linear(l + "out", F.gelu(y), 10))
    cases[name] = case(p, [x], p.linear("out", norm(p, "norm", h), 2), t)

def centred(x, mask):
    x = x * mask[:, None]
    return (x - x.sum(1, keepdim=True) / mask.sum()) * mask[:, None]


def egnn(p, x, f, t, mask, width, layers):
    h = embed(p, t, None, 4, width)[:, None].expand(N, x.shape[1], -1)
    if f is not None:
        h = h + p.linear("in.f", f, width)
    y = x
    for i in range(layers):
        y, h = equivariant(p, f"layer{i}.", y, h, mask, width)
    out = [centred(y - x, mask).reshape(N, -1)]
    if f is not None:
        out.append(p.linear("out.f", h, f.shape[-1]).reshape(N, -1))
    return torch.cat(out, 1)


def gnn(p, x, a, t, mask, width, pairs, layers, heads, directed=False):
    n = x.shape[1]
    e = embed(p, t, None, 4, width)
    h = e[:, None] + p.linear("in.x", x, width)
    q = p.linear("pairs", e, pairs)[:, None, None] + p.linear("in.a", a.reshape(N, n, n, 1), pairs)
    hide = torch.where(mask > 0, 0.0, -math.inf)
    for i in range(layers):
        l = f"layer{i}."
        z = norm(p, l + "pair_norm", q)
        bias = p.linear(l + "bias", z, heads).permute(0, 3, 1, 2) + hide
        h = h + attention(p, l + "attn", norm(p, l + "norm0", h), heads, bias=bias)
        h = h + ff(p, l + "ff", norm(p, l + "norm1", h), 2 * width, F.silu)
        g = norm(p, l + "norm2", h)
        u, b = p.linear(l + "own", g, pairs), p.linear(l + "both", g, pairs)
        v = p.linear(l + "other", g, pairs) if directed else u
        s = u[:, :, None] + v[:, None] + b[:, :, None] * b[:, None] + p.linear(l + "pair.0", z, pairs)
        q = q + p.linear(l + "pair.1", F.silu(s), pairs)
    x = p.linear("out.x", norm(p, "norm", h), x.shape[-1]) * mask[:, None]
    a = p.linear("out.a", norm(p, "pair_norm", q), 1)[..., 0] * mask[:, None] * mask[None]
    return torch.cat([x.reshape(N, -1), a.reshape(N, -1)], 1)


all4, some4 = torch.ones(4), torch.tensor([1.0, 1, 0, 1])
for name, mask in [("egnn", all4), ("egnn_masked", some4), ("egnn_positions", all4)]:
    p = Params()
    x, f = rows((4, 3), (4, 2))
    t = torch.randn(N, 1).float().double()
    xs = [x] if name == "egnn_positions" else [x, f]
    out = egnn(p, x, f if len(xs) > 1 else None, t, mask, 5, 2)
    cases[name] = case(p, xs, out, t, mask.expand(N, -1) if name == "egnn_masked" else None)
for name, mask, more in [("gnn", all4, {}), ("gnn_masked", some4, {"directed": True})]:
    p = Params()
    x, a = rows((4, 2), (4, 4))
    t = torch.randn(N, 1).float().double()
    out = gnn(p, x, a, t, mask, 6, 4, 2, 2, **more)
    cases[name] = case(p, [x, a], out, t, mask.expand(N, -1) if name == "gnn_masked" else None)

if __name__ == "__main__":
    with gzip.GzipFile("networks.json.gz", "w", mtime=0) as f:
        f.write(json.dumps(cases, separators=(",", ":")).encode())
