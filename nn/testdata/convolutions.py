"""Writes convolutions.json.gz: layers and networks of convolutions of nn by PyTorch in float64. Run:
python convolutions.py (made with torch 1.13).

Each case has rows x, channels last, parameters under the names of nn, outputs, and the gradient of the mean square error
to y.
"""
import gzip
import json
import math

import torch
import torch.nn as tn
import torch.nn.functional as F

torch.manual_seed(17)
torch.set_default_dtype(torch.float64)
N = 3


def flat(t):
    return t.detach().reshape(-1).tolist()


def draw(*shape):
    """Numbers that are exact in float32."""
    return torch.randn(*shape).float().double()


def last(x):
    """Channels last."""
    return x.movedim(1, -1)


def case(params, x, out, t=None, cond=None, extra=()):
    """x and out have channels first; extra are rows that are read behind x."""
    out = last(out)
    y = draw(*out.shape)
    F.mse_loss(out, y).backward()
    xs = [last(x)] + list(extra)
    gs = [last(x.grad)] + [e.grad for e in extra]
    c = {
        "N": N, "Y": flat(y), "Out": flat(out),
        "X": flat(torch.cat([v.reshape(N, -1) for v in xs], 1)), "GX": flat(torch.cat([v.reshape(N, -1) for v in gs], 1)),
        "Params": {k: flat(p) for k, p in params.items()}, "Grads": {k: flat(p.grad) for k, p in params.items()},
    }
    if t is not None:
        c["T"] = flat(t)
    if cond is not None:
        c["Cond"] = flat(cond)
    return c


def rows(*shape):
    return draw(N, *shape).requires_grad_()


def prepare(module):
    for p in module.parameters():
        p.data = (p.data + 0.2 * torch.randn_like(p)).float().double()
    return module


def named(module, prefix=""):
    return {prefix + k: v for k, v in module.named_parameters()}


cases = {}


def layer(name, module, *shape, pad=None, mode="constant"):
    m = prepare(module)
    x = rows(*shape)
    cases[name] = case(named(m, "conv."), x, m(x if pad is None else F.pad(x, pad, mode)))


layer("conv2d", tn.Conv2d(2, 4, 3, padding=1), 2, 5, 4)
layer("conv2d_stride", tn.Conv2d(2, 3, 3, stride=2, padding=1), 2, 6, 6)
layer("conv2d_dilated", tn.Conv2d(2, 3, 3, dilation=2), 2, 7, 6)
layer("conv2d_groups", tn.Conv2d(4, 6, 3, padding=1, groups=2), 4, 4, 4)
layer("conv2d_depthwise", tn.Conv2d(4, 4, 3, padding=1, groups=4), 4, 4, 4)
layer("conv2d_even", tn.Conv2d(2, 3, 4, padding="same"), 2, 5, 5)
layer("conv2d_reflect", tn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect"), 2, 4, 5)
layer("conv2d_circular", tn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), 2, 4, 5)
layer("conv1d", tn.Conv1d(3, 4, 5, padding=2), 3, 9)
layer("conv1d_causal", tn.Conv1d(3, 4, 3, dilation=2), 3, 9, pad=(4, 0))
layer("conv_transpose2d", tn.ConvTranspose2d(3, 2, 4, stride=2, padding=1), 3, 3, 4)
layer("conv_transpose1d", tn.ConvTranspose1d(3, 4, 4, stride=2, padding=1, groups=1), 3, 5)

gn = prepare(tn.GroupNorm(2, 6))
x = rows(6, 3, 4)
cases["group_norm"] = case(named(gn, "norm."), x, gn(x))


class FiLMNorm(tn.Module):
    def __init__(self, groups, ch, width):
        super().__init__()
        self.groups, self.weight, self.bias = groups, tn.Parameter(torch.ones(ch)), tn.Parameter(torch.zeros(ch))
        self.emb = tn.Linear(width, 2 * ch)

    def forward(self, x, emb):
        u, v = self.emb(F.silu(emb)).chunk(2, 1)
        wide = (...,) + (None,) * (x.dim() - 2)
        return F.group_norm(x, self.groups, self.weight, self.bias) * (1 + u[wide]) + v[wide]


