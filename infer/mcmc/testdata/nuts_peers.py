"""NUTS of BlackJAX, Stan (through pystan) and nutpie (through PyMC) on two posteriors: a peer that answers on standard output.

Started with a file of data and a folder, it says which samplers are installed and reads lines

    run SAMPLER NAME SEED     4 chains, 1000 steps of warm-up and 1000 draws of each; a sampler is compiled, and run
                              once, before its first measured run. Answers wall and processor seconds and a file of
                              draws [4, 1000, d] of the unconstrained parameters, as JSON.

Metrics are diagonal, the acceptance aimed at is .8. It is driven by TestNUTSAgainstPeers, which holds it to one core:
ITO_PEER_PYTHON=/path/to/python go test -v -count=1 -run NUTSAgainstPeers ./infer
"""
import json
import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import numpy as np

with open(sys.argv[1]) as f:
    data = json.load(f)
rows = np.array(data["rows"]["X"]).reshape(data["rows"]["Shape"])
X, y = rows[:, :-1] - rows[:, :-1].mean(0), (rows[:, -1] + 1) / 2
X = np.hstack([np.ones((len(X), 1)), X / np.where(X.std(0) == 0, 1, X.std(0))])
schools_y, schools_sigma = np.array(data["schools_y"], float), np.array(data["schools_sigma"], float)
CHAINS, WARMUP, DRAWS = 4, 1000, 1000


