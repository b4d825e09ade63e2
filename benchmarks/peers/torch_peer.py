"""The training step of BenchmarkTrainStep in PyTorch: a peer that answers on standard output.

A network 4 -> W -> W -> W -> 2 with SiLU learns the noise of x_t = alpha x_0 + sigma eps from (x_t, alpha, sigma); the
noise is drawn in the step, and Adam moves the parameters. Started with the number of threads, it reads lines

    setup BATCH WIDTH      tries eager and torch.compile with foreach and fused Adam, keeps the fastest, answers its name
    time STEPS             answers wall and processor milliseconds a step

It is driven by TestTrainStepAgainstTorch: ITO_PEER_PYTHON=/path/to/python go test -v -run AgainstTorch ./nn
"""
import sys
import time

import torch
import torch.nn as nn

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def make(batch, width, compiled, adam):
    net = nn.Sequential(nn.Linear(4, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3, **{adam: True})
    x0, c = torch.rand(batch, 2), torch.rand(batch, 2)

    def loss_of(x0, c):
        eps = torch.randn(batch, 2)
        xt = c[:, :1] * x0 + c[:, 1:] * eps
        return ((net(torch.cat([xt, c], 1)) - eps) ** 2).mean()

    if compiled:
        torch._dynamo.reset()
        loss_of = torch.compile(loss_of, fullgraph=True, dynamic=False)

    def step():
        opt.zero_grad(set_to_none=True)
        loss_of(x0, c).backward()
        opt.step()

    return step


def timed(step, steps):
    w, p = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    return (time.perf_counter() - w) / steps * 1e3, (time.process_time() - p) / steps * 1e3


best = None
print(torch.__version__, torch.get_num_threads(), flush=True)
for line in sys.stdin:
    cmd, *args = line.split()
    if cmd == "time":
        print(*timed(best, int(args[0])), flush=True)
        continue
    batch, width = map(int, args)
    found = []
    for compiled in (False, True):
        for adam in ("foreach", "fused"):
            name = ("compile" if compiled else "eager") + "+" + adam
            try:
                step = make(batch, width, compiled, adam)
                for _ in range(5):
                    step()
                per = timed(step, 3)[0]
                steps = max(3, int(100 / per))
                found.append((min(timed(step, steps)[0] for _ in range(5)), name, step))
            except Exception as e:  # no compiler, say: the other settings stand
                print(name, e, file=sys.stderr)
    found.sort(key=lambda f: f[0])
    best = found[0][2]
    print(" ".join(f"{n}={t:.4f}" for t, n, _ in found), flush=True)
