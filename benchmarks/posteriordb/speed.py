"""NUTS of ito beside Stan, nutpie and BlackJAX: python3 speed.py --ito ito --stan FOLDER [--seeds 0,1,2] [--out speed.json]

Ten posteriors, one of each kind of model among those with reference draws (README.md has the rule): four chains of 1000
draws after 1000 steps of warm-up, every other setting the program's own, all on one core, one run after another, the
programs taking turns. A figure is the least bulk ESS (arviz, the same for all) over the columns of reference.json, by
second of processor time of warm-up and draws; of ito all of the process, with reading, compiling and writing. FOLDER has
what build.sh made. A run is done once: the same command goes on after an interruption. --only takes names.
"""
import argparse, csv, gzip, json, os, resource, statistics, subprocess, sys, tempfile, time
from pathlib import Path

here = Path(__file__).parent
TEN = ["arK-arK", "arma-arma11", "bball_drive_event_0-hmm_drive_0", "diamonds-diamonds",
       "eight_schools-eight_schools_noncentered", "garch-garch11", "gp_pois_regr-gp_pois_regr", "gp_pois_regr-gp_regr",
       "hudson_lynx_hare-lotka_volterra", "low_dim_gauss_mix-low_dim_gauss_mix"]
PROGRAMS = ["ito", "ito dense", "ito diagonal", "Stan", "Stan dense", "nutpie", "nutpie low rank", "BlackJAX"]
SHOWN = ["ito", "Stan", "Stan dense", "nutpie", "BlackJAX"]


def spent():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


def read(files):
    """Draws of CSV files in CmdStan's layout: chains of {column: values}, with brackets for dots."""
    chains = []
    for f in files:
        with open(f) as h:
            rows = csv.reader(line for line in h if line.strip() and not line.startswith("#"))
            names = []
            for n in next(rows):
                head, *at = n.split(".")
                names.append(f"{head}[{','.join(at)}]" if at else n)
            columns = list(zip(*[[float(v) for v in r] for r in rows]))
        chains.append(dict(zip(names, columns)))
    return chains


def ito(a, about, seed, tmp, metric=""):
    t = spent()
    more = ["--metric", metric] if metric else []
    p = subprocess.run([a.ito, "infer", str(here / f"models/{about['model']}.star"), "--data",
                        str(here / f"data/{about['data']}.json.gz"), "--method", "nuts", "--seed", str(seed), "--workers",
                        "1", "--out", f"{tmp}/d.csv", "--json", *more], capture_output=True, text=True)
    if p.returncode not in (0, 3):
        raise RuntimeError(p.stderr)
    return read(f"{tmp}/d_{k}.csv" for k in range(1, 5)), spent() - t, {}


def stan(a, about, seed, tmp, metric):
    data = Path(tmp) / "data.json"
    data.write_bytes(gzip.decompress((here / f"data/{about['data']}.json.gz").read_bytes()))
    p = subprocess.run([str(Path(a.stan) / about["model"]), str(data), f"{tmp}/s", str(seed + 1), "4", metric],
                       capture_output=True, text=True, check=True)
    return read(f"{tmp}/s_{k}.csv" for k in range(1, 5)), float(p.stdout.split()[-1]), {}


def nutpie_run(a, about, seed, tmp, adaptation):
    import nutpie
    data = json.loads(gzip.decompress((here / f"data/{about['data']}.json.gz").read_bytes()))
    so = str(Path(a.stan).resolve() / f"{about['model']}_model.so")
    model = nutpie_model(so, data)
    t = time.process_time()
    tree = nutpie.sample(model, draws=1000, tune=1000, chains=4, cores=1, seed=seed, progress_bar=False,
                         adaptation=adaptation)
    took = time.process_time() - t
    chains = [{} for _ in range(4)]
    for name, v in tree.posterior.data_vars.items():
        x = v.values.reshape(4, 1000, -1)
        shape = v.shape[2:]
        for j in range(x.shape[2]):
            at = []
            k = j
            for s in reversed(shape):
                at.insert(0, k % s + 1)
                k //= s
            for c in range(4):
                chains[c][f"{name}[{','.join(map(str, at))}]" if at else name] = x[c, :, j]
    return chains, took, {}


def nutpie_model(so, data):
    """A model of nutpie over a library that is already built."""
    import bridgestan, nutpie
    bridgestan.compile_model = lambda *a, **k: so
    return nutpie.compile_stan_model(code="of the library").with_data(**data)


