"""Reads draws that ito wrote with the packages that people use, and compares the numbers of ito diagnose with ArviZ's.

    python3 -m venv venv && venv/bin/pip install cmdstanpy arviz pyarrow
    venv/bin/python check.py path/to/ito

It passed on 2026-11-22 with cmdstanpy 1.3.2 and arviz 1.3.0 (numpy 2.5.5), and with cmdstanpy 1.3.2, 1.2.5 and 1.1.0 and arviz 0.23.4 (numpy 2.4.6,
pyarrow 26.0.1). It is no part of the tests.
"""
import json
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")

import arviz as az
import cmdstanpy
import numpy as np
import pyarrow.parquet as pq

ito = sys.argv[1]
tmp = tempfile.mkdtemp()
target = "zoo:eight_schools"
chains, draws = 4, 500


def infer(out, *flags):
    subprocess.run([ito, "infer", target, "--draws", str(draws), "--out", f"{tmp}/{out}", *flags], check=True, capture_output=True)


def ess(x, method):
    return float(az.ess(x, method=method, **({"prob": (0.05, 0.95)} if method == "tail" else {})))


def chain_files(name):
    return [f"{tmp}/{name}_{c + 1}.csv" for c in range(chains)]


# NUTS with each metric, and with thinning: the draws, what was adapted, and the counts.
for metric in ("diagonal", "dense", "unit"):
    infer(f"{metric}.csv", "--method", "nuts", "--metric", metric)
    fit = cmdstanpy.from_csv(chain_files(metric))
    x = fit.draws()
    assert x.shape[:2] == (draws, chains), x.shape
    assert fit.num_draws_sampling == draws and fit.thin == 1 and fit.chains == chains
    assert fit.stan_variable("theta").shape == (draws * chains, 8)
    assert (fit.step_size > 0).all()
    d = 10
    if metric == "unit":
        assert fit.metric_type == "unit_e"
    else:
        assert fit.metric_type == {"diagonal": "diag_e", "dense": "dense_e"}[metric]
        inverse = fit.inv_metric if hasattr(fit, "inv_metric") else fit.metric
        assert inverse.shape == ((chains, d) if metric == "diagonal" else (chains, d, d)), inverse.shape
    assert fit.divergences.sum() == fit.method_variables()["divergent__"].sum()
    az.from_cmdstanpy(fit)
    if hasattr(az, "from_cmdstan"):  # ArviZ 1.0 has it no more
        raw = az.from_cmdstan(chain_files(metric))
        np.testing.assert_array_equal(raw.posterior["theta"].values, fit.draws_xr().theta.values)

# The same run in the other formats has the same numbers.
for ext in ("parquet", "npy", "json"):
    infer(f"d.{ext}", "--method", "nuts", "--metric", "diagonal")
fit = cmdstanpy.from_csv(chain_files("diagonal"))
x = fit.draws()
columns = json.load(open(f"{tmp}/d.npy.json"))["columns"]
np.testing.assert_array_equal(np.load(f"{tmp}/d.npy"), x.transpose(1, 0, 2))
table = pq.read_table(f"{tmp}/d.parquet")
assert table.schema.names == ["chain", "draw", *columns], table.schema.names
for k, name in enumerate(columns):
    np.testing.assert_array_equal(table[name].to_numpy().reshape(chains, draws), x[:, :, k].T)
groups = json.load(open(f"{tmp}/d.json"))
if az.__version__.startswith("0."):
    idata = az.from_dict(**groups)
else:  # it wants arrays
    idata = az.from_dict({g: {k: np.array(v) for k, v in group.items()} for g, group in groups.items()})
np.testing.assert_array_equal(idata.posterior["theta"].values, fit.draws_xr().theta.values)

# Samplers that are not CmdStan's, and particles.
for method in ("hmc", "mala", "pt"):
    infer(f"{method}.csv", "--method", method)
    fit = cmdstanpy.from_csv(chain_files(method))
    assert fit.draws().shape[:2] == (draws, chains), (method, fit.draws().shape)
infer("smc.csv", "--method", "smc", "--chains", "1")
fit = cmdstanpy.from_csv(f"{tmp}/smc.csv")
assert fit.draws().shape[1] == 1 and "logw__" in fit.column_names

# ito diagnose against ArviZ.
report = json.loads(subprocess.run([ito, "diagnose", *chain_files("diagonal"), "--json"], check=True, capture_output=True).stdout)
fit = cmdstanpy.from_csv(chain_files("diagonal"))
worst = {}
for row in report["parameters"]:
    x = fit.draws()[:, :, fit.column_names.index(row["name"])].T
    want = {
        "mean": x.mean(), "sd": x.std(ddof=1), "rhat": float(az.rhat(x)), "ess_bulk": ess(x, "bulk"),
        "ess_tail": ess(x, "tail"), "mcse": float(az.mcse(x, method="mean")), "median": np.median(x),
    }
    for key, value in want.items():
        worst[key] = max(worst.get(key, 0), abs(row[key] / value - 1))
bfmi = az.bfmi(fit.method_variables()["energy__"].T)
worst["ebfmi"] = np.abs(np.array(report["sampler"]["ebfmi"]) / bfmi - 1).max()
print("largest relative differences:", {k: f"{v:.1e}" for k, v in worst.items()})
assert max(worst.values()) < 1e-8, worst
print("cmdstanpy", cmdstanpy.__version__, "arviz", az.__version__, "numpy", np.__version__, ": all read")
