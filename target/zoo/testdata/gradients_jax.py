"""Gradients of three densities in JAX: a peer that answers on standard output.

Every density is written as its users write it, in several ways where there are several, and compiled as
jit(vmap(value_and_grad)); the fastest way counts. Started with a file of data, it reads lines

    setup NAME FLOAT SCALE     compiles NAME in float32 or float64, answers the ways with their milliseconds a call
    check                      log density and gradient norm, summed over the particles, of the way that was kept
    time CALLS                 wall and processor milliseconds a call of 1000 particles

It is driven by TestGradientsAgainstJAX, which holds it to one core:
ITO_PEER_PYTHON=/path/to/python go test -v -count=1 -run AgainstJAX ./target/zoo
"""
import json
import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
from jax.nn import log_sigmoid, softplus
from jax.scipy.special import logsumexp

with open(sys.argv[1]) as f:
    data = json.load(f)
rows = data.pop("rows")
rows = jnp.asarray(rows["X"], jnp.float64).reshape(rows["Shape"])
X = rows[:, :-1] - rows[:, :-1].mean(0)
sd = X.std(0)
data["X"] = jnp.concatenate([jnp.ones((len(X), 1)), X / jnp.where(sd == 0, 1, sd)], 1)
data["y"] = (rows[:, -1] + 1) / 2


def ways(name, dt):
    """The densities of a name: functions of one state."""
    d = {k: jnp.asarray(v, dt) for k, v in data.items()}
    if name == "gmm40":
        m, v = d["means"], d["sd"] ** 2
        c = -jnp.log(len(m)) - 2 * jnp.log(d["sd"]) - jnp.log(2 * jnp.pi)
        offset = c - 0.5 * jnp.sum(m * m, 1) / v
        return {
            "differences": lambda x: logsumexp(c - 0.5 * jnp.sum((x - m) ** 2, 1) / v),
            "product": lambda x: logsumexp(m @ x / v + offset) - 0.5 * jnp.sum(x * x) / v,
        }
    if name == "ionosphere":
        X, y = d["X"], d["y"]  # y is 0 or 1
        s = 2 * y - 1
        prior = lambda w: -0.5 * jnp.sum(w * w) - 0.5 * len(w) * jnp.log(2 * jnp.pi)
        return {
            "log_sigmoid": lambda w: jnp.sum(log_sigmoid(s * (X @ w))) + prior(w),
            "softplus": lambda w: jnp.sum(y * (X @ w) - softplus(X @ w)) + prior(w),
        }
    y, sigma = d["schools_y"], d["schools_sigma"]

    def schools(x):
        mu, u, eta = x[0], x[1], x[2:]
        tau = jnp.exp(u)
        lp = -0.5 * (mu / 5) ** 2 - jnp.log(5 * jnp.sqrt(2 * jnp.pi))
        lp += jnp.log(2 / (5 * jnp.pi)) - jnp.log1p((tau / 5) ** 2) + u
        lp += jnp.sum(-0.5 * eta**2 - 0.5 * jnp.log(2 * jnp.pi))
        return lp + jnp.sum(-0.5 * ((y - mu - tau * eta) / sigma) ** 2 - jnp.log(sigma) - 0.5 * jnp.log(2 * jnp.pi))

    return {"plain": schools}


def timed(f, calls):
    w, p = time.perf_counter(), time.process_time()
    for _ in range(calls):
        f().block_until_ready()
    return (time.perf_counter() - w) / calls * 1e3, (time.process_time() - p) / calls * 1e3


best = None
print(jax.__version__, len(os.sched_getaffinity(0)), flush=True)
for line in sys.stdin:
    cmd, *args = line.split()
    if cmd == "time":
        print(*timed(lambda: best(x)[1], int(args[0])), flush=True)
    elif cmd == "check":
        lp, g = best(x)
        print(float(jnp.sum(lp)), float(jnp.sum(jnp.sqrt(jnp.sum(g.astype(jnp.float64) ** 2, 1)))), flush=True)
    else:
        name, dt = args[0], jnp.dtype(args[1])
        x = jnp.asarray(data["x_" + name], dt)
        found = []
        for way, f in ways(name, dt).items():
            g = jax.jit(jax.vmap(jax.value_and_grad(f)))
            g(x)[1].block_until_ready()
            per = timed(lambda: g(x)[1], 3)[0]
            n = max(3, int(100 / per))
            found.append((min(timed(lambda: g(x)[1], n)[0] for _ in range(5)), way, g))
        found.sort(key=lambda f: f[0])
        best = found[0][2]
        print(" ".join(f"{w}={t:.3f}" for t, w, _ in found), flush=True)