def blackjax_run(a, about, seed, tmp):
    import jax
    jax.config.update("jax_enable_x64", True)
    import blackjax, numpy as np, jax.numpy as jnp
    sys.path.insert(0, str(here))
    from jaxmodels import MODELS
    data = json.loads(gzip.decompress((here / f"data/{about['data']}.json.gz").read_bytes()))
    d, f = MODELS[about["model"]](data)
    logp = lambda x: f(x)[0]

    def chain(key):
        k0, k1, k2 = jax.random.split(key, 3)
        begin = jax.random.uniform(k0, (d,), minval=-2, maxval=2)
        warm = blackjax.window_adaptation(blackjax.nuts, logp)
        (state, p), _ = warm.run(k1, begin, num_steps=1000)
        step = blackjax.nuts(logp, **p).step

        def one(s, k):
            s, _ = step(k, s)
            return s, s.position
        return jax.lax.scan(one, state, jax.random.split(k2, 1000))[1]
    keys = jax.random.split(jax.random.key(seed), 4)
    t = time.process_time()
    run = jax.jit(chain).lower(keys[0]).compile()
    compiled = time.process_time() - t
    t = time.process_time()
    x = [run(k).block_until_ready() for k in keys]
    took = time.process_time() - t
    names = jax.jit(jax.vmap(lambda v: f(v)[1]))
    chains = []
    for v in x:
        c = {}
        for name, w in names(v).items():
            w = np.asarray(w)
            if w.ndim == 1:
                c[name] = w
            else:
                c.update({f"{name}[{j + 1}]": w[:, j] for j in range(w.shape[1])})
        chains.append(c)
    return chains, took, {"compile": compiled}


def one(a, program, name, seed):
    import numpy as np
    from arviz_stats.base import array_stats
    about = json.loads((here / "reference.json").read_text())[name]
    with tempfile.TemporaryDirectory() as tmp:
        word = program.split(" ", 1)[1] if " " in program else ""
        if program.startswith("ito"):
            chains, took, more = ito(a, about, seed, tmp, word)
        elif program.startswith("Stan"):
            chains, took, more = stan(a, about, seed, tmp, word or "diag")
        elif program.startswith("nutpie"):
            chains, took, more = nutpie_run(a, about, seed, tmp, "low_rank" if word else "diag")
        else:
            chains, took, more = blackjax_run(a, about, seed, tmp)
    ess, far = float("inf"), 0.
    for column, (mean, sd, mcse) in about["columns"].items():
        x = np.array([c[column] for c in chains], float)
        e = float(array_stats.ess(x, chain_axis=0, draw_axis=1, method="bulk"))
        ess = min(ess, e)
        far = max(far, abs(x.mean() - mean) / np.hypot(mcse, sd / e ** .5))
    return {"seconds": took, "ess": ess, "rate": ess / took, "z": far, **more}


def table(results):
    print("| posterior | " + " | ".join(SHOWN) + " | ito over the best |\n|---|" + "---|" * (len(SHOWN) + 1))
    for name in TEN:
        rates = {p: [results[k]["rate"] for k in results if k.startswith(f"{p}|{name}|") and "rate" in results[k]]
                 for p in PROGRAMS}
        mid = {p: statistics.median(r) for p, r in rates.items() if r}
        if not mid:
            continue
        others = [mid[p] for p in SHOWN if p != "ito" and p in mid]
        cells = [f"{mid[p]:.0f}" if p in mid else "" for p in SHOWN]
        print(f"| {name} | " + " | ".join(cells) + f" | {mid['ito'] / max(others):.2f} |"
              if others and "ito" in mid else f"| {name} | " + " | ".join(cells) + " | |")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--ito", default="ito")
    p.add_argument("--stan", default=".")
    p.add_argument("--seeds", default="0,1,2")
    p.add_argument("--only", default="")
    p.add_argument("--programs", default=",".join(SHOWN))
    p.add_argument("--out", default="speed.json")
    p.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.one:
        print(json.dumps(one(a, a.one[0], a.one[1], int(a.one[2]))))
        return
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    out = Path(a.out)
    results = json.loads(out.read_text()) if out.exists() else {}
    for seed in a.seeds.split(","):
        for name in TEN:
            for program in a.programs.split(","):
                key = f"{program}|{name}|{seed}"
                if key in results or a.only and name not in a.only.split(","):
                    continue
                print(key, file=sys.stderr, flush=True)
                r = subprocess.run([sys.executable, __file__, "--ito", a.ito, "--stan", a.stan, "--one", program, name,
                                    seed], capture_output=True, text=True)
                results[key] = json.loads(r.stdout.splitlines()[-1]) if r.returncode == 0 else {
                    "failed": r.stderr.strip().splitlines()[-1:]}
                part = out.with_suffix(".part")
                part.write_text(json.dumps(results, indent=0) + "\n")
                part.replace(out)
    table(results)


main()
