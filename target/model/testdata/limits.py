"""Makes limits.json: densities, distribution functions, quantiles, truncation and censoring by scipy (1.17.1).

python3 limits.py

A case is an expression of the model language over arrays p0, p1, …, which a test makes data or traced values of, and its
values. "flat": the derivative is zero or the values are of data alone.
"""
import json
import numpy as np
from scipy import stats as S
from scipy.special import gammaln, multigammaln, expit
from scipy.stats import norm

A = np.asarray
cases = []

def case(expr, params, want, flat=False, tol=1e-11):
    want = A(want, float)
    cases.append({"expr": expr, "params": [A(p).tolist() for p in params], "shape": list(want.shape),
                  "want": want.ravel().tolist(), "flat": flat, "tol": tol})

class Law:
    """By mixing of log1p: what scipy lacks."""

def frozen(name, p):
    a = p[0]
    b = p[1] if len(p) > 1 else None
    return {
        "normal": lambda: S.norm(a, b), "half_normal": lambda: S.halfnorm(scale=a), "cauchy": lambda: S.cauchy(a, b),
        "student_t": lambda: S.t(a, b, p[2]), "half_cauchy": lambda: S.halfcauchy(scale=a),
        "exponential": lambda: S.expon(scale=1 / a), "gamma": lambda: S.gamma(a, scale=1 / b),
        "inverse_gamma": lambda: S.invgamma(a, scale=b), "beta": lambda: S.beta(a, b),
        "lognormal": lambda: S.lognorm(b, scale=np.exp(a)), "laplace": lambda: S.laplace(a, b),
        "logistic": lambda: S.logistic(a, b), "weibull": lambda: S.weibull_min(a, scale=b),
        "pareto": lambda: S.pareto(b, scale=a), "gumbel": lambda: S.gumbel_r(a, b), "frechet": lambda: S.invweibull(a, scale=b),
        "rayleigh": lambda: S.rayleigh(scale=a), "chi_square": lambda: S.chi2(a), "inv_chi_square": lambda: S.invgamma(a / 2, scale=.5),
        "skew_normal": lambda: S.skewnorm(p[2], a, b), "bernoulli": lambda: S.bernoulli(a),
        "bernoulli_logit": lambda: S.bernoulli(expit(a)), "binomial": lambda: S.binom(a, b),
        "binomial_logit": lambda: S.binom(a, expit(b)), "poisson": lambda: S.poisson(a), "poisson_log": lambda: S.poisson(np.exp(a)),
        "neg_binomial": lambda: S.nbinom(a, b / (1 + b)), "neg_binomial_2": lambda: S.nbinom(b, b / (a + b)),
        "beta_binomial": lambda: S.betabinom(a, b, p[2]), "geometric": lambda: S.geom(a, loc=-1),
        "von_mises": lambda: S.vonmises(b, a),
    }[name]()

