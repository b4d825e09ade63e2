"""Writes golden.json: networks of nn computed by PyTorch in float64. Run: python golden.py (made with torch 2.15.0).

Each case has weights, a batch, the outputs, the mean squared error to a target with its gradient,
and the weights after three steps of AdamW with the gradient clipped to norm 1.
"""
import json
import math

import torch
import torch.nn.functional as F

torch.manual_seed(20260731)
torch.set_default_dtype(torch.float64)
ACT = {"silu": F.silu, "gelu": F.gelu, "tanh": torch.tanh, "relu": F.relu}


def embed(cfg, c):
    if cfg["time"] == "raw":
        return c
    half = cfg["time_dim"] // 2
    if cfg["time"] == "fourier":
        p = (torch.arange(half) + 0.5) / half
        w = cfg["time_scale"] * math.sqrt(2) * torch.erfinv(p)
    else:
        w = 2 * math.pi / 64 * 32 ** (torch.arange(half) / (half - 1))
    return torch.cat([torch.sin(c * w), torch.cos(c * w)], 1)


def forward(cfg, layers, x, c, cond):
    act = ACT[cfg["activation"]]
    h = torch.cat([x, embed(cfg, c), cond], 1)
    if cfg["kind"] == "dense":
        for lin in layers[:-1]:
            h = act(lin(h))
        return layers[-1](h)
    h = layers[0](h)
    for i in range(1, len(layers) - 1, 2):
        h = h + layers[i + 1](act(layers[i](h)))
    return layers[-1](act(h))


def flat(ts):
    out = []
    for t in ts:
        out += t.reshape(-1).tolist()
    return out


def case(**cfg):
    features = 1 if cfg["time"] == "raw" else cfg["time_dim"]
    w = cfg["width"]
    sizes = [(cfg["in"] + features + cfg.get("cond", 0), w)]
    sizes += [(w, w)] * (cfg["depth"] - 1 if cfg["kind"] == "dense" else 2 * cfg["depth"])
    sizes += [(w, cfg["out"])]
    layers = [torch.nn.Linear(i, o) for i, o in sizes]
    params = [p for lin in layers for p in (lin.weight, lin.bias)]
    for p in params:
        p.data = p.data.float().double()
    n = 5
    x = torch.randn(n, cfg["in"]).float().double()
    c = (3 * torch.randn(n, 1)).float().double()
    cond = F.one_hot(torch.arange(n) % max(cfg.get("cond", 0), 1), max(cfg.get("cond", 0), 1)).double()[:, : cfg.get("cond", 0)]
    y = torch.randn(n, cfg["out"]).float().double()
    start = flat(params)
    out = forward(cfg, layers, x, c, cond)
    loss = F.mse_loss(out, y)
    loss.backward()
    grad = flat([p.grad for p in params])
    opt = torch.optim.AdamW(params, lr=1e-2, weight_decay=0.1)
    for _ in range(3):
        opt.zero_grad()
        F.mse_loss(forward(cfg, layers, x, c, cond), y).backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
    return {
        "config": cfg, "n": n, "x": x.reshape(-1).tolist(), "c": c.reshape(-1).tolist(), "cond": cond.reshape(-1).tolist(),
        "y": y.reshape(-1).tolist(), "params": start, "out": out.reshape(-1).tolist(), "loss": loss.item(), "grad": grad, "after": flat(params),
    }


cases = [
    case(**{"in": 2, "out": 2, "cond": 3, "kind": "dense", "width": 6, "depth": 3, "activation": "silu", "time": "sinusoidal", "time_dim": 6}),
    case(**{"in": 3, "out": 1, "kind": "dense", "width": 5, "depth": 1, "activation": "gelu", "time": "fourier", "time_dim": 4, "time_scale": 1.5}),
    case(**{"in": 1, "out": 2, "cond": 2, "kind": "residual", "width": 6, "depth": 2, "activation": "gelu", "time": "sinusoidal", "time_dim": 4}),
    case(**{"in": 2, "out": 2, "kind": "residual", "width": 4, "depth": 1, "activation": "tanh", "time": "raw"}),
    case(**{"in": 2, "out": 2, "kind": "dense", "width": 7, "depth": 2, "activation": "relu", "time": "raw"}),
]
with open("golden.json", "w") as f:
    json.dump(cases, f, separators=(",", ":"))
    f.write("\n")
