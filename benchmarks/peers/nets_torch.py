"""The networks of `go test -bench 'ConvNets|SequenceNets|Precision' ./nn` in PyTorch: processor milliseconds of a step of
training.

    OMP_NUM_THREADS=1 python nets_torch.py [PART OF A NAME …] [--turns 9] [--bf16]

A step is forward, backward and fused Adam on one thread, in float32 or, with --bf16, under autocast to bfloat16; images lie
channels last. Each network gives the best of its
steps. To compare, run the two programs by turns: what others do on the machine then disturbs both. Architectures are those of nn, of
the same sizes; numbers of parameters are printed. Made for torch 2.15.
"""
import math
import sys
import time

import torch
import torch.nn as tn
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


class TCN(tn.Module):
    """Six residual blocks of two convolutions of three taps, dilated 1, 2, 4, …, with norms scaled by time."""

    def __init__(self, width=64, depth=6):
        super().__init__()
        self.first, self.last, self.norm = tn.Linear(1, width), tn.Linear(width, 1), tn.LayerNorm(width)
        self.emb = tn.Sequential(tn.Linear(1, 2 * width), tn.SiLU(), tn.Linear(2 * width, 2 * width), tn.SiLU())
        self.norms = tn.ModuleList(tn.LayerNorm(width) for _ in range(depth))
        self.mods = tn.ModuleList(tn.Linear(2 * width, 2 * width) for _ in range(depth))
        self.convs = tn.ModuleList(tn.Conv1d(width, width, 3, padding=2 ** (i // 2), dilation=2 ** (i // 2)) for i in range(2 * depth))

    def forward(self, x, t):
        h, e = self.first(x), self.emb(t)
        for i, (norm, mod) in enumerate(zip(self.norms, self.mods)):
            u, v = mod(e)[:, None].chunk(2, 2)
            g = F.silu(norm(h) * (1 + u) + v).transpose(1, 2)
            h = h + self.convs[2 * i + 1](F.silu(self.convs[2 * i](g))).transpose(1, 2)
        return self.last(F.silu(self.norm(h)))


class DiT(tn.Module):
    """Patches of 4×4, four layers of 128 channels and four heads with AdaLN-zero."""

    def __init__(self, width=128, layers=4, heads=4, patch=4, channels=3):
        super().__init__()
        self.patch, self.heads, self.width = patch, heads, width
        self.first, self.last = tn.Conv2d(channels, width, patch, patch), tn.Linear(width, patch * patch * channels)
        self.emb = tn.Sequential(tn.Linear(32, width), tn.SiLU(), tn.Linear(width, width))
        self.at = tn.Parameter(torch.randn(64, width))
        self.qkv = tn.ModuleList(tn.Linear(width, 3 * width) for _ in range(layers))
        self.out = tn.ModuleList(tn.Linear(width, width) for _ in range(layers))
        self.ff = tn.ModuleList(tn.Sequential(tn.Linear(width, 4 * width), tn.GELU(), tn.Linear(4 * width, width)) for _ in range(layers))
        self.mods = tn.ModuleList(tn.Linear(width, 6 * width) for _ in range(layers))
        self.final = tn.Linear(width, 2 * width)

    def forward(self, x, t):
        h = self.first(x).flatten(2).transpose(1, 2) + self.at
        e = F.silu(self.emb(t.expand(-1, 32)))
        n, w = h.shape[1], self.width
        for qkv, out, ff, mod in zip(self.qkv, self.out, self.ff, self.mods):
            a, b, g, a2, b2, g2 = mod(e)[:, None].chunk(6, 2)
            q, k, v = qkv(F.layer_norm(h, (w,)) * (1 + b) + a).view(-1, n, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
            h = h + g * out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(-1, n, w))
            h = h + g2 * ff(F.layer_norm(h, (w,)) * (1 + b2) + a2)
        a, b = self.final(e)[:, None].chunk(2, 2)
        y = self.last(F.layer_norm(h, (w,)) * (1 + b) + a)
        return F.fold(y.transpose(1, 2), (32, 32), self.patch, stride=self.patch)


class Recurrent(tn.Module):
    def __init__(self, cell, channels, width, layers):
        super().__init__()
        self.first, self.last = tn.Linear(channels, width), tn.Linear(width, channels)
        self.emb = tn.Sequential(tn.Linear(1, width), tn.SiLU(), tn.Linear(width, width))
        self.rnn = cell(width, width, layers, batch_first=True)

    def forward(self, x, t):
        return self.last(self.rnn(self.first(x) + self.emb(t)[:, None])[0])


class CSDI(tn.Module):
    """Four residual layers of 64 channels over 35 features at 48 times, attention of eight heads along either axis."""

    def __init__(self, ch=64, layers=4):
        super().__init__()
        self.first, self.emb, self.n = tn.Linear(2, ch), tn.Sequential(tn.Linear(128, 128), tn.SiLU(), tn.Linear(128, 128), tn.SiLU()), layers
        enc = lambda: tn.TransformerEncoderLayer(ch, 8, 64, 0.0, "gelu", batch_first=True)
        self.times, self.features = tn.ModuleList(enc() for _ in range(layers)), tn.ModuleList(enc() for _ in range(layers))
        self.t = tn.ModuleList(tn.Linear(128, ch) for _ in range(layers))
        self.mid, self.out = (tn.ModuleList(tn.Linear(ch, 2 * ch) for _ in range(layers)) for _ in range(2))
        self.side = tn.ModuleList(tn.Linear(145, 2 * ch) for _ in range(layers))
        self.head = tn.Sequential(tn.Linear(ch, ch), tn.ReLU(), tn.Linear(ch, 1))

    def forward(self, x, t):
        b, k, l, _ = x.shape
        h, e, skips = F.relu(self.first(x)), self.emb(t.expand(-1, 128)), 0
        info = torch.zeros(b, k, l, 145)
        for i in range(self.n):
            y = h + self.t[i](e)[:, None, None]
            y = self.times[i](y.reshape(b * k, l, -1)).view(b, k, l, -1).transpose(1, 2)
            y = self.features[i](y.reshape(b * l, k, -1)).view(b, l, k, -1).transpose(1, 2)
            g, f = (self.mid[i](y) + self.side[i](info)).chunk(2, 3)
            r, s = self.out[i](torch.sigmoid(g) * torch.tanh(f)).chunk(2, 3)
            h, skips = (h + r) / math.sqrt(2), skips + s
        return self.head(skips / math.sqrt(self.n))


class S4D(tn.Module):
    """The authors' S4D: kernels of Vandermonde form, convolved by FFT."""

    def __init__(self, width=64, states=32):
        super().__init__()
        self.dt = tn.Parameter(torch.rand(width) * (math.log(0.1) - math.log(0.001)) + math.log(0.001))
        self.re, self.im = tn.Parameter(math.log(0.5) * torch.ones(width, states)), tn.Parameter(math.pi * torch.arange(states).repeat(width, 1))
        self.c, self.d = tn.Parameter(torch.randn(width, states, 2)), tn.Parameter(torch.randn(width))

    def forward(self, u):
        n = u.shape[-1]
        a = -torch.exp(self.re) + 1j * self.im
        da = a * torch.exp(self.dt)[:, None]
        c = torch.view_as_complex(self.c) * (torch.exp(da) - 1) / a
        k = 2 * torch.einsum("hn,hnl->hl", c, torch.exp(da[..., None] * torch.arange(n))).real
        return torch.fft.irfft(torch.fft.rfft(u, n=2 * n) * torch.fft.rfft(k, n=2 * n), n=2 * n)[..., :n] + u * self.d[:, None]


class S4(tn.Module):
    def __init__(self, width=64, layers=4):
        super().__init__()
        self.first, self.last, self.norm = tn.Linear(1, width), tn.Linear(width, 1), tn.LayerNorm(width)
        self.emb = tn.Sequential(tn.Linear(32, width), tn.SiLU(), tn.Linear(width, width))
        self.norms, self.s4d = tn.ModuleList(tn.LayerNorm(width) for _ in range(layers)), tn.ModuleList(S4D(width) for _ in range(layers))
        self.times, self.out = tn.ModuleList(tn.Linear(width, width) for _ in range(layers)), tn.ModuleList(tn.Linear(width, 2 * width) for _ in range(layers))

    def forward(self, x, t):
        h, e = self.first(x), self.emb(t.expand(-1, 32))
        for norm, s4d, time, out in zip(self.norms, self.s4d, self.times, self.out):
            y = s4d((norm(h) + time(e)[:, None]).transpose(1, 2)).transpose(1, 2)
            h = h + F.glu(out(F.gelu(y)), -1)
        return self.last(self.norm(h))


class Norm(tn.GroupNorm):
    """A group norm whose scale and shift follow the embedding too."""

    def __init__(self, groups, ch, width):
        super().__init__(groups, ch)
        self.mod = tn.Linear(width, 2 * ch)

    def forward(self, x, e):
        u, v = self.mod(e).chunk(2, 1)
        wide = (...,) + (None,) * (x.dim() - 2)
        return super().forward(x) * (1 + u[wide]) + v[wide]


class Block(tn.Module):
    def __init__(self, conv, ch, out, width, groups, attend):
        super().__init__()
        self.norm0, self.conv0 = tn.GroupNorm(groups, ch), conv(ch, out, 3, padding=1)
        self.norm1, self.conv1 = Norm(groups, out, width), conv(out, out, 3, padding=1)
        self.skip = conv(ch, out, 1) if ch != out else tn.Identity()
        self.attend = attend
        if attend:
            self.norm2, self.qkv, self.out = tn.GroupNorm(groups, out), tn.Linear(out, 3 * out), tn.Linear(out, out)

    def forward(self, x, e):
        h = self.conv1(F.silu(self.norm1(self.conv0(F.silu(self.norm0(x))), e))) + self.skip(x)
        if not self.attend:
            return h
        q, k, v = self.qkv(self.norm2(h).flatten(2).transpose(1, 2))[:, None].chunk(3, -1)
        a = self.out(F.scaled_dot_product_attention(q, k, v)[:, 0])
        return h + a.transpose(1, 2).reshape(h.shape)


class UNet(tn.Module):
    """Levels of base, 2·base and 2·base channels, a residual block each down and two up, attention at the coarsest."""

    def __init__(self, conv, channels, base, mult=(1, 2, 2), groups=8):
        super().__init__()
        width, last = 4 * base, len(mult) - 1
        self.base = base
        self.emb = tn.Sequential(tn.Linear(base, width), tn.SiLU(), tn.Linear(width, width), tn.SiLU())
        self.first = conv(channels, base, 3, padding=1)
        self.down, self.up, ch, kept = tn.ModuleList(), tn.ModuleList(), base, [base]
        for i, m in enumerate(mult):
            self.down.append(Block(conv, ch, base * m, width, groups, i == last))
            ch = base * m
            kept.append(ch)
            if i < last:
                self.down.append(conv(ch, ch, 3, stride=2, padding=1))
                kept.append(ch)
        self.middle = tn.ModuleList([Block(conv, ch, ch, width, groups, True), Block(conv, ch, ch, width, groups, False)])
        for i in reversed(range(len(mult))):
            for _ in range(2):
                self.up.append(Block(conv, ch + kept.pop(), base * mult[i], width, groups, i == last))
                ch = base * mult[i]
            if i > 0:
                self.up.append(conv(ch, ch, 3, padding=1))
        self.norm, self.last = tn.GroupNorm(groups, ch), conv(ch, channels, 3, padding=1)

    def forward(self, x, t):
        e, h = self.emb(t.expand(-1, self.base)), self.first(x)
        kept = [h]
        for layer in self.down:
            h = layer(h, e) if isinstance(layer, Block) else layer(h)
            kept.append(h)
        for layer in self.middle:
            h = layer(h, e)
        for layer in self.up:
            if isinstance(layer, Block):
                h = layer(torch.cat([h, kept.pop()], 1), e)
            else:
                h = layer(F.interpolate(h, scale_factor=2))
        return self.last(F.silu(self.norm(h)))


class MLP(tn.Module):
    def __init__(self, dim, width, depth):
        super().__init__()
        sizes = [dim] + [width] * depth
        self.body = tn.Sequential(*(m for a, b in zip(sizes, sizes[1:]) for m in (tn.Linear(a, b), tn.SiLU())), tn.Linear(width, dim))
        self.time = tn.Linear(32, width)

    def forward(self, x, t):
        return self.body[1:](self.body[0](x) + self.time(t.expand(-1, 32)))


CASES = {
    "mlp 1024 B 256": (lambda: MLP(64, 1024, 4), (256, 64)),
    "mlp 256 B 512": (lambda: MLP(2, 256, 3), (512, 2)),
    "unet2d base 64 at 32x32 B 16": (lambda: UNet(tn.Conv2d, 3, 64), (16, 3, 32, 32)),
    "unet2d base 32 at 32x32 B 16": (lambda: UNet(tn.Conv2d, 3, 32), (16, 3, 32, 32)),
    "unet2d 28x28x1 base 32 B 64": (lambda: UNet(tn.Conv2d, 1, 32), (64, 1, 28, 28)),
    "unet2d 32x32x3 base 64 B 16": (lambda: UNet(tn.Conv2d, 3, 64), (16, 3, 32, 32)),
    "unet2d 64x64x3 base 32 B 4": (lambda: UNet(tn.Conv2d, 3, 32), (4, 3, 64, 64)),
    "unet1d 128x8 base 64 B 64": (lambda: UNet(tn.Conv1d, 8, 64), (64, 8, 128)),
    "dit 64 patches width 128 layers 4 B 32": (DiT, (32, 3, 32, 32)),
    "lstm 2x40 L 168 B 64": (lambda: Recurrent(tn.LSTM, 1, 40, 2), (64, 168, 1)),
    "gru 64 L 48 B 64": (lambda: Recurrent(tn.GRU, 8, 64, 1), (64, 48, 8)),
    "csdi 35x48 layers 4 B 16": (CSDI, (16, 35, 48, 2)),
    "s4 width 64 layers 4 L 168 B 16": (S4, (16, 168, 1)),
    "tcn 6x64 L 360 B 64": (TCN, (64, 360, 1)),
}

words = [w for w in sys.argv[1:] if not w.startswith("--")]
turns, half = 9, "--bf16" in sys.argv
if "--turns" in sys.argv:
    turns = int(words.pop(words.index(sys.argv[sys.argv.index("--turns") + 1])))
for name, (make, shape) in CASES.items():
    if words and not any(w in name for w in words):
        continue
    net, x, t = make(), torch.randn(*shape), torch.rand(shape[0], 1)
    if x.dim() == 4 and not name.startswith("csdi"):
        net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    opt = torch.optim.Adam(net.parameters(), lr=1e-4, fused=True)
    best = math.inf
    for _ in range(turns):
        began = time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            y = net(x, t)
        loss = F.mse_loss(y.float(), x[..., :1] if y.shape != x.shape else x)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        best = min(best, time.process_time() - began)
    print(f"{name}: {1e3 * best:.1f} ms, {sum(p.numel() for p in net.parameters())} parameters", flush=True)
