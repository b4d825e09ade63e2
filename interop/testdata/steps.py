"""States of scheduler settings that the records of diffusers.json do not have, step by step in float64.

Written from the formulas of the papers (arXiv:2006.11239, 2102.09672, 2206.00927, 2211.01095, 2302.04867) and the rules
of diffusers at commit 58eb52c for levels and orders; it shares nothing with the Go code. Plain Python, no packages:

    python3 steps.py > steps.json
"""
import json
from math import cos, exp, expm1, inf, log, sin, sqrt

X = [0.9, -1.4, 0.2]


def net(x, t):
    return [0.8 * v + 0.3 * sin(t / 100 + j) for j, v in enumerate(x)]


def noise(k):
    return [cos(1.7 * k + 0.3 + j) for j in range(3)]


BETA = [1e-4 + i / 999 * (0.02 - 1e-4) for i in range(1000)]
ABAR = []
for b in BETA:
    ABAR.append((ABAR[-1] if ABAR else 1.0) * (1 - b))
RHO = [sqrt((1 - a) / a) for a in ABAR]


def levels(n, zero):
    """Timesteps and sigmas of the DPM family with linspace."""
    ts = [round(999 * i / n) for i in range(n + 1)][::-1][:-1]
    return ts, [RHO[t] for t in ts] + [0.0 if zero else RHO[0]]


def split(rho):
    a = 1 / sqrt(1 + rho * rho)
    s = rho * a
    return a, s, log(a) - log(s) if s > 0 else inf


def limit(x0):
    v = sorted(abs(u) for u in x0)
    at = 0.995 * (len(v) - 1)
    k = int(at)
    s = v[k] + (at - k) * (v[min(k + 1, len(v) - 1)] - v[k])
    s = min(max(s, 1.0), 2.0)
    return [max(-s, min(s, u)) / s for u in x0]


def said(x, t, rho, data, threshold=False):
    a, s, _ = split(rho)
    eps = net(x, t)
    x0 = [(v - s * e) / a for v, e in zip(x, eps)]
    if threshold:
        x0 = limit(x0)
        eps = [(v - a * u) / s for v, u in zip(x, x0)]
    return x0 if data else eps


def lin(*terms):
    return [sum(c * v[j] for c, v in terms) for j in range(3)]


def step(kind, x, f, t, d0, d1, d2, heun, z):
    """One update from level f to t; d1, d2 None where the order is lower. c1, c2 are what stands before d1 and d2."""
    af, sf, lf = split(f)
    at, st, lt = split(t)
    h = lt - lf
    if kind == "dpmsolver":
        a, c0, n = at / af, -st * expm1(h), 0.0
        mid, hn = -0.5 * st * expm1(h), -st * (expm1(h) / h - 1)
        third = -st * ((exp(h) - 1 - h) / h**2 - 0.5)
    elif kind == "dpmsolver++":
        a, c0, n = st / sf, -at * expm1(-h), 0.0
        mid, hn, third = -0.5 * at * expm1(-h), at * (expm1(-h) / h + 1), -at * ((exp(-h) - 1 + h) / h**2 - 0.5) if h < inf else 0
    elif kind == "sde-dpmsolver":
        a, c0, n = at / af, -2 * st * expm1(h), st * sqrt(exp(2 * h) - 1)
        mid, hn, third = -st * expm1(h), -2 * st * (expm1(h) / h - 1), None
    else:
        a, c0, n = st / sf * exp(-h), at * (1 - exp(-2 * h)), st * sqrt(1 - exp(-2 * h))
        mid, hn = 0.5 * at * (1 - exp(-2 * h)), at * ((1 - exp(-2 * h)) / (-2 * h) + 1)
        third = at * ((1 - exp(-2 * h) - 2 * h) / (2 * h) ** 2 - 0.5) if h < inf else 0
    terms = [(a, x), (c0, d0), (n, z)]
    if d2 is not None:
        terms += [(hn, d1), (third, d2)]
    elif d1 is not None:
        terms.append((hn if heun else mid, d1))
    return lin(*terms)


