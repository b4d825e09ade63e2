"""Writes layers.json.gz: layers of nn by PyTorch in float64. Run: python layers.py (made with torch 1.13).

Each case has rows x, parameters under the names of nn, outputs, and the gradient of the mean square error to y.
"""
import gzip
import json

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
        "Params": {k: flat(p) for k, p in params.items()}, "Grads": {k: flat(p.grad) for k, p in params.items()},
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

if __name__ == "__main__":
    with gzip.GzipFile("layers.json.gz", "w", mtime=0) as f:
        f.write(json.dumps(cases, separators=(",", ":")).encode())
