"""Reference values of tails_test.go by mpmath at 60 digits: python tails.py > tails.json"""
import json
from mpmath import mp, mpf, gammainc, betainc, log, exp, diff, besseli, erfinv, sqrt, erfc, findroot

mp.dps = 60
out = {"gamma": [], "beta": [], "bessel": [], "ndtri": []}
for a in ["0.05", "0.7", "1", "3.5", "40", "900"]:
    for r in ["0.001", "0.3", "0.9", "1", "1.2", "3"]:
        a_, x = mpf(a), mpf(a) * mpf(r)
        p = lambda s: log(gammainc(s, 0, x, regularized=True))
        q = lambda s: log(gammainc(s, x, mp.inf, regularized=True))
        out["gamma"].append([float(v) for v in (a_, x, p(a_), q(a_), diff(p, a_), diff(q, a_))])
for a, b in [("0.3", "0.6"), ("2", "5"), ("1", "1"), ("40", "0.5"), ("150", "200"), ("0.5", "3000")]:
    for l in ["-9", "-1", "-0.2", "0.1", "2", "8"]:
        a_, b_ = mpf(a), mpf(b)
        x = 1 / (1 + exp(-mpf(l)))
        y = 1 / (1 + exp(mpf(l)))
        p = lambda s, t: log(betainc(s, t, 0, x, regularized=True))
        q = lambda s, t: log(betainc(t, s, 0, y, regularized=True))
        if p(a_, b_) < -600 or q(a_, b_) < -600:
            continue
        row = [a_, b_, mpf(l), p(a_, b_), q(a_, b_)] + [diff(f, (a_, b_), n) for f in (p, q) for n in ((1, 0), (0, 1))]
        out["beta"].append([float(v) for v in row])
for k in ["0", "1e-9", "0.5", "3", "29.9", "30.1", "700", "1e5"]:
    k_ = mpf(k)
    out["bessel"].append([float(v) for v in (k_, log(besseli(0, k_)), besseli(1, k_) / besseli(0, k_))])
for p in ["1e-300", "1e-20", "0.001", "0.0099", "0.0101", "0.3", "0.5", "0.8", "0.9999"]:
    p_ = mpf(float(p))
    z = findroot(lambda z: log(erfc(-z / sqrt(2)) / 2) - log(p_), -sqrt(-2 * log(p_)) if p_ < 0.4 else mpf(0) if p_ < 0.9 else mpf(3.7))
    out["ndtri"].append([float(p_), float(z)])
json.dump(out, open(1, "w"))
