"""Writes layers.json.gz: layers of nn by PyTorch in float64. Run: python layers.py (made with torch 1.13).

Each case has rows x, parameters under the names of nn, outputs, and the gradient of the mean square error to y.
"""
import gzip
import json
import math

import torch
import torch.nn as tn
import torch.nn.functional as F

torch.manual_seed(16)
torch.set_default_dtype(torch.float64)
N = 3


def flat(t):
    return t.detach().reshape(-1).tolist()


def rows(*shapes):
    """N rows of each shape, exact in float32."""
    return [torch.randn(N, *s).float().double().requires_grad_() for s in shapes]


def prepare(module):
    for p in module.parameters():
        p.data = (p.data + 0.2 * torch.randn_like(p)).float().double()
    return module


def case(params, xs, out, t=None, cond=None):
    y = torch.randn_like(out).float().double()
    F.mse_loss(out, y).backward()
    c = {
        "N": N, "Y": flat(y), "Out": flat(out),
        "X": flat(torch.cat([x.reshape(N, -1) for x in xs], 1)),
        "Params": {k: flat(p) for k, p in params.items()}, "Grads": {k: flat(torch.zeros_like(p) if p.grad is None else p.grad) for k, p in params.items()},
    }
    if all(x.grad is not None for x in xs):
        c["GX"] = flat(torch.cat([x.grad.reshape(N, -1) for x in xs], 1))
    if t is not None:
        c["T"] = flat(t)
    if cond is not None:
        c["Cond"] = flat(cond)
    return c


def named(module, prefix, names):
    p = dict(module.named_parameters())
    return {prefix + names.get(k, k): v for k, v in p.items()}


MHA = {"in_proj_weight": "in.weight", "in_proj_bias": "in.bias", "out_proj.weight": "out.weight", "out_proj.bias": "out.bias"}
cases = {}

ln = prepare(tn.LayerNorm(6))
(x,) = rows((4, 6))
cases["layer_norm"] = case(named(ln, "norm.", {}), [x], ln(x))

w = (1 + 0.2 * torch.randn(6)).float().double().requires_grad_()
(x,) = rows((4, 6))
cases["rms_norm"] = case({"norm.weight": w}, [x], x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * w)


def attention(heads, mask=None, keys=None):
    m = prepare(tn.MultiheadAttention(8, heads, batch_first=True))
    (x,) = rows((5, 8))
    hide = None if keys is None else ~torch.tensor(keys).bool().expand(N, 5)
    return case(named(m, "attn.", MHA), [x], m(x, x, x, attn_mask=mask, key_padding_mask=hide, need_weights=False)[0])


cases["attention"] = attention(2)
cases["attention_causal"] = attention(4, torch.ones(5, 5).triu(1).bool())
cases["attention_hollow"] = attention(1, torch.eye(5).bool())
cases["attention_masked"] = attention(2, keys=[1, 0, 1, 1, 0])

m = prepare(tn.MultiheadAttention(8, 2, batch_first=True))
x, b = rows((5, 8), (2, 5, 5))
cases["attention_bias"] = case(named(m, "attn.", MHA), [x, b], m(x, x, x, attn_mask=b.reshape(N * 2, 5, 5), need_weights=False)[0])

e = prepare(tn.Embedding(7, 3))
x = torch.randint(0, 7, (N, 4))
cases["embedding"] = case(named(e, "emb.", {}), [x], e(x))

x, c = rows((4, 6), (5,))
w, b = (torch.randn(*s).float().double().requires_grad_() for s in [(12, 5), (12,)])
scale, shift = F.linear(c, w, b)[:, None].chunk(2, -1)
cases["film"] = case({"film.weight": w, "film.bias": b}, [x, c], (1 + scale) * x + shift)

RNN = {"weight_ih_l0": "in.weight", "bias_ih_l0": "in.bias", "weight_hh_l0": "state.weight", "bias_hh_l0": "state.bias"}
for kind in ("GRU", "LSTM"):
    m = prepare(getattr(tn, kind)(4, 5, batch_first=True))
    (x,) = rows((7, 4))
    cases[kind.lower()] = case(named(m, "rnn.", RNN), [x], m(x)[0])


