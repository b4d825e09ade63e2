"""The networks of `go test -bench 'ConvNets|SequenceNets' ./nn` in PyTorch: processor milliseconds of a step of training.

    OMP_NUM_THREADS=1 python nets_torch.py [PART OF A NAME …] [--turns 9]

A step is forward, backward and fused Adam on one thread, in float32; images lie channels last. Each network gives the best of its
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


CASES = {
    "dit 64 patches width 128 layers 4 B 32": (DiT, (32, 3, 32, 32)),
    "lstm 2x40 L 168 B 64": (lambda: Recurrent(tn.LSTM, 1, 40, 2), (64, 168, 1)),
    "gru 64 L 48 B 64": (lambda: Recurrent(tn.GRU, 8, 64, 1), (64, 48, 8)),
    "csdi 35x48 layers 4 B 16": (CSDI, (16, 35, 48, 2)),
    "s4 width 64 layers 4 L 168 B 16": (S4, (16, 168, 1)),
    "tcn 6x64 L 360 B 64": (TCN, (64, 360, 1)),
}

words = [w for w in sys.argv[1:] if not w.startswith("--")]
turns = 9
if "--turns" in sys.argv:
    turns = int(words.pop(words.index(sys.argv[sys.argv.index("--turns") + 1])))
for name, (make, shape) in CASES.items():
    if words and not any(w in name for w in words):
        continue
    net, x, t = make(), torch.randn(*shape), torch.rand(shape[0], 1)
    opt = torch.optim.Adam(net.parameters(), lr=1e-4, fused=True)
    best = math.inf
    for _ in range(turns):
        began = time.process_time()
        y = net(x, t)
        loss = F.mse_loss(y, x[..., :1] if y.shape != x.shape else x)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        best = min(best, time.process_time() - began)
    print(f"{name}: {1e3 * best:.1f} ms, {sum(p.numel() for p in net.parameters())} parameters", flush=True)