def cpu(own=True):
    """Processor seconds of the living processes that this one started, and of itself, to the nanosecond."""
    parents = {}
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{p}/stat") as f:
                parents[int(p)] = int(f.read().rsplit(")", 1)[1].split()[1])
        except OSError:  # it has ended
            continue
    family, grown = {os.getpid()}, True
    while grown:
        more = {p for p, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    total = time.process_time() if own else 0.0
    for p in family - {os.getpid()}:
        for task in os.listdir(f"/proc/{p}/task"):
            with open(f"/proc/{p}/task/{task}/schedstat") as f:
                total += int(f.read().split()[0]) / 1e9
    return total


def blackjax_sampler(name):
    import jax

    jax.config.update("jax_enable_x64", True)
    import blackjax
    import jax.numpy as jnp

    if name == "eight_schools":
        d, ys, sigma = 10, jnp.asarray(schools_y), jnp.asarray(schools_sigma)

        def logp(x):
            mu, u, eta = x[0], x[1], x[2:]
            tau = jnp.exp(u)
            lp = -0.5 * (mu / 5) ** 2 - jnp.log1p((tau / 5) ** 2) + u - 0.5 * jnp.sum(eta**2)
            return lp - 0.5 * jnp.sum(((ys - mu - tau * eta) / sigma) ** 2)
    else:
        d, XX, s = X.shape[1], jnp.asarray(X), jnp.asarray(2 * y - 1)

        def logp(w):
            return jnp.sum(jax.nn.log_sigmoid(s * (XX @ w))) - 0.5 * jnp.sum(w * w)

    def one(key):
        k0, k1, k2 = jax.random.split(key, 3)
        x0 = jax.random.uniform(k0, (d,), minval=-2.0, maxval=2.0)
        warm = blackjax.window_adaptation(blackjax.nuts, logp, is_mass_matrix_diagonal=True, target_acceptance_rate=0.8)
        (state, params), _ = warm.run(k1, x0, WARMUP)
        step = blackjax.nuts(logp, **params).step

        def body(state, k):
            state, _ = step(k, state)
            return state, state.position

        return jax.lax.scan(body, state, jax.random.split(k2, DRAWS))[1]

    single, together = jax.jit(one), jax.jit(jax.vmap(one))

    def apart(seed):
        keys = jax.random.split(jax.random.key(seed), CHAINS)
        return np.stack([np.asarray(single(k)) for k in keys])

    def at_once(seed):
        return np.asarray(together(jax.random.split(jax.random.key(seed), CHAINS)))

    took = []
    for f in (apart, at_once):  # the faster way counts
        f(0)
        start = cpu()
        f(1)
        took.append((cpu() - start, f.__name__, f))
    took.sort(key=lambda t: t[0])
    print("blackjax", name, [t[:2] for t in took], file=sys.stderr)
    return took[0][2]


STAN = {
    "eight_schools": """
data { int<lower=0> J; array[J] real y; array[J] real<lower=0> sigma; }
parameters { real mu; real<lower=0> tau; vector[J] eta; }
model { mu ~ normal(0, 5); tau ~ cauchy(0, 5); eta ~ std_normal(); y ~ normal(mu + tau * eta, sigma); }
""",
    "ionosphere": """
data { int n; int d; matrix[n, d] X; array[n] int y; }
parameters { vector[d] w; }
model { w ~ std_normal(); y ~ bernoulli_logit_glm(X, 0, w); }
""",
}


def stan_sampler(name):
    import contextlib

    import stan

    values = {"J": 8, "y": schools_y.tolist(), "sigma": schools_sigma.tolist()}
    if name == "ionosphere":
        values = {"n": len(X), "d": X.shape[1], "X": X.tolist(), "y": [int(v) for v in y]}

    def sample(seed):
        with contextlib.redirect_stdout(sys.stderr):
            # A new seed every time: httpstan answers from a cache what it was asked before.
            p = stan.build(STAN[name], data=values, random_seed=time.time_ns() // 1000 % (2**31 - 1) + 1)
            start = cpu(own=False)  # Stan works in processes of its own; how Python gets the draws is not counted
            w = time.perf_counter()
            fit = p.sample(num_chains=CHAINS, num_warmup=WARMUP, num_samples=DRAWS)
            sample.took = time.perf_counter() - w, cpu(own=False) - start

        def chains(v):  # pystan joins chains draw by draw
            return np.asarray(v).reshape(-1, DRAWS, CHAINS).transpose(2, 1, 0)

        if name == "ionosphere":
            return chains(fit["w"])
        return np.concatenate([chains(fit["mu"]), np.log(chains(fit["tau"])), chains(fit["eta"])], 2)

    return sample


def nutpie_sampler(name):
    import nutpie
    import pymc as pm

    with pm.Model() as m:
        if name == "eight_schools":
            mu = pm.Normal("mu", 0, 5)
            tau = pm.HalfCauchy("tau", 5)
            eta = pm.Normal("eta", 0, 1, shape=8)
            pm.Normal("y", mu + tau * eta, schools_sigma, observed=schools_y)
        else:
            w = pm.Normal("w", 0, 1, shape=X.shape[1])
            pm.Bernoulli("y", logit_p=pm.math.dot(X, w), observed=y)
    compiled = nutpie.compile_pymc_model(m)

    def sample(seed):
        t = nutpie.sample(compiled, chains=CHAINS, tune=WARMUP, draws=DRAWS, cores=1, seed=seed, target_accept=0.8, progress_bar=False)
        p = t.posterior
        if name == "ionosphere":
            return np.asarray(p["w"])
        return np.concatenate([np.asarray(p["mu"])[..., None], np.log(np.asarray(p["tau"]))[..., None], np.asarray(p["eta"])], 2)

    return sample


makers = {"blackjax": blackjax_sampler, "stan": stan_sampler, "nutpie": nutpie_sampler}
packages = {"blackjax": ("blackjax", "jax"), "stan": ("pystan", "httpstan"), "nutpie": ("nutpie", "pymc")}
found = []
for sampler, names in packages.items():
    from importlib.metadata import PackageNotFoundError, version

    try:
        found.append(sampler + ":" + ",".join(n + "-" + version(n) for n in names))
    except PackageNotFoundError:
        pass
print(" ".join(found), flush=True)
ready = {}
for line in sys.stdin:
    _, sampler, name, seed = line.split()
    try:
        if (sampler, name) not in ready:
            ready[sampler, name] = makers[sampler](name)
            ready[sampler, name](99)
        f = ready[sampler, name]
        start, w = cpu(), time.perf_counter()
        x = f(int(seed))
        took = getattr(f, "took", (time.perf_counter() - w, cpu() - start))
        path = os.path.join(sys.argv[2], f"{sampler}-{name}-{seed}.json")
        with open(path, "w") as out:
            json.dump(x.tolist(), out)
        print(*took, path, flush=True)
    except Exception as e:
        print(sampler, name, repr(e), file=sys.stderr)
        print(0, 0, "-", flush=True)
