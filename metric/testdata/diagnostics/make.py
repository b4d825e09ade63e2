"""Writes expected.json from blocker.csv: the diagnostics of Vehtari et al. (2021) as the R package posterior (1.6) defines them,
computed with numpy and scipy alone. Run: python make.py (numpy and scipy are all it needs).

blocker.csv: columns d, sigmasq_delta, mu.1, delta.1, delta_new of the two CmdStan chains of ArviZ's saved model
"stan_diagnostics" (Apache-2.0, see NOTICE); chain 1 in the first 1000 rows, chain 2 in the others.
"""
import csv, json, math, os
import numpy as np
from scipy import stats, special

here = os.path.dirname(os.path.abspath(__file__))


def split(x):  # [draw, chain]
    n = x.shape[0]
    return np.hstack([x[: n // 2], x[(n + 1) // 2 :]])


def z_scale(x):
    r = stats.rankdata(x.ravel(), method="average").reshape(x.shape)
    return stats.norm.ppf((r - 0.375) / (x.size + 0.25))


def rhat_basic(x):
    n = x.shape[0]
    b = n * x.mean(0).var(ddof=1)
    w = x.var(0, ddof=1).mean()
    return math.sqrt((b / w + n - 1) / n)


def rhat(x):
    return max(rhat_basic(z_scale(split(x))), rhat_basic(z_scale(split(abs(x - np.median(x))))))


def autocovariance(x):  # by the definition, no transform
    y = x - x.mean()
    return np.array([np.dot(y[: len(y) - t], y[t:]) for t in range(len(y))]) / len(y)


def ess(x):
    x = np.asarray(x, float)
    n, m = x.shape
    if n < 3 or x.max() == x.min():
        return float("nan")
    acov = np.mean([autocovariance(x[:, c]) for c in range(m)], 0)
    mean_var = acov[0] * n / (n - 1)
    plus = acov[0] + (x.mean(0).var(ddof=1) if m > 1 else 0)
    rho = np.zeros(n)
    even, odd = 1.0, 1 - (mean_var - acov[1]) / plus
    rho[:2] = even, odd
    t = 0
    while t < n - 5 and even + odd > 0:
        t += 2
        even, odd = (1 - (mean_var - acov[t + k]) / plus for k in (0, 1))
        if even + odd >= 0:
            rho[t : t + 2] = even, odd
    last = t
    if even > 0:
        rho[last] = even
    for t in range(2, last - 1, 2):
        before = rho[t - 2] + rho[t - 1]
        if rho[t] + rho[t + 1] > before:
            rho[t : t + 2] = before / 2
    tau = -1 + 2 * rho[:last].sum() + rho[last]
    return n * m / max(tau, 1 / math.log10(n * m))


def ess_quantile(x, p):
    return ess(split(x <= np.quantile(x, p)))


def ess_sd(x):
    return ess(split((x - x.mean()) ** 2))


def mcse_sd(x):
    y = x - x.mean()
    m2 = (y**2).mean()
    return math.sqrt(((y**4).mean() - m2**2) / ess_sd(x) / m2 / 4)


def mcse_quantile(x, p):
    e = ess_quantile(x, p)
    a = special.betaincinv(e * p + 1, e * (1 - p) + 1, [0.1586553, 0.8413447])
    s = np.sort(x.ravel())
    return (s[min(math.ceil(a[1] * s.size), s.size) - 1] - s[max(math.floor(a[0] * s.size), 1) - 1]) / 2


def khat(x):  # right tail of x, relative efficiency 1
    x = np.sort(x.ravel())
    n = x.size
    m = int(3 * math.sqrt(n)) if n > 225 else n // 5
    x = x - x[-1]
    cutoff = x[n - m - 1] - (2.0**-52 if x[n - m - 1] == x[n - m] else 0)
    y = np.exp(x[n - m :]) - np.exp(cutoff)
    if y[int(m / 4 + 0.5) - 1] <= y[0]:
        return None
    k = 30 + int(math.sqrt(m))
    theta = 1 / y[-1] + (1 - np.sqrt(k / (np.arange(1, k + 1) - 0.5))) / 3 / y[int(m / 4 + 0.5) - 1]
    shape = np.log1p(-np.outer(theta, y)).mean(1)
    lik = m * (np.log(-theta / shape) - shape - 1)
    that = (theta * np.exp(lik - special.logsumexp(lik))).sum()
    return (np.log1p(-that * y).mean() * m + 5) / (m + 10)


def everything(x):
    return {
        "rhat": rhat(x), "rhat_basic": rhat_basic(split(x)), "ess_bulk": ess(z_scale(split(x))),
        "ess_tail": min(ess_quantile(x, 0.05), ess_quantile(x, 0.95)), "ess_mean": ess(split(x)), "ess_sd": ess_sd(x),
        "ess_quantile10": ess_quantile(x, 0.1), "mcse_mean": x.std(ddof=1) / math.sqrt(ess(split(x))), "mcse_sd": mcse_sd(x),
        "mcse_quantile10": mcse_quantile(x, 0.1), "mcse_quantile50": mcse_quantile(x, 0.5), "khat": khat(x),
    }


if __name__ == "__main__":
    rows = list(csv.reader(open(os.path.join(here, "blocker.csv"))))
    cols = np.array([[float(v) for v in r] for r in rows[1:]])
    out = {}
    for j, name in enumerate(rows[0]):
        x = cols[:, j].reshape(2, 1000).T
        out[name] = everything(x)
        out[name + " odd"] = everything(x[:333])  # an odd number of draws
        out[name + " rounded"] = everything(np.round(x, 1))  # ties
    json.dump(out, open(os.path.join(here, "expected.json"), "w"), indent=1)