pos, real, unit = A([.7, 1.9, 3.4]), A([-.6, .4, 1.3]), A([.2, .55, .9])
table = {  # parameters, points, bounds of a truncation
    "normal": ([real, pos], [-1.5, .3, 6.], (-2., 8.)), "half_normal": ([pos], [.1, 2., 9.], (.05, 11.)),
    "student_t": ([pos, real, pos], [-20., .4, 3.], (-30., 5.)), "cauchy": ([real, pos], [-40., .4, 3.], (-50., 5.)),
    "half_cauchy": ([pos], [.1, 2., 90.], (.05, 100.)), "exponential": ([pos], [.1, 2., 9.], (.05, 11.)),
    "gamma": ([pos, pos], [.1, .8, 4.], (.05, 6.)), "inverse_gamma": ([pos, pos], [.3, .8, 9.], (.1, 12.)),
    "beta": ([pos, pos], [.01, .4, .98], (.005, .99)), "lognormal": ([real, pos], [.1, .8, 9.], (.05, 12.)),
    "laplace": ([real, pos], [-4., .3, 6.], (-5., 8.)), "logistic": ([real, pos], [-4., .3, 9.], (-5., 12.)),
    "weibull": ([pos, pos], [.1, .8, 4.], (.05, 6.)), "pareto": ([A([.5, .7, .9]), pos], [1., 2., 9.], (.95, 12.)),
    "gumbel": ([real, pos], [-1., .3, 9.], (-2., 12.)), "frechet": ([pos, pos], [.3, .8, 9.], (.2, 12.)),
    "rayleigh": ([pos], [.1, 2., 9.], (.05, 11.)), "chi_square": ([pos], [.1, 2., 9.], (.05, 11.)),
    "inv_chi_square": ([pos], [.2, 2., 9.], (.1, 11.)), "skew_normal": ([real, pos, A([-2., .8, 3.])], [-1.2, .5, 4.], (-2., 5.)),
    "von_mises": ([real, pos], [-2., .3, 2.5], (-2.5, 3.)),
}
counts = {
    "bernoulli": ([unit], [0, 0, 1], (0, 1)), "bernoulli_logit": ([real], [0, 0, 1], (0, 1)),
    "binomial": ([A([4, 5, 6]), unit], [0, 2, 5], (0, 5)), "binomial_logit": ([A([4, 5, 6]), real], [1, 2, 5], (1, 5)),
    "poisson": ([pos], [0, 2, 5], (0, 6)), "poisson_log": ([real], [1, 2, 5], (1, 6)), "neg_binomial": ([pos, pos], [0, 2, 5], (0, 6)),
    "neg_binomial_2": ([pos, pos], [1, 2, 5], (1, 6)), "beta_binomial": ([A([4, 5, 6]), pos, pos], [1, 2, 5], (1, 5)),
    "geometric": ([unit], [0, 2, 1], (0, 4)),
}
for group, discrete in ((table, False), (counts, True)):
    for name, (p, x, (lo, hi)) in group.items():
        d, k, x = frozen(name, p), len(p), A(x)
        args = ", ".join("p%d" % i for i in range(k))
        call = "%s(%s)" % (name, args)
        y = "[%s]" % ", ".join(repr(float(v)) for v in x)
        lp, F, G = (d.logpmf if discrete else d.logpdf), d.logcdf, d.logsf
        if name == "von_mises":  # scipy counts from mu − π
            base = d.cdf(-np.pi)
            F, G = (lambda v, d=d: np.log(d.cdf(v) - base)), (lambda v, d=d: np.log1p(-(d.cdf(v) - base)))
        case("%s.log(%s)" % (call, y), p, lp(x))
        loose = 1e-9 if name in ("skew_normal", "von_mises") else 1e-11
        case("%s.log_cdf(%s)" % (call, y), p, F(x), tol=loose)
        if not (discrete and np.any(np.isinf(G(x)))):
            case("%s.log_ccdf(%s)" % (call, y), p, G(x), tol=loose)
        q = A([.03, .5, .93])
        if name != "von_mises":
            case("%s.quantile([.03, .5, .93])" % call, p, d.ppf(q), flat=discrete, tol=1e-9)
        # truncated on both sides, and by one
        below = lo - 1 if discrete else lo
        both = np.log(np.exp(F(A(float(hi)) + 0 * x)) - np.where(below < 0, 0, d.cdf(below)) if discrete else np.exp(F(hi + 0 * x)) - np.exp(F(lo + 0 * x)))
        case("%s(%s, lower = %r, upper = %r).log(%s)" % (name, args, lo, hi, y), p, lp(x) - both, tol=loose * 10)
        case("%s(%s, upper = %r).log(%s)" % (name, args, hi, y), p, lp(x) - F(hi + 0 * x), tol=loose)
        if not discrete or lo > 0:
            case("%s(%s, lower = %r).log(%s)" % (name, args, lo, y), p, lp(x) - G(below + 0 * x), tol=loose)
# far out: the tail keeps its digits
case("normal(p0, 1, lower = 30).log([30.1])", [[0.]], norm.logpdf([30.1]) - norm.logsf(30))
case("normal(p0, 1, lower = -31, upper = -30).log([-30.5])", [[0.]], norm.logpdf([-30.5]) - (norm.logcdf(-30) + np.log1p(-np.exp(norm.logcdf(-31) - norm.logcdf(-30)))))
case("normal(p0, 1, lower = 30).quantile([.5])", [[0.]], [norm.isf(.5 * norm.sf(30))], tol=1e-10)
case("normal(0, 1, lower = p0).log([.5, 2.])", [[-.3, 1.]], norm.logpdf([.5, 2.]) - norm.logsf([-.3, 1.]))
case("normal(0, 1, lower = p0, upper = 3).cdf([.5, 2.])", [[-.3, 1.]], (norm.cdf([.5, 2.]) - norm.cdf([-.3, 1.])) / (norm.cdf(3) - norm.cdf([-.3, 1.])))
case("gamma(p0, 2, lower = 1, upper = 4).quantile([.2, .9])", [[1.5, 3.]],
     S.gamma([1.5, 3.], scale=.5).ppf(S.gamma([1.5, 3.], scale=.5).cdf(1) + A([.2, .9]) * (S.gamma([1.5, 3.], scale=.5).cdf(4) - S.gamma([1.5, 3.], scale=.5).cdf(1))), tol=1e-9)

