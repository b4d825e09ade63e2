"""The control of `ito run mnist`: the same U-Net class, images, steps and optimiser in PyTorch, to show what its budget can reach.

    python mnist_torch.py --data FOLDER --out samples.npy [--steps 6000] [--seed 1] [--keep control.pt]
    ito run mnist --data FOLDER --judge samples.npy

FOLDER holds MNIST's t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz, of which the first four fifths are trained on.
A DDPM U-Net (Ho et al. 2020) of base 16 and multiples 1-2-2 with ADM's residual blocks and attention at the coarsest level, ε on a
variance-preserving path (β from .1 to 20, continuous t), Adam .001 with 100 steps of warm-up and a cosine, gradients of norm 1 at
most, an average of .999 of the weights, the class left out of a tenth of the rows. Samples: no class, the probability flow by Heun's
method in σ/α with 25 steps of Karras et al. 2022 (ρ = 7). A run that was stopped goes on from --keep. Made for torch 2.15.
"""
import argparse
import glob
import gzip
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn as tn
import torch.nn.functional as F

a = argparse.ArgumentParser()
a.add_argument("--data", required=True)
a.add_argument("--out", required=True)
a.add_argument("--keep", default="control.pt")
a.add_argument("--steps", type=int, default=6000)
a.add_argument("--batch", type=int, default=64)
a.add_argument("--samples", type=int, default=2000)
a.add_argument("--calls", type=int, default=50)
a.add_argument("--seed", type=int, default=1)
a.add_argument("--until", type=int, help="stop after this step, with what --keep holds")
args = a.parse_args()
torch.set_num_threads(1)
torch.manual_seed(args.seed)


def idx(pattern):
    (name,) = glob.glob(os.path.join(args.data, pattern))
    with (gzip.open if name.endswith(".gz") else open)(name, "rb") as f:
        raw = f.read()
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


pixels, labels = idx("*-images-idx3-ubyte*"), idx("*-labels-idx1-ubyte*")
cut = len(pixels) * 4 // 5
x0 = torch.tensor(pixels[:cut], dtype=torch.float32)[:, None] / 127.5 - 1
y0 = torch.tensor(labels[:cut], dtype=torch.long)


class Block(tn.Module):
    def __init__(self, ch, out, width, attend, groups=8):
        super().__init__()
        self.norm0, self.conv0 = tn.GroupNorm(groups, ch), tn.Conv2d(ch, out, 3, padding=1)
        self.norm1, self.conv1 = tn.GroupNorm(groups, out), tn.Conv2d(out, out, 3, padding=1)
        self.emb = tn.Linear(width, 2 * out)
        self.skip = tn.Conv2d(ch, out, 1) if ch != out else tn.Identity()
        self.attn = tn.MultiheadAttention(out, 1, batch_first=True) if attend else None
        self.norm2 = tn.GroupNorm(groups, out) if attend else None
        tn.init.zeros_(self.conv1.weight)

    def forward(self, x, emb):
        h = self.conv0(F.silu(self.norm0(x)))
        u, v = self.emb(F.silu(emb))[:, :, None, None].chunk(2, 1)
        x = self.skip(x) + self.conv1(F.silu(self.norm1(h) * (1 + u) + v))
        if self.attn is not None:
            s = self.norm2(x).flatten(2).transpose(1, 2)
            x = x + self.attn(s, s, s, need_weights=False)[0].transpose(1, 2).reshape(x.shape)
        return x


