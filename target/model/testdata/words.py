"""Makes words.json: values of matrix words, kernels, hidden Markov models and equations by numpy and scipy (1.17.1).

python3 words.py

Cases as in limits.py.
"""
import itertools
import json
import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.special import logsumexp

A = np.asarray
cases = []

def case(expr, params, want, flat=False, tol=1e-11):
    want = A(want, float)
    cases.append({"expr": expr, "params": [A(p).tolist() for p in params], "shape": list(want.shape),
                  "want": want.ravel().tolist(), "flat": flat, "tol": tol})

M = A([[2., .5, -.3], [.1, 1.5, .4], [.6, -.2, 3.]])
S = A([[2., .5, -.3], [.5, 1.5, .4], [-.3, .4, 3.]])
b = A([.3, -1., 2.])
case("solve(p0, p1)", [M, b], np.linalg.solve(M, b))
case("solve(p0, p1)", [M, S], np.linalg.solve(M, S))
case("inverse(p0)", [M], np.linalg.inv(M))
case("matrix_exp(p0)", [M], expm(M))
case("matrix_exp(8 * p0 - 3)", [M], expm(8 * M - 3), tol=1e-9)
case("eigenvalues_sym(p0)", [S], np.linalg.eigvalsh(S))
v = np.linalg.eigh(S)[1]
v = v * np.sign([v[np.argmax(np.abs(v[:, j])), j] for j in range(3)])
case("eigenvectors_sym(p0)", [S], v)

x, z = A([.1, .7, 1.9, 2.2]), A([.5, 1.])
X = A([[.1, 2.], [.7, -1.], [1.9, .3], [2.2, .8]])
s, l = A(1.3), A(.8)
d = np.abs(x[:, None] - x)
dz = np.abs(x[:, None] - z)
K = {"gp_exp_quad": lambda r: s**2 * np.exp(-r**2 / 2), "gp_matern12": lambda r: s**2 * np.exp(-r),
     "gp_matern32": lambda r: s**2 * (1 + 3**.5 * r) * np.exp(-3**.5 * r),
     "gp_matern52": lambda r: s**2 * (1 + 5**.5 * r + 5 / 3 * r**2) * np.exp(-5**.5 * r)}
for name, k in K.items():
    case(name + "(p0, p1, p2)", [x, s, l], k(d / l))
    case(name + "([.1, .7, 1.9, 2.2], p1, p2, [.5, 1.])", [x, s, l], k(dz / l))
    L = A([.8, 2.5])
    case(name + "(p0, p1, p2)", [X, s, L], k(np.sqrt((((X[:, None] - X) / L)**2).sum(-1))))
case("gp_periodic(p0, p1, p2, p3)", [x, s, l, A(1.7)], s**2 * np.exp(-2 * np.sin(np.pi * d / 1.7)**2 / l**2))
Kn = K["gp_exp_quad"]
Kxx, Kzz, Kxz, y = Kn(d / l) + .1 * np.eye(4), Kn(np.abs(z[:, None] - z) / l), Kn(dz / l), A([1., .2, -.5, .3])
call = "gp_predict(gp_exp_quad(p0, p1, p2) + .1 * eye(4), gp_exp_quad([.5, 1.], p1, p2), gp_exp_quad(p0, p1, p2, [.5, 1.]), [1, .2, -.5, .3])"
case(call + "[0]", [x, s, l], Kxz.T @ np.linalg.solve(Kxx, y))
case(call + "[1]", [x, s, l], Kzz - Kxz.T @ np.linalg.solve(Kxx, Kxz))

# hidden Markov models, by the sum over all paths
rng = np.random.default_rng(1)
lo = rng.normal(size=(5, 3))
P = rng.dirichlet([1, 2, 1], size=3)
first = A([.5, .2, .3])
paths = list(itertools.product(range(3), repeat=5))
lp = A([np.log(first[p[0]]) + lo[0, p[0]] + sum(np.log(P[p[t - 1], p[t]]) + lo[t, p[t]] for t in range(1, 5)) for p in paths])
T = "[%s]" % ", ".join(str(r.tolist()) for r in P)
args = "(p0, %s, [.5, .2, .3])" % T
case("hmm_forward" + args, [lo], logsumexp(lp))
w = np.exp(lp - logsumexp(lp))
case("hmm_probs" + args, [lo], [[sum(w[i] for i, p in enumerate(paths) if p[t] == k) for k in range(3)] for t in range(5)])
case("hmm_viterbi" + args, [lo], paths[int(np.argmax(lp))], flat=True)
lo2 = lo - 2000
case("hmm_forward" + args, [lo2], logsumexp(lp) - 10000)