def multistep(kind, order, heun, zero, orders, n=6):
    ts, rho = levels(n, zero)
    lam = [split(r)[2] for r in rho]
    x, out, m = X, [], []
    for k in range(n):
        m.append(said(x, ts[k], rho[k], kind.endswith("++")))
        d1 = d2 = None
        h = lam[k + 1] - lam[k]
        if orders[k] > 1:
            r0 = (lam[k] - lam[k - 1]) / h
            d1 = lin((1 / r0, m[-1]), (-1 / r0, m[-2]))
        if orders[k] > 2:
            r1 = (lam[k - 1] - lam[k - 2]) / h
            e = lin((1 / r1, m[-2]), (-1 / r1, m[-3]))
            d2 = lin((1 / (r0 + r1), d1), (-1 / (r0 + r1), e))
            d1 = lin((1, d1), (r0, d2))
        x = step(kind, x, rho[k], rho[k + 1], m[-1], d1, d2, heun, noise(k))
        out.append(x)
    return out


def singlestep(kind, heun, zero, orders, threshold=False):
    n = len(orders)
    ts, rho = levels(n, zero)
    lam = [split(r)[2] for r in rho]
    x, start, out, m = X, None, [], []
    for k, order in enumerate(orders):
        m.append(said(x, ts[k], rho[k], kind.endswith("++"), threshold))
        if order == 1:
            start = x
        f = k + 1 - order
        h = lam[k + 1] - lam[f]
        d1 = d2 = None
        if order == 2:
            r0 = (lam[k] - lam[f]) / h
            d1 = lin((1 / r0, m[k]), (-1 / r0, m[f]))
        if order == 3:
            r0, r1 = (lam[k] - lam[f]) / h, (lam[k - 1] - lam[f]) / h
            d10, d11 = lin((1 / r1, m[k - 1]), (-1 / r1, m[f])), lin((1 / r0, m[k]), (-1 / r0, m[f]))
            d1 = lin((r0 / (r0 - r1), d10), (-r1 / (r0 - r1), d11))
            d2 = lin((2 / (r0 - r1), d11), (-2 / (r0 - r1), d10))
            if not heun:
                d1, d2 = d11, [0.0] * 3
        x = step(kind, start, rho[f], rho[k + 1], m[f], d1, d2, heun, noise(k))
        out.append(x)
    return out