class ResBlock(tn.Module):
    def __init__(self, conv, ch, out, width, groups):
        super().__init__()
        self.norm0, self.conv0 = tn.GroupNorm(groups, ch), conv(ch, out, 3, padding=1)
        self.norm1, self.conv1 = FiLMNorm(groups, out, width), conv(out, out, 3, padding=1)
        if ch != out:
            self.skip = conv(ch, out, 1)

    def forward(self, x, emb):
        h = self.conv0(F.silu(self.norm0(x)))
        h = self.conv1(F.silu(self.norm1(h, emb)))
        return (self.skip(x) if hasattr(self, "skip") else x) + h


r = prepare(ResBlock(tn.Conv2d, 4, 6, 5, 2))
x, emb = rows(4, 3, 4), rows(5)
cases["resblock"] = case(named(r, "block."), x, r(x, emb), extra=[emb])

up = prepare(tn.Conv2d(2, 2, 3, padding=1))
x = rows(2, 3, 2)
cases["upsample"] = case(named(up, "up."), x, up(F.interpolate(x, scale_factor=2, mode="nearest")))
down = prepare(tn.Conv2d(2, 2, 3, stride=2, padding=1))
x = rows(2, 4, 6)
cases["downsample"] = case(named(down, "down."), x, down(x))

x = rows(2, 3, 4)
cases["bilinear"] = case({}, x, F.interpolate(x, size=(5, 7), mode="bilinear", align_corners=False))
x = rows(2, 5, 4)
cases["average_pool"] = case({}, x, F.avg_pool2d(x, 2))
x = rows(2, 5, 5)
cases["max_pool"] = case({}, x, F.max_pool2d(x, (3, 2), (2, 1)))


def waves(t, dim):
    half = dim // 2
    w = 2 * math.pi / 64 * 32 ** (torch.arange(half) / max(half - 1, 1))
    return torch.cat([torch.sin(t * w), torch.cos(t * w)], 1)


class Embed(tn.Module):
    """time.0, time.1 and cond.cond of nn."""

    def __init__(self, features, width, cond):
        super().__init__()
        self.features = features
        self.time = tn.ModuleList([tn.Linear(features, width), tn.Linear(width, width)])
        if cond:
            self.cond = tn.ModuleDict({"cond": tn.Linear(cond, width)})

    def embed(self, t, cond):
        h = self.time[1](F.silu(self.time[0](waves(t, self.features))))
        return h if cond is None else h + self.cond["cond"](cond)


class AttentionBlock(tn.Module):
    def __init__(self, ch, heads, groups):
        super().__init__()
        self.norm, self.attn = tn.GroupNorm(groups, ch), tn.MultiheadAttention(ch, heads, batch_first=True)

    def forward(self, h):
        x = self.norm(h).flatten(2).movedim(1, -1)
        return h + self.attn(x, x, x, need_weights=False)[0].movedim(1, -1).reshape(h.shape)


class Level(tn.Module):
    """Blocks of one level under their numbers, with attention inside of each."""

    def __init__(self, blocks):
        super().__init__()
        for i, b in enumerate(blocks):
            setattr(self, str(i), b)