class UNet(tn.Module):
    def __init__(self, base=16, mult=(1, 2, 2), classes=10):
        super().__init__()
        width, last = 4 * base, len(mult) - 1
        self.features = base
        self.time = tn.Sequential(tn.Linear(base, width), tn.SiLU(), tn.Linear(width, width))
        self.label = tn.Linear(classes + 1, width)  # one-hot, and whether there is a class
        self.first = tn.Conv2d(1, base, 3, padding=1)
        self.down, self.up, self.halve, self.enlarge = tn.ModuleList(), tn.ModuleList(), tn.ModuleList(), tn.ModuleList()
        ch, kept = base, [base]
        for i, m in enumerate(mult):
            self.down.append(Block(ch, base * m, width, i == last))
            ch = base * m
            kept.append(ch)
            if i < last:
                self.halve.append(tn.Conv2d(ch, ch, 3, stride=2, padding=1))
                kept.append(ch)
        self.middle = tn.ModuleList([Block(ch, ch, width, True), Block(ch, ch, width, False)])
        for i in reversed(range(len(mult))):
            blocks = []
            for _ in range(2):
                blocks.append(Block(ch + kept.pop(), base * mult[i], width, i == last))
                ch = base * mult[i]
            self.up.append(tn.ModuleList(blocks))
            if i > 0:
                self.enlarge.append(tn.Conv2d(ch, ch, 3, padding=1))
        self.norm, self.last = tn.GroupNorm(8, ch), tn.Conv2d(ch, 1, 3, padding=1)
        tn.init.zeros_(self.last.weight)

    def forward(self, x, t, y):
        w = torch.exp(-math.log(1e4) * torch.arange(self.features // 2) / (self.features // 2 - 1))
        angle = 1000 * t[:, None] * w
        emb = self.time(torch.cat([angle.sin(), angle.cos()], 1)) + self.label(y)
        h = self.first(x)
        kept = [h]
        for i, b in enumerate(self.down):
            h = b(h, emb)
            kept.append(h)
            if i < len(self.halve):
                h = self.halve[i](h)
                kept.append(h)
        for b in self.middle:
            h = b(h, emb)
        for i, blocks in enumerate(self.up):
            for b in blocks:
                h = b(torch.cat([h, kept.pop()], 1), emb)
            if i < len(self.enlarge):
                h = self.enlarge[i](F.interpolate(h, scale_factor=2, mode="nearest"))
        return self.last(F.silu(self.norm(h)))


def alpha(t):
    return torch.exp(-0.05 * t - 0.25 * 19.9 * t * t)


def label_of(y, keep):
    return torch.cat([F.one_hot(y, 10) * keep, keep], 1).float()


net = UNet().to(memory_format=torch.channels_last)
parameters = sum(p.numel() for p in net.parameters())
average = {k: v.clone() for k, v in net.state_dict().items()}
opt = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
rate = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: (k + 1) / 100 if k < 100 else (1 + math.cos(math.pi * (k - 100) / max(args.steps - 101, 1))) / 2)
step, spent, mean = 0, 0.0, 0.0


def save():
    state = {"net": net.state_dict(), "average": average, "opt": opt.state_dict(), "rate": rate.state_dict(), "step": step, "spent": spent,
             "mean": mean, "random": torch.get_rng_state(), "steps": args.steps, "seed": args.seed, "batch": args.batch}
    torch.save(state, args.keep + ".part")
    os.replace(args.keep + ".part", args.keep)


if os.path.exists(args.keep):
    was = torch.load(args.keep)
    if (was["steps"], was["seed"], was["batch"]) != (args.steps, args.seed, args.batch):
        raise SystemExit(f"{args.keep} is of other settings; give --keep another name")
    net.load_state_dict(was["net"])
    opt.load_state_dict(was["opt"])
    rate.load_state_dict(was["rate"])
    average, step, spent, mean = was["average"], was["step"], was["spent"], was["mean"]
    torch.set_rng_state(was["random"])

stop = min(args.until or args.steps, args.steps)
while step < stop:
    began = time.process_time()
    rows = torch.randint(len(x0), (args.batch,))
    t, eps = 1e-3 + (1 - 1e-3) * torch.rand(args.batch), torch.randn(args.batch, 1, *x0.shape[2:])
    al = alpha(t)[:, None, None, None]
    xt = (al * x0[rows] + (1 - al * al).sqrt() * eps).contiguous(memory_format=torch.channels_last)
    keep = (torch.rand(args.batch, 1) >= 0.1).long()
    loss = ((net(xt, t, label_of(y0[rows], keep)) - eps) ** 2).mean()
    opt.zero_grad(set_to_none=True)
    loss.backward()
    tn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    rate.step()
    step += 1
    d = min(0.999, (1 + step) / (10 + step))
    with torch.no_grad():
        torch._foreach_lerp_(list(average.values()), list(net.state_dict().values()), 1 - d)
    spent += time.process_time() - began
    mean += (loss.item() - mean) / min(step, 200)
    if step % 100 == 0:
        print(json.dumps({"step": step, "loss": round(mean, 5), "processor_s": round(spent, 1), "parameters": parameters}), flush=True)
    if step % 500 == 0 or step == stop:
        save()

net.load_state_dict(average)
net.eval()
began = time.process_time()
draw = torch.Generator().manual_seed(args.seed)
top = ((1 - alpha(torch.tensor(1.0)) ** 2).sqrt() / alpha(torch.tensor(1.0))).item()
low = ((1 - alpha(torch.tensor(1e-3)) ** 2).sqrt() / alpha(torch.tensor(1e-3))).item()
nodes = args.calls // 2 + 1
sigma = (top ** (1 / 7) + torch.linspace(0, 1, nodes, dtype=torch.float64) * (low ** (1 / 7) - top ** (1 / 7))) ** 7
# log α = −½ log(1+σ²) = −.05t − 4.975t² is solved for t
la = 0.5 * torch.log1p(sigma**2)
times = (-0.05 + (0.05**2 + 4 * 4.975 * la).sqrt()) / (2 * 4.975)


def slope(z, i):
    """dz/dσ of z = x/α, which is ε."""
    t, al = times[i].float().expand(len(z)), torch.exp(-la[i]).float()
    return net((al * z).contiguous(memory_format=torch.channels_last), t, torch.zeros(len(z), 11))


out = []
with torch.inference_mode():
    for at in range(0, args.samples, 250):
        z = sigma[0].float() * torch.randn(min(250, args.samples - at), 1, *x0.shape[2:], generator=draw)
        for i in range(nodes - 1):
            h, k = (sigma[i + 1] - sigma[i]).float(), slope(z, i)
            z = z + h * (k + slope(z + h * k, i + 1)) / 2
        z = z - sigma[-1].float() * slope(z, nodes - 1)  # the last denoising, one call more
        out.append(z)
x = ((torch.cat(out).clamp(-1, 1) + 1) * 127.5).squeeze(1).numpy().astype(np.float32)
np.save(args.out, x)
print(json.dumps({"samples": len(x), "of_steps": step, "training_processor_s": round(spent, 1),
                  "sampling_processor_s": round(time.process_time() - began, 1), "parameters": parameters}))