def ddpm(learned, n=5):
    ts = [i * (1000 // n) for i in range(n)][::-1]
    x, out = X, []
    for k, t in enumerate(ts):
        p = t - 1000 // n
        a, b = ABAR[t], ABAR[p] if p >= 0 else 1.0
        beta = 1 - a / b
        eps = net(x, t)
        x0 = lin((1 / sqrt(a), x), (-sqrt(1 - a) / sqrt(a), eps))
        mean = lin((sqrt(b) * beta / (1 - a), x0), (sqrt(a / b) * (1 - b) / (1 - a), x))
        small = max((1 - b) / (1 - a) * beta, 1e-20)
        if t > 0:
            for j, z in enumerate(noise(k)):
                v = 0.5 * cos(t / 200 + j)
                if learned == "learned":
                    sd = sqrt(0.6 + v)
                else:
                    sd = exp(0.5 * ((v + 1) / 2 * log(beta) + (1 - v) / 2 * log(small)))
                mean[j] += sd * z
        x = mean
        out.append(x)
    return out


def unipc(off, n=6):
    """UniPC-2 with bh2 on x0, without the corrections after the calls of off."""
    ts, rho = levels(n, True)
    lam = [split(r)[2] for r in rho]
    x, out, m, last, orders = X, [], [], None, []

    def system(r, hh):
        b, phi, fact = [], expm1(hh) / hh - 1, 1
        for i in range(1, len(r) + 1):
            b.append(phi * fact / expm1(hh))
            fact *= i + 1
            phi = phi / hh - 1 / fact
        if len(r) == 1:
            return [0.5]
        det = r[1] - r[0]  # [[1, 1], [r0, r1]]
        return [(r[1] * b[0] - b[1]) / det, (b[1] - r[0] * b[0]) / det]

    for k in range(n):
        new = said(x, ts[k], rho[k], True)
        if k > 0 and k - 1 not in off:
            _, sf, _ = split(rho[k - 1])
            at, st, _ = split(rho[k])
            h = lam[k] - lam[k - 1]
            r, d = [], []
            if orders[-1] == 2:
                r.append((lam[k - 2] - lam[k - 1]) / h)
                d.append(lin((1 / r[0], m[-2]), (-1 / r[0], m[-1])))
            r.append(1.0)
            d.append(lin((1, new), (-1, m[-1])))
            c = system(r, -h)
            x = lin((st / sf, last), (-at * expm1(-h), m[-1]), *[(-at * expm1(-h) * w, v) for w, v in zip(c, d)])
        m.append(new)
        order = min(2, n - k, k + 1)
        _, sf, _ = split(rho[k])
        at, st, _ = split(rho[k + 1])
        h = lam[k + 1] - lam[k]
        terms = [(st / sf, x), (-at * expm1(-h), m[-1])]
        if order == 2:
            r0 = (lam[k - 1] - lam[k]) / h
            terms += [(-at * expm1(-h) * 0.5 / r0, m[-2]), (at * expm1(-h) * 0.5 / r0, m[-1])]
        last, x = x, lin(*terms)
        orders.append(order)
        out.append(x)
    return out


def inverted(shift, n=5):
    def sh(s):
        return shift * s / (1 + (shift - 1) * s)

    lo = sh(1 / 1000)
    s = [1 - sh(1 + i / (n - 1) * (lo - 1)) for i in range(n)] + [1.0]
    x, out = X, []
    for k in range(n):
        x = lin((1, x), (s[k + 1] - s[k], net(x, 1000 * s[k])))
        out.append(x)
    return out


CASES = []


def case(cls, steps, states, **config):
    CASES.append({"class": cls + "Scheduler", "config": config, "steps": steps, "states": states})


M, S = "DPMSolverMultistep", "DPMSolverSinglestep"
two = [1, 2, 2, 2, 2, 1]
case(M, 6, multistep("sde-dpmsolver", 1, False, False, [1] * 6), algorithm_type="sde-dpmsolver", solver_order=1, final_sigmas_type="sigma_min")
case(M, 6, multistep("sde-dpmsolver", 2, False, False, two), algorithm_type="sde-dpmsolver", final_sigmas_type="sigma_min")
case(M, 6, multistep("sde-dpmsolver", 2, True, False, [1] + [2] * 5), algorithm_type="sde-dpmsolver", solver_type="heun", lower_order_final=False, final_sigmas_type="sigma_min")
case(M, 6, multistep("dpmsolver++", 2, False, False, two), lower_order_final=False, euler_at_final=True, final_sigmas_type="sigma_min")
case(M, 6, multistep("dpmsolver++", 3, False, False, [1, 2, 3, 3, 3, 1]), solver_order=3, lower_order_final=False, euler_at_final=True, final_sigmas_type="sigma_min")
case(M, 6, multistep("dpmsolver", 3, False, False, [1, 2, 3, 3, 3, 1]), algorithm_type="dpmsolver", solver_order=3, lower_order_final=False, euler_at_final=True, final_sigmas_type="sigma_min")
case(M, 6, multistep("sde-dpmsolver++", 3, False, False, [1, 2, 3, 3, 3, 1]), algorithm_type="sde-dpmsolver++", solver_order=3, lower_order_final=False, euler_at_final=True, final_sigmas_type="sigma_min")
case(M, 6, multistep("sde-dpmsolver++", 2, True, False, two), algorithm_type="sde-dpmsolver++", solver_type="heun", lower_order_final=False, euler_at_final=True, final_sigmas_type="sigma_min")
for heun in (False, True):
    kind = "heun" if heun else "midpoint"
    case(S, 6, singlestep("sde-dpmsolver++", heun, True, [1, 2, 1, 2, 1, 1]), algorithm_type="sde-dpmsolver++", solver_type=kind)
    case(S, 6, singlestep("sde-dpmsolver++", heun, True, [1, 2, 3, 1, 2, 1]), algorithm_type="sde-dpmsolver++", solver_type=kind, solver_order=3)
case(S, 6, singlestep("dpmsolver", False, False, [1, 2] * 3, True), algorithm_type="dpmsolver", final_sigmas_type="sigma_min", thresholding=True, sample_max_value=2.0)
case("DDPM", 5, ddpm("learned"), variance_type="learned", clip_sample=False)
case("DDPM", 5, ddpm("learned_range"), variance_type="learned_range", clip_sample=False)
case("UniPCMultistep", 6, unipc([0, 2]), disable_corrector=[0, 2])
case("UniPCMultistep", 6, unipc([1]), disable_corrector=[1, 17])
case("FlowMatchEulerDiscrete", 5, inverted(3.0), invert_sigmas=True, shift=3.0)
print(json.dumps(CASES, indent=1))
