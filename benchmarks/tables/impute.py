"""Empties a tenth of the numbers of a table, trains ito on what is left, fills the gaps by ito impute and by four others,
and scores all on the emptied cells, in standard deviations of their columns:

  mean      the column's mean
  marginal  draws of the column's cells, alone of the row
  kNN       the 10 nearest rows that have the cell, by sklearn's nan_euclidean_distances of standardised numbers and
            one-hot levels: their mean, and themselves as draws
  MICE      sklearn's IterativeImputer(BayesianRidge, sample_posterior=True), one chain a draw, 10 rounds
  ito       ito impute --times DRAWS of a model of the table with its gaps

RMSE is of the mean of the draws; CRPS is E|X-y| - E|X-X'|/2 of the draws without their own pairs (of the mean, |x-y|);
coverage is of the interval between the 5 % and 95 % quantiles of the draws, at ranks p(n+1), which draws of the true law
cover in 90 %.

  python impute.py ../../insurance.csv --ito ./ito --steps 3000 --seed 1        needs numpy, pandas, scikit-learn
"""
import argparse, os, subprocess, sys, tempfile, time
import numpy as np, pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.metrics.pairwise import nan_euclidean_distances
import warnings

warnings.simplefilter("ignore", ConvergenceWarning)
a = argparse.ArgumentParser()
a.add_argument("data")
a.add_argument("--ito", default="ito")
a.add_argument("--steps", type=int, default=3000)
a.add_argument("--share", type=float, default=0.1)
a.add_argument("--draws", type=int, default=40)
a.add_argument("--seed", type=int, default=1)
a.add_argument("--work", default="", help="folder that is kept: what is there already is not made again")
a = a.parse_args()
work = a.work or tempfile.mkdtemp()
os.makedirs(work, exist_ok=True)

whole = pd.read_csv(a.data)
numbers = [c for c in whole.columns if pd.api.types.is_numeric_dtype(whole[c]) and whole[c].nunique() > 2]
levels = [c for c in whole.columns if c not in numbers]
rng = np.random.default_rng(a.seed)
there = whole[numbers].notna().to_numpy()
gap = (rng.random((len(whole), len(numbers))) < a.share) & there
truth = whole[numbers].to_numpy(float)
sd = np.nanstd(truth, 0)
holed = whole.copy()
for j, c in enumerate(numbers):
    holed[c] = holed[c].astype(object).where(~gap[:, j], None)
file = os.path.join(work, "holed.csv")
holed.to_csv(file, index=False)
x = np.where(gap, np.nan, truth)
rows, cols = np.nonzero(gap)
y = truth[gap]


def ito():
    """draws [cells, draws], and processor seconds"""
    model, out = os.path.join(work, "m.safetensors"), os.path.join(work, "filled.csv")
    t0 = os.times()
    subprocess.run([a.ito, "train", file, "--steps", str(a.steps), "--seed", str(a.seed), "--resume", "--out", model],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run([a.ito, "impute", file, model, "--times", str(a.draws), "--seed", str(a.seed), "--out", out],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    t1 = os.times()
    got = pd.read_csv(out)[numbers].to_numpy(float).reshape(a.draws, len(whole), len(numbers))
    return got[:, rows, cols].T, (t1.children_user - t0.children_user) + (t1.children_system - t0.children_system)


def standardised():
    z = (x - np.nanmean(x, 0)) / np.nanstd(x, 0)
    hot = pd.get_dummies(whole[levels].astype(str)).to_numpy(float) if levels else np.zeros((len(x), 0))
    return z, hot


def knn(k=10):
    z, hot = standardised()
    d = nan_euclidean_distances(np.hstack([z, hot]))
    np.fill_diagonal(d, np.inf)
    out = np.zeros((len(y), k))
    for i, (r, c) in enumerate(zip(rows, cols)):
        have = np.flatnonzero(~np.isnan(x[:, c]))
        out[i] = x[have[np.argpartition(d[r, have], k)[:k]], c]
    return out


def mice():
    z, hot = standardised()
    both, out = np.hstack([z, hot]), []
    for k in range(a.draws):
        m = IterativeImputer(sample_posterior=True, max_iter=10, random_state=1000 * a.seed + k)
        f = m.fit_transform(both)[:, : len(numbers)] * np.nanstd(x, 0) + np.nanmean(x, 0)
        out.append(f[rows, cols])
    return np.array(out).T


def marginal():
    return np.stack([rng.choice(x[~np.isnan(x[:, c]), c], a.draws) for c in cols])


def score(draws, point=False):
    e = (draws.mean(1) - y) / sd[cols]
    if point:
        crps, cover = np.abs(e), None
    else:
        s = np.sort(draws, 1)
        n = s.shape[1]
        pair = (s * (2 * np.arange(1, n + 1) - n - 1)).sum(1) * 2 / (n * (n - 1))
        crps = (np.abs(draws - y[:, None]).mean(1) - pair / 2) / sd[cols]
        lo, hi = np.quantile(draws, [0.05, 0.95], axis=1, method="weibull")
        cover = np.mean((y >= lo) & (y <= hi))
    return np.sqrt((e**2).mean()), crps.mean(), cover, crps


print(f"{os.path.basename(a.data)}: {len(y)} of {there.sum()} numbers in {len(numbers)} columns emptied, "
      f"seed {a.seed}, {a.draws} draws, {a.steps} steps, {time.strftime('%Y-%m-%d')}")
t0 = time.process_time()
results = {"mean": (np.nanmean(x, 0)[cols][:, None], True), "marginal": (marginal(), False), "kNN": (knn(), False)}
t1 = time.process_time()
results["MICE"] = (mice(), False)
t2 = time.process_time()
draws, seconds = ito()
results["ito"] = (draws, False)
of = {}
print(f"{'':10}{'RMSE':>8}{'CRPS':>8}{'coverage':>10}   against ito: CRPS, mean difference and twice its standard error")
for name, (d, point) in results.items():
    rmse, crps, cover, each = score(d, point)
    of[name] = each
    print(f"{name:10}{rmse:8.3f}{crps:8.3f}{'–' if cover is None else f'{100 * cover:.1f} %':>10}", end="")
    if name != "ito":
        diff = score(d, point)[3] - score(draws)[3]
        print(f"   {diff.mean():+.3f} ± {2 * diff.std() / np.sqrt(len(diff)):.3f}", end="")
    print()
print(f"processor seconds: kNN {t1 - t0:.1f}, MICE {t2 - t1:.1f}, ito {seconds:.1f} (training and draws)")
