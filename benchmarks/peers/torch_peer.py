"""PyTorch as a peer: products, training steps and forward passes, eager and compiled. See peer.py."""
import sys

import torch
import torch.nn as nn

import peer

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def network(width):
    return nn.Sequential(nn.Linear(4, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2))


def training(batch, width, compiled, adam):
    """The step of internal/speed: the noise is drawn in the step, and Adam moves the parameters."""
    net = network(width)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, **{adam: True})
    x0, c = torch.rand(batch, 2), torch.rand(batch, 2)

    def loss_of(x0, c):
        eps = torch.randn(batch, 2)
        xt = c[:, :1] * x0 + c[:, 1:] * eps
        return ((net(torch.cat([xt, c], 1)) - eps) ** 2).mean()

    if compiled:
        torch._dynamo.reset()
        loss_of = torch.compile(loss_of, fullgraph=True, dynamic=False)

    def run(n):
        for _ in range(n):
            opt.zero_grad(set_to_none=True)
            loss_of(x0, c).backward()
            opt.step()

    return run


def forward(batch, width, compiled):
    net = network(width).eval().requires_grad_(False)
    if compiled:
        torch._dynamo.reset()
        net = torch.compile(net, fullgraph=True, dynamic=False)
    x = torch.rand(batch, 4)

    def run(n):
        with torch.inference_mode():
            for _ in range(n):
                net(x)

    return run


def product(m, n, k):
    a, b, c = torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)

    def run(times):
        for _ in range(times):
            torch.mm(a, b, out=c)

    return run


def settings(name, workers):
    if size := peer.numbers(name, "training step"):
        for compiled in (False, True):
            for adam in ("foreach", "fused"):
                yield ("compile+" if compiled else "eager+") + adam, lambda compiled=compiled, adam=adam: training(*size, compiled, adam)
    if size := peer.numbers(name, "forward"):
        for compiled in (False, True):
            yield "compile" if compiled else "eager", lambda compiled=compiled: forward(*size, compiled)
    if size := peer.numbers(name, "product"):
        yield "mm", lambda: product(*size)


peer.serve(settings)
