"""Makes extreme.json: log densities by mpmath at arguments from 1e-300 to 1e300, and beside each how much it moves when the logarithm of an argument, of which the
largest has the magnitude m, is rounded: when arguments change by 8 m 2^-53 of themselves. Near a zero of a log density, or where 1e300 meets 1e300, that is all
that float64 can know.

python3 extreme.py    (mpmath 1.4.1)
"""
import json, random
from mpmath import mp, mpf, log, loggamma, log1p, pi, exp
mp.dps = 720
R = random.Random(17)
G = loggamma
f = {
    "normal": (lambda x, m, s: -((x - m) / s) ** 2 / 2 - log(s) - log(2 * pi) / 2, "rrp"),
    "half_normal": (lambda x, s: -(x / s) ** 2 / 2 - log(s) + log(2 / pi) / 2, "pp"),
    "student_t": (lambda x, n, m, s: G((n + 1) / 2) - G(n / 2) - log(n * pi) / 2 - log(s) - (n + 1) / 2 * log1p(((x - m) / s) ** 2 / n), "rprp"),
    "cauchy": (lambda x, m, s: -log(pi) - log(s) - log1p(((x - m) / s) ** 2), "rrp"),
    "half_cauchy": (lambda x, s: log(2 / pi) - log(s) - log1p((x / s) ** 2), "pp"),
    "exponential": (lambda x, r: log(r) - r * x, "pp"),
    "gamma": (lambda x, a, b: a * log(b) - G(a) + (a - 1) * log(x) - b * x, "ppp"),
    "inverse_gamma": (lambda x, a, b: a * log(b) - G(a) - (a + 1) * log(x) - b / x, "ppp"),
    "beta": (lambda x, a, b: G(a + b) - G(a) - G(b) + (a - 1) * log(x) + (b - 1) * log1p(-x), "upp"),
    "lognormal": (lambda x, m, s: -((log(x) - m) / s) ** 2 / 2 - log(s) - log(x) - log(2 * pi) / 2, "prp"),
    "laplace": (lambda x, m, b: -abs(x - m) / b - log(2 * b), "rrp"),
    "logistic": (lambda x, m, s: -abs(x - m) / s - log(s) - 2 * log1p(exp(-abs(x - m) / s)), "rrp"),
    "bernoulli": (lambda y, t: y * log(t) + (1 - y) * log1p(-t), "bu"),
    "bernoulli_logit": (lambda y, a: (lambda z: -(log1p(exp(-abs(z))) + max(z, 0)))(a if y == 0 else -a), "br"),
    "binomial": (lambda y, n, t: G(n + 1) - G(y + 1) - G(n - y + 1) + y * log(t) + (n - y) * log1p(-t), "ynu"),
    "binomial_logit": (lambda y, n, a: G(n + 1) - G(y + 1) - G(n - y + 1) + y * a - n * (max(a, 0) + log1p(exp(-abs(a)))), "yns"),
    "poisson": (lambda y, m: y * log(m) - m - G(y + 1), "cp"),
    "poisson_log": (lambda y, a: y * a - exp(a) - G(y + 1), "cs"),
    "neg_binomial": (lambda y, a, b: G(y + a) - G(a) - G(y + 1) + a * (log(b) - log1p(b)) - y * log1p(b), "cpp"),
    "neg_binomial_2": (lambda y, m, p: G(y + p) - G(p) - G(y + 1) + p * (log(p) - log(m + p)) + y * (log(m) - log(m + p)), "cpp"),
}

def positive():
    e = R.choice([-300, -200, -100, -50, -20, -8, -3, -1, -1, 0, 0, 0, 0, 1, 1, 2, 4, 6, 9, 12, 16, 20, 50, 100, 200, 300])
    return float("%.3fe%d" % (R.uniform(1, 9.9) if abs(e) < 300 else 1, e))

def draw(kind, args):
    v = positive()
    if kind == "p": return v
    if kind == "r": return R.choice([0.0, v, -v, v])
    if kind == "s": return R.choice([-1, 1]) * R.choice([0, 1e-300, 1e-9, .3, 3, 30, 300, 690])
    if kind == "u": return R.choice([.3, .5, .9, min(v, 1 / v) * .99, 1 - 2.0 ** -R.randint(1, 53)])
    if kind == "b": return float(R.randint(0, 1))
    if kind in "cn": return float(int(R.choice([0, 1, 3, v, v])))
    if kind == "y": return None

def near(name, args):
    """Arguments at the bulk of the distribution, where large terms cancel."""
    k = 1 + R.choice([0, 0, 1e-9, -1e-4, .03])
    a = [float(v) for v in args]
    big = lambda: R.choice([30., 1e4, 1e8, 3e10, 1e15, 2e60, 1e200])
    if name == "gamma": a[1] = big(); a[2] = R.choice([1., 3e-5, 7e20]); a[0] = a[1] / a[2] * k
    if name == "inverse_gamma": a[1] = big(); a[2] = R.choice([1., 3e-5, 7e20]); a[0] = a[2] / a[1] * k
    if name == "beta": a[1] = big(); a[2] = a[1] * R.choice([1, .1, 1e-4]); a[0] = min(a[1] / (a[1] + a[2]) * k, .999)
    if name == "student_t": a[1] = big(); a[2] = 1.; a[3] = 2.; a[0] = R.choice([1.5, -7.])
    if name == "binomial": a[1] = float(int(big())); a[2] = R.choice([.5, .01]); a[0] = float(int(a[1] * min(a[2] * k, 1)))
    if name == "binomial_logit": a[1] = float(int(big())); a[2] = R.choice([0., -2.]); a[0] = float(int(a[1] / (1 + float(exp(-mpf(a[2]))))))
    if name == "poisson": a[1] = big(); a[0] = float(int(a[1] * k))
    if name == "poisson_log": a[0] = float(int(R.choice([30., 1e4, 1e8, 1e15]))); a[1] = float(log(mpf(a[0])))
    if name.startswith("neg"):
        y, phi, mu = R.choice([0., 8., 1e6, 1e12]), big(), R.choice([8., 1e6, .02])
        a = [float(int(mu * k)) if y else y, mu, phi] if name.endswith("2") else [float(int(mu * k)) if y else y, phi, phi / mu]
    return a

out = {}
for name, (lp, kinds) in f.items():
    rows = []
    while len(rows) < 90:
        args = [draw(k, None) for k in kinds]
        if args[0] is None: args[0] = float(int(args[1] * R.choice([0, 1, .5, .1, 1e-5])))
        if len(rows) >= 50: args = near(name, args)
        x = [mpf(a) for a in args]
        want = lp(*x)
        size = max([mpf(1)] + [abs(log(abs(v))) for v in x if v != 0])
        h = size * mpf(2) ** -50
        move = mpf(0)
        for i, k in enumerate(kinds):
            if k in "bcny" or x[i] == 0: continue
            y = list(x); y[i] *= 1 - h
            move += abs(lp(*y) - want)
        if want == 0: continue
        big = mpf("1.7e308")
        if abs(move) > big: move = big
        rows.append(args + [float(want) if abs(want) < big else "-Infinity", float(move)])
    out[name] = rows
with open("extreme.json", "w") as o:
    o.write("{\n" + ",\n".join(' "%s": [\n%s\n ]' % (k, ",\n".join("  " + json.dumps(r) for r in v)) for k, v in out.items()) + "\n}\n")
