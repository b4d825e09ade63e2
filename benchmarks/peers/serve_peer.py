"""A server of samples as one is written with FastAPI and PyTorch, for `ito bench serve --against`.

    uvicorn serve_peer:app --port 8000 --log-level error        # in this directory
    ito bench serve m.safetensors --nfe 10 --against http://127.0.0.1:8000/sample

The network is that of `ito train moons` (D=2): 32 sinusoidal features of the time, three hidden layers of 128 with SiLU;
its weights are random, which costs the same. Sampling is Heun on the probability flow of VP (two calls a step, as ito's
default), each request from a generator of its own. torch.inference_mode, one request at a time in a pool of threads.
"""
import io
import math
import os

import numpy
import torch
from fastapi import FastAPI, Response

torch.set_num_threads(int(os.environ.get("THREADS", "1")))
WIDTH, FEATURES, D = 128, 32, 2
BETA_MIN, BETA_MAX, LO = 0.1, 10.0, 1e-3


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        sizes = [D + FEATURES, WIDTH, WIDTH, WIDTH, D]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.register_buffer("freq", torch.exp(torch.linspace(0, math.log(1000), FEATURES // 2)))

    def forward(self, x, t):
        a = t * self.freq
        h = torch.cat([x, torch.cat([a.sin(), a.cos()]).expand(len(x), -1)], dim=1)
        for layer in self.layers[:-1]:
            h = torch.nn.functional.silu(layer(h))
        return self.layers[-1](h)


torch.manual_seed(0)
network = Network().eval()
app = FastAPI()


def beta(t):
    return BETA_MIN + (BETA_MAX - BETA_MIN) * t


def flow(x, t):
    total = BETA_MIN * t + (BETA_MAX - BETA_MIN) * t * t / 2
    sigma = math.sqrt(-math.expm1(-total))
    return -beta(t) / 2 * (x - network(x, torch.tensor(t)) / sigma)


@torch.inference_mode()
def draw(n, seed, nfe):
    x = torch.randn(n, D, generator=torch.Generator().manual_seed(seed))
    times = numpy.linspace(1, LO, nfe // 2 + 1).tolist()
    for t, s in zip(times, times[1:]):
        d = flow(x, t)
        y = x + (s - t) * d
        x = x + (s - t) / 2 * (d + flow(y, s))
    return x.double().numpy()


@app.get("/sample")
def sample(n: int = 1, seed: int = 1, nfe: int = 10, format: str = "json"):
    x = draw(n, seed, nfe)
    if format == "npy":
        b = io.BytesIO()
        numpy.save(b, x)
        return Response(b.getvalue(), media_type="application/x-npy")
    return {"seed": seed, "rows": x.tolist()}