def s4d(x, p):
    """The authors' kernel, summed as a convolution: x [N,L,H]."""
    l = x.shape[1]
    a = -p["log_A_real"].exp() + 1j * p["A_imag"]
    dta = a * p["log_dt"].exp()[:, None]
    k = torch.exp(dta[..., None] * torch.arange(l))
    c = torch.view_as_complex(p["C"]) * (torch.exp(dta) - 1) / a
    k = 2 * torch.einsum("hn,hnl->hl", c, k).real
    y = sum(F.pad(x[:, : l - i], (0, 0, i, 0)) * k[:, i] for i in range(l))
    return y + x * p["D"]


def s4d_params(h, n):
    p = {"log_dt": torch.rand(h) - 2, "log_A_real": math.log(0.5) + 0.3 * torch.randn(h, n),
         "A_imag": math.pi * torch.arange(n).repeat(h, 1) + 0.3 * torch.randn(h, n), "C": torch.randn(h, n, 2), "D": torch.randn(h)}
    return {k: v.float().double().requires_grad_() for k, v in p.items()}


(x,) = rows((7, 3))
p = s4d_params(3, 4)
cases["s4d"] = case({"s4d." + k: v for k, v in p.items()}, [x], s4d(x, p))

def lin(p, name, x, out):
    """A Linear of p, drawn where it is not there."""
    for k, shape in ((".weight", (out, x.shape[-1])), (".bias", (out,))):
        if name + k not in p:
            p[name + k] = (torch.randn(*shape) / math.sqrt(x.shape[-1])).float().double().requires_grad_()
    return F.linear(x, p[name + ".weight"], p[name + ".bias"])


def between(n, mask):
    """1 between two different nodes that are there, [n,n,1]."""
    return ((1 - torch.eye(n)) * mask[:, None] * mask[None])[..., None]


def messages(p, pre, h, pairs, mask, hidden):
    n = h.shape[1]
    two = [h[:, :, None].expand(-1, n, n, -1), h[:, None].expand(-1, n, n, -1)]
    m = F.silu(lin(p, pre + "edge.0", torch.cat(two + ([] if pairs is None else [pairs]), -1), hidden))
    m = F.silu(lin(p, pre + "edge.1", m, hidden)) * between(n, mask)
    u = lin(p, pre + "node.0", torch.cat([h, m.sum(2)], -1), hidden)
    return (h + lin(p, pre + "node.1", F.silu(u), h.shape[-1])) * mask[:, None], m


def equivariant(p, pre, x, h, mask, hidden):
    d = x[:, :, None] - x[:, None]
    square = d.pow(2).sum(-1, keepdim=True)
    h, m = messages(p, pre, h, square, mask, hidden)
    f = F.silu(lin(p, pre + "move.0", m, hidden))
    name = pre + "move.1.weight"
    if name not in p:
        p[name] = torch.randn(1, hidden).float().double().requires_grad_()
    by = F.linear(f, p[name]) * between(x.shape[1], mask) / (1 + (square + 1e-8).sqrt())
    return x + (d * by).sum(2) / max(mask.sum() - 1, 1), h


all5, some5 = torch.ones(5), torch.tensor([1.0, 1, 0, 1, 1])
for name, mask in (("graph_conv", all5), ("graph_conv_masked", some5)):
    h, a = rows((5, 3), (5, 5))
    a.data = a.data.abs()
    p = {}
    w = a * mask[None, None] + torch.eye(5)
    root = w.sum(2, keepdim=True) ** -0.5
    cases[name] = case(p, [h, a], lin(p, "conv", root * (w @ (root * h)), 4) * mask[None, :, None])
for name, mask in (("messages", all5), ("messages_masked", some5)):
    h, e = rows((5, 3), (5, 5, 2))
    p = {}
    cases[name] = case(p, [h, e], messages(p, "pass.", h, e, mask, 4)[0])
for name, mask in (("equivariant", all5), ("equivariant_masked", some5)):
    x, h = rows((5, 3), (5, 4))
    p = {}
    x1, h1 = equivariant(p, "layer.", x, h, mask, 6)
    cases[name] = case(p, [x, h], torch.cat([x1, h1], -1))

if __name__ == "__main__":
    with gzip.GzipFile("layers.json.gz", "w", mtime=0) as f:
        f.write(json.dumps(cases, separators=(",", ":")).encode())