# zero-inflated and hurdle
y = A([0, 2, 5])
for name, args, p in (("poisson", "p1", [pos]), ("neg_binomial_2", "p1, p2", [pos, pos])):
    d = frozen(name, p)
    th = A([.3, .1, .6])
    zi = np.where(y == 0, np.log(th + (1 - th) * d.pmf(0)), np.log1p(-th) + d.logpmf(y))
    hu = np.where(y == 0, np.log(th), np.log1p(-th) + d.logpmf(y) - np.log1p(-d.pmf(0)))
    case("zero_inflated(p0, %s(%s)).log([0, 2, 5])" % (name, args), [th] + p, zi)
    case("hurdle(p0, %s(%s)).log([0, 2, 5])" % (name, args), [th] + p, hu)
    case("zero_inflated(p0, %s(%s)).cdf([0, 2, 5])" % (name, args), [th] + p, th + (1 - th) * d.cdf(y))
    case("hurdle(p0, %s(%s)).cdf([0, 2, 5])" % (name, args), [th] + p, th + (1 - th) * (d.cdf(y) - d.pmf(0)) / (1 - d.pmf(0)))
d = frozen("lognormal", [real, pos])
case("hurdle(p0, lognormal(p1, p2)).log([0, 2., 5.])", [[.3, .1, .6], real, pos],
     np.where(y == 0, np.log([.3, .1, .6]), np.log1p(-A([.3, .1, .6])) + d.logpdf(np.where(y == 0, 1, y))))

# vectors and matrices
Sig = A([[2., .3, .1], [.3, 1., -.2], [.1, -.2, .5]])
L = np.linalg.cholesky(Sig)
X = A([[.1, .5, -.3], [1.2, -2., .4]])
case("multi_student_t(3.5, p0, cov = %s).log(%s)" % (Sig.tolist(), X.tolist()), [[.2, -.1, .4]], S.multivariate_t([.2, -.1, .4], Sig, df=3.5).logpdf(X))
case("multi_student_t(p0[0], [.2, -.1, .4], cholesky = %s).log(%s)" % (L.tolist(), X[0].tolist()), [[3.5]], S.multivariate_t([.2, -.1, .4], Sig, df=3.5).logpdf(X[0]))
W = A([[3., .5, .2], [.5, 2., .1], [.2, .1, 1.]])
case("wishart(p0[0], scale = %s).log(%s)" % (Sig.tolist(), W.tolist()), [[4.5]], S.wishart(4.5, Sig).logpdf(W))
case("wishart(p0[0], cholesky = %s).log(%s)" % (L.tolist(), W.tolist()), [[4.5]], S.wishart(4.5, Sig).logpdf(W))
case("inverse_wishart(p0[0], scale = %s).log(%s)" % (Sig.tolist(), W.tolist()), [[4.5]], S.invwishart(4.5, Sig).logpdf(W))
Y = A([[1, 4, 2], [0, 2, 5]])
case("multinomial(7, softmax(p0)).log(%s)" % Y.tolist(), [[.3, .1, -.4]], [S.multinomial(7, np.exp([.3, .1, -.4]) / np.exp([.3, .1, -.4]).sum()).logpmf(r) for r in Y])
cut = A([-1., .2, 1.5])
eta = A([-.5, .3, 4., -30.])
for name, F in (("ordered_logistic", S.logistic), ("ordered_probit", S.norm)):
    def lp(e, y):
        if y == 0:
            return F.logcdf(cut[0] - e)
        if y == 3:
            return F.logsf(cut[2] - e)
        a, b = F.logsf(cut[y - 1] - e), F.logsf(cut[y] - e)
        c, d = F.logcdf(cut[y] - e), F.logcdf(cut[y - 1] - e)
        return a + np.log1p(-np.exp(b - a)) if b < d else c + np.log1p(-np.exp(d - c))
    yy = [0, 1, 3, 2] if name == "ordered_logistic" else [0, 1, 2, 1]
    case("%s(p0, p1).log(%s)" % (name, yy), [eta, cut], [lp(e, v) for e, v in zip(eta, yy)])
    case("%s(p0[1], p1).log(%s)" % (name, [2, 0]), [eta, cut], [lp(eta[1], 2), lp(eta[1], 0)])
json.dump(cases, open("limits.json", "w"))
print(len(cases))