class UNet(Embed):
    def __init__(self, conv, channels, cond, base, mult, blocks, attention, heads, groups):
        width = 4 * base
        super().__init__(base, width, cond)
        self.mult, self.blocks, levels = mult, blocks, len(mult)
        setattr(self, "in", conv(channels, base, 3, padding=1))

        def block(ch, out, attend):
            b = ResBlock(conv, ch, out, width, groups)
            if attend:
                a = AttentionBlock(out, heads, groups)
                b.norm, b.attn, b.attend = a.norm, a.attn, a.forward
            return b

        ch, kept = base, [base]
        for i, m in enumerate(mult):
            bs = []
            for _ in range(blocks):
                bs.append(block(ch, base * m, i in attention))
                ch = base * m
                kept.append(ch)
            level = Level(bs)
            if i < levels - 1:
                level.downsample = conv(ch, ch, 3, stride=2, padding=1)
                kept.append(ch)
            setattr(self, f"down{i}", level)
        self.middle = Level([block(ch, ch, True), block(ch, ch, False)])
        for i in reversed(range(levels)):
            bs = []
            for _ in range(blocks + 1):
                bs.append(block(ch + kept.pop(), base * mult[i], i in attention))
                ch = base * mult[i]
            level = Level(bs)
            if i > 0:
                level.upsample = conv(ch, ch, 3, padding=1)
            setattr(self, f"up{i}", level)
        self.norm, self.out = tn.GroupNorm(groups, ch), conv(ch, channels, 3, padding=1)

    def forward(self, x, t, cond):
        emb = self.embed(t, cond)

        def run(b, h):
            h = b(h, emb)
            return b.attend(h) if hasattr(b, "attend") else h

        h = getattr(self, "in")(x)
        kept = [h]
        for i in range(len(self.mult)):
            level = getattr(self, f"down{i}")
            for b in range(self.blocks):
                h = run(getattr(level, str(b)), h)
                kept.append(h)
            if hasattr(level, "downsample"):
                h = level.downsample(h)
                kept.append(h)
        h = run(getattr(self.middle, "1"), run(getattr(self.middle, "0"), h))
        for i in reversed(range(len(self.mult))):
            level = getattr(self, f"up{i}")
            for b in range(self.blocks + 1):
                h = run(getattr(level, str(b)), torch.cat([h, kept.pop()], 1))
            if hasattr(level, "upsample"):
                h = level.upsample(F.interpolate(h, scale_factor=2, mode="nearest"))
        return self.out(F.silu(self.norm(h)))


class TCN(Embed):
    def __init__(self, channels, width, depth, kernel, causal):
        super().__init__(width, 2 * width, 0)
        self.causal, self.kernel = causal, kernel
        setattr(self, "in", tn.Linear(channels, width))
        for i in range(depth):
            b = Level([])
            b.emb, b.norm = tn.Linear(2 * width, 2 * width), tn.LayerNorm(width)
            b.conv0, b.conv1 = (tn.Conv1d(width, width, kernel, dilation=2**i) for _ in range(2))
            setattr(self, f"block{i}", b)
        self.depth, self.norm, self.out = depth, tn.LayerNorm(width), tn.Linear(width, channels)

    def forward(self, x, t, cond):
        emb = F.silu(self.embed(t, cond))
        h = getattr(self, "in")(last(x))
        for i in range(self.depth):
            b = getattr(self, f"block{i}")
            reach = (self.kernel - 1) * 2**i
            pad = (reach, 0) if self.causal else (reach // 2, reach - reach // 2)
            u, v = b.emb(emb).chunk(2, 1)
            g = F.silu(b.norm(h) * (1 + u[:, None]) + v[:, None])
            g = F.silu(b.conv0(F.pad(g.movedim(-1, 1), pad)))
            h = h + last(b.conv1(F.pad(g, pad)))
        return self.out(F.silu(self.norm(h))).movedim(-1, 1)


MHA = {"in_proj_weight": "in.weight", "in_proj_bias": "in.bias", "out_proj.weight": "out.weight", "out_proj.bias": "out.bias"}


def network(name, net, shape, cond=None):
    net = prepare(net)
    x, t = rows(*shape), draw(N, 1) * 2
    params = {}
    for k, v in net.named_parameters():
        for old, new in MHA.items():
            k = k.replace("attn." + old, "attn." + new)
        params[k] = v
    cases[name] = case(params, x, net(x, t, cond), t=t, cond=cond)


classes = F.one_hot(torch.arange(N) % 3, 3).double()
network("unet2d", UNet(tn.Conv2d, 1, 3, 4, [1, 2], 1, [1], 2, 2), (1, 4, 6), classes)
network("unet2d_deep", UNet(tn.Conv2d, 2, 0, 2, [1, 1, 2], 2, [0, 2], 1, 1), (2, 4, 4))
network("unet1d", UNet(tn.Conv1d, 2, 0, 4, [1, 2], 1, [0, 1], 1, 2), (2, 8))
network("tcn", TCN(2, 6, 3, 3, False), (2, 9))
network("tcn_causal", TCN(1, 4, 2, 2, True), (1, 7))

with gzip.GzipFile("convolutions.json.gz", "w", mtime=0) as f:
    f.write(json.dumps(cases, separators=(",", ":")).encode())
