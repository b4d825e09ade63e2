"""Makes families.json: log densities by scipy for every family with numbers, vectors and rows of parameters at numbers and vectors of data.

python3 families.py    (scipy 1.17.1, numpy)

A case is an expression of the model language and its values; p0, p1, … are arrays that a test makes data or traced values of.
"""
import json
import numpy as np
from scipy import stats as S
from scipy.special import log_softmax

I = lambda v: np.round(v)
pos, real, unit = [.7, 1.9, 3.4], [-.6, .4, 1.3], [.2, .55, .9]
halfnorm = lambda x, s: S.halfnorm.logpdf(x, scale=s)
families = {
    "normal": ([real, pos], real, lambda x, m, s: S.norm.logpdf(x, m, s)),
    "half_normal": ([pos], pos, halfnorm),
    "student_t": ([pos, real, pos], real, lambda x, n, m, s: S.t.logpdf(x, n, m, s)),
    "cauchy": ([real, pos], real, lambda x, m, s: S.cauchy.logpdf(x, m, s)),
    "half_cauchy": ([pos], pos, lambda x, s: S.halfcauchy.logpdf(x, scale=s)),
    "exponential": ([pos], pos, lambda x, r: S.expon.logpdf(x, scale=1 / np.asarray(r))),
    "gamma": ([pos, pos], pos, lambda x, a, b: S.gamma.logpdf(x, a, scale=1 / np.asarray(b))),
    "inverse_gamma": ([pos, pos], pos, lambda x, a, b: S.invgamma.logpdf(x, a, scale=b)),
    "beta": ([pos, pos], unit, lambda x, a, b: S.beta.logpdf(x, a, b)),
    "lognormal": ([real, pos], pos, lambda x, m, s: S.lognorm.logpdf(x, s, scale=np.exp(m))),
    "laplace": ([real, pos], real, lambda x, m, b: S.laplace.logpdf(x, m, b)),
    "logistic": ([real, pos], real, lambda x, m, s: S.logistic.logpdf(x, m, s)),
    "bernoulli": ([unit], [0, 1, 1], lambda y, t: S.bernoulli.logpmf(y, t)),
    "bernoulli_logit": ([real], [0, 1, 1], lambda y, a: S.bernoulli.logpmf(y, 1 / (1 + np.exp(-np.asarray(a))))),
    "binomial": ([[4, 5, 6], unit], [0, 3, 4], lambda y, n, t: S.binom.logpmf(y, n, t)),
    "binomial_logit": ([[4, 5, 6], real], [0, 3, 4], lambda y, n, a: S.binom.logpmf(y, n, 1 / (1 + np.exp(-np.asarray(a))))),
    "poisson": ([pos], [0, 2, 5], lambda y, m: S.poisson.logpmf(y, m)),
    "poisson_log": ([real], [0, 2, 5], lambda y, a: S.poisson.logpmf(y, np.exp(a))),
    "neg_binomial": ([pos, pos], [0, 2, 5], lambda y, a, b: S.nbinom.logpmf(y, a, np.asarray(b) / (1 + np.asarray(b)))),
    "neg_binomial_2": ([pos, pos], [0, 2, 5], lambda y, m, p: S.nbinom.logpmf(y, p, np.asarray(p) / (np.asarray(m) + np.asarray(p)))),
}
cases = []

def case(expr, params, y, want):
    want = np.asarray(want, float)
    cases.append({"expr": expr, "params": params, "y": y, "shape": list(want.shape), "want": want.ravel().tolist()})

for name, (params, data, lp) in families.items():
    names = ", ".join("p%d" % i for i in range(len(params)))
    # every parameter a number or a vector, and rows [3, 1] of the first
    for mask in range(2 ** len(params)):
        p = [v if mask >> i & 1 else v[1] for i, v in enumerate(params)]
        for y in (data, data[1]):
            case("%s(%s)" % (name, names), p, y, lp(np.asarray(y), *[np.asarray(v) for v in p]))
    p = [[[v] for v in params[0]]] + [v[1] for v in params[1:]]
    case("%s(%s)" % (name, names), p, data, lp(np.asarray(data), *[np.asarray(v) for v in p]))

