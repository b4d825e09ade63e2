"""Exact values of the elementwise functions: python3 elementwise.py > elementwise.txt (needs mpmath).

A line holds the function's name, an argument and the value there, both as float64 in hexadecimal.
"""
import random
from mpmath import mp, mpf, exp, log, log1p, expm1, tanh, sin, cos, erf, erfc, sqrt, pi

mp.dps = 80
random.seed(1)


def Phi(x):
    return erfc(-x / sqrt(mpf(2))) / 2


def sig(x):
    return 1 / (1 + exp(-x))


functions = {
    "Exp": (exp, -700, 700),
    "Log": (log, 0, 4),
    "Log1p": (log1p, -1, 4),
    "Expm1": (expm1, -40, 700),
    "Tanh": (tanh, -20, 20),
    "Sigmoid": (sig, -700, 50),
    "Softplus": (lambda x: log1p(exp(x)), -700, 50),
    "Sin": (sin, -1e6, 1e6),
    "Cos": (cos, -1e6, 1e6),
    "Erf": (erf, -6, 6),
    "NormLogCDF": (lambda x: log(Phi(x)) if x < 0 else log1p(-Phi(-x)), -60, 37),
    "SiLU": (lambda x: x * sig(x), -700, 50),
    "SiLUGrad": (lambda x: sig(x) * (1 + x * (1 - sig(x))), -700, 50),
    "GELU": (lambda x: x * Phi(x), -37, 10),
    "GELUGrad": (lambda x: Phi(x) + x * exp(-x * x / 2) / sqrt(2 * pi), -37, 10),
}
for name, (f, lo, hi) in functions.items():
    for i in range(90):
        if i % 3 == 0:
            x = random.uniform(lo, hi)
        elif i % 3 == 1:
            x = random.uniform(max(lo, -3), min(hi, 3))
        else:
            x = random.choice([-1, 1]) * 2.0 ** random.uniform(-40, 3)
        if not lo < x < hi:
            x = abs(x)
        print(name, x.hex(), float(f(mpf(x))).hex())

# More where the tails are, after the rest so that it stays as it was.
for name, lo in (("GELU", -37.5), ("NormLogCDF", -1000)):
    f = functions[name][0]
    for i in range(240):
        if i % 4 == 0:
            x = random.uniform(lo, -5)
        elif i % 4 == 1:
            x = random.uniform(-5, 0)
        elif i % 4 == 2:
            x = random.uniform(-1, 1)
        else:
            x = random.uniform(0, 9)
        print(name, x.hex(), float(f(mpf(x))).hex())