# scans
y = A([.5, -.3, 1.2, .1])
def garch(s2, w=.3, a=.2, bb=.5):
    out = []
    for v in y:
        out.append(s2)
        s2 = w + a * v**2 + bb * s2
    return s2, out
case("scan(lambda s, v: (p0 + .2 * v * v + .5 * s, s), p1, [.5, -.3, 1.2, .1])[1]", [A(.3), A(.9)], garch(.9)[1])
case("scan(lambda s, v: (p0 + .2 * v * v + .5 * s, None), p1, [.5, -.3, 1.2, .1])[0]", [A(.3), A(.9)], garch(.9)[0])
a, bb = A(.4), A([1., 2.])
c = [a, bb]
out = []
for i in range(3):
    c = [c[0] * 1.1 + c[1].sum(), c[1] * (c[0] * 1.1 + c[1].sum())]
    out.append(c[1].copy())
case("scan(lambda c, _: ((c[0] * 1.1 + sum(c[1]), c[1] * (c[0] * 1.1 + sum(c[1]))), (c[1] * (c[0] * 1.1 + sum(c[1])), c[0])), (p0, p1), length = 3)[1][0]", [a, bb], out)

# equations
t = A([.5, 1., 3., 8.])
def solved(f, y0, method="DOP853"):
    return solve_ivp(f, (0, t[-1]), y0, t_eval=t, rtol=1e-12, atol=1e-13, method=method).y.T
lv = lambda t, u: [u[0] * (.9 - .6 * u[1]), u[1] * (-1.1 + .5 * u[0])]
want = solved(lv, [1., .6])
rhs = "lambda t, u, q: [u[0] * (q[0] - .6 * u[1]), u[1] * (-1.1 + q[1] * u[0])]"
call = "ode(%s, p0, [.5, 1, 3, 8], [p1, .5]" % rhs
case(call + ")", [A([1., .6]), A(.9)], want, tol=5e-5, flat=True)
case(call + ", rtol = 1e-10, atol = 1e-12, max_steps = 300)", [A([1., .6]), A(.9)], want, tol=1e-8, flat=True)
case(call + ", steps = 20)", [A([1., .6]), A(.9)], want, tol=2e-5)
case(call + ", steps = 40, method = 'stiff')", [A([1., .6]), A(.9)], want, tol=2e-4)
case(call + ", method = 'stiff', max_steps = 200)", [A([1., .6]), A(.9)], want, tol=1e-4, flat=True)
k = A([.04, 3e7, 1e4])
rob = lambda t, u: [-k[0] * u[0] + k[2] * u[1] * u[2], k[0] * u[0] - k[2] * u[1] * u[2] - k[1] * u[1]**2, k[1] * u[1]**2]
want = solved(rob, [1., 0, 0], "Radau")
case("ode(lambda t, u: [-p0 * u[0] + 1e4 * u[1] * u[2], p0 * u[0] - 1e4 * u[1] * u[2] - 3e7 * u[1] * u[1], 3e7 * u[1] * u[1]], "
     "[1, 0, 0], [.5, 1, 3, 8], method = 'stiff', atol = 1e-10, max_steps = 150)", [k[0]], want, tol=1e-5, flat=True)
sir = lambda t, u: [-2.1 * u[0] * u[1], 2.1 * u[0] * u[1] - .8 * u[1], .8 * u[1] + .01 * np.sin(t)]
case("ode(lambda t, u: [-p0 * u[0] * u[1], p0 * u[0] * u[1] - .8 * u[1], .8 * u[1] + .01 * sin(t)], [.99, .01, 0], [.5, 1, 3, 8], steps = 10)",
     [A(2.1)], solved(sir, [.99, .01, 0]), tol=1e-5)
json.dump(cases, open("words.json", "w"))
print(len(cases))