P = [[.2, .5, .3], [.6, .1, .3], [.1, .1, .8], [.25, .5, .25]]
y = [2, 0, 1, 1]
for name, f in (("categorical", np.log), ("categorical_logit", lambda a: log_softmax(a, axis=-1))):
    L = f(np.asarray(P))
    case(name + "(p0)", [P[0]], y, [L[0][c] for c in y])
    case(name + "(p0)", [P[0]], 2, L[0][2])
    case(name + "(p0)", [P], y, [L[i][c] for i, c in enumerate(y)])
    case(name + "(p0)", [P], 1, [l[1] for l in L])
    case(name + "(p0)", [P[0]], [[2, 0], [1, 1]], [[L[0][2], L[0][0]], [L[0][1], L[0][1]]])
    case(name + "(p0)", [[P[:2], P[2:]]], [[2, 0], [1, 1]], [[L[0][2], L[1][0]], [L[2][1], L[3][1]]])
    case(name + "(p0)", [[P[0]]], [2], [L[0][2]])
    case(name + "(p0)", [[[1.], [1.]]], [0, 0], [0., 0.])
X = [[.2, .5, .3], [.6, .1, .3]]
A = [[.5, 2., 1.], [3., 1., .2]]
dirichlet = lambda x, a: S.dirichlet.logpdf(np.asarray(x), np.asarray(a))
case("dirichlet(p0)", [A[0]], X[0], dirichlet(X[0], A[0]))
case("dirichlet(p0)", [A[0]], X, [dirichlet(x, A[0]) for x in X])
case("dirichlet(p0)", [A], X, [dirichlet(x, a) for x, a in zip(X, A)])
case("dirichlet(p0)", [A], X[0], [dirichlet(X[0], a) for a in A])
C = [[2., .3, -.1], [.3, 1., .4], [-.1, .4, .8]]
Lc = np.linalg.cholesky(np.asarray(C)).tolist()
M = [[.1, .2, .3], [-1., 0., 2.]]
Y = [[1., .5, -.5], [.2, .1, 0.]]
mvn = lambda x, m: S.multivariate_normal.logpdf(x, m, C)
for arg, mat in (("cov", C), ("cholesky", Lc)):
    e = "multi_normal(p0, %s = p1)" % arg
    case(e, [M[0], mat], Y[0], mvn(Y[0], M[0]))
    case(e, [M[0], mat], Y, [mvn(v, M[0]) for v in Y])
    case(e, [M, mat], Y, [mvn(v, m) for v, m in zip(Y, M)])
    case(e, [M, mat], Y[0], [mvn(Y[0], m) for m in M])
    case(e, [0., mat], Y, [mvn(v, [0, 0, 0]) for v in Y])
W = [[.3, .7], [.5, .5], [.9, .1]]
comp = [lambda v: S.norm.logpdf(v, 0, 1), lambda v: S.gamma.logpdf(v, 2, scale=1)]
mix = lambda w, v: np.logaddexp(np.log(w[0]) + comp[0](v), np.log(w[1]) + comp[1](v))
e = "mixture(p0, [normal(0, 1), gamma(2, 1)])"
case(e, [W[0]], pos, [mix(W[0], v) for v in pos])
case(e, [W[0]], pos[0], mix(W[0], pos[0]))
case(e, [W], pos, [mix(w, v) for w, v in zip(W, pos)])
case(e, [W], pos[0], [mix(w, pos[0]) for w in W])
case(e, [W[0]], [-1., 2.], [mix(W[0], -1.), mix(W[0], 2.)])
case("mixture(p0, [normal(p1, 1), normal(0, 2)])", [W, real], pos, [np.logaddexp(np.log(w[0]) + S.norm.logpdf(v, m, 1), np.log(w[1]) + S.norm.logpdf(v, 0, 2)) for w, m, v in zip(W, real, pos)])
case("mixture(p0, [categorical([.2, .8]), categorical([.5, .5])])", [W[0]], [0, 1], [np.log(.3 * .2 + .7 * .5), np.log(.3 * .8 + .7 * .5)])
case("uniform(-1, 3)", [], real, [-np.log(4)] * 3)
case("uniform(-1, 3)", [], 5, -np.inf)
for c in cases:
    c["want"] = [v if np.isfinite(v) else None for v in c["want"]]
with open("families.json", "w") as o:
    o.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
