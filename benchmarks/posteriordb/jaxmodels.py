"""Ten posteriors of posteriordb in JAX, over unconstrained parameters: MODELS[name](data) is (dimension, f), where f(x)
returns the log density up to a constant and the parameters by name. Transforms and their Jacobians are Stan's."""
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import solve_triangular
from jax.scipy.special import logsumexp


def normal(x, m, s): return jnp.sum(-.5 * ((x - m) / s) ** 2 - jnp.log(s * jnp.ones_like(x)))
def cauchy(x, s): return jnp.sum(-jnp.log1p((x / s) ** 2))
def student3(x, m, s): return -2 * jnp.log1p(((x - m) / s) ** 2 / 3)
def positive(u): return jnp.exp(u), jnp.sum(u)


def unit(u, hi=1.):
    return hi * jax.nn.sigmoid(u), jnp.sum(jnp.log(hi) - jax.nn.softplus(u) - jax.nn.softplus(-u))


def arK(d):
    K, T, y = d["K"], d["T"], np.array(d["y"])
    lags, rest = np.stack([y[K - k - 1:T - k - 1] for k in range(K)], 1), y[K:]

    def f(x):
        alpha, beta, (sigma, j) = x[0], x[1:K + 1], positive(x[K + 1])
        lp = normal(alpha, 0, 10) + normal(beta, 0, 10) + cauchy(sigma, 2.5) + j
        return lp + normal(rest, alpha + lags @ beta, sigma), {"alpha": alpha, "beta": beta, "sigma": sigma}
    return K + 2, f


def arma11(d):
    y = jnp.array(d["y"])

    def f(x):
        mu, phi, theta, (sigma, j) = x[0], x[1], x[2], positive(x[3])

        def step(e, v):
            e = v[1] - (mu + phi * v[0] + theta * e)
            return e, e
        first = y[0] - (mu + phi * mu)
        _, err = jax.lax.scan(step, first, jnp.stack([y[:-1], y[1:]], 1))
        lp = normal(mu, 0, 10) + normal(phi, 0, 2) + normal(theta, 0, 2) + cauchy(sigma, 2.5) + j
        return lp + normal(err, 0, sigma) + normal(first, 0, sigma), {"mu": mu, "phi": phi, "theta": theta,
                                                                      "sigma": sigma}
    return 4, f


def garch11(d):
    y, s1 = jnp.array(d["y"]), d["sigma1"]

    def f(x):
        mu, (a0, j0), (a1, j1) = x[0], positive(x[1]), unit(x[2])
        b1, j2 = unit(x[3], 1 - a1)

        def step(s2, v):
            s2 = a0 + a1 * (v - mu) ** 2 + b1 * s2
            return s2, s2
        _, s2 = jax.lax.scan(step, jnp.asarray(s1 * s1), y[:-1])
        sd = jnp.concatenate([jnp.array([s1]), jnp.sqrt(s2)])
        return j0 + j1 + j2 + normal(y, mu, sd), {"mu": mu, "alpha0": a0, "alpha1": a1, "beta1": b1}
    return 4, f


def eight_schools(d):
    y, s = jnp.array(d["y"], float), jnp.array(d["sigma"], float)

    def f(x):
        eta, mu, (tau, j) = x[:8], x[8], positive(x[9])
        theta = mu + tau * eta
        lp = normal(eta, 0, 1) + normal(mu, 0, 5) + cauchy(tau, 5.) + j + normal(y, theta, s)
        return lp, {"theta": theta, "mu": mu, "tau": tau}
    return 10, f


def kernel(x, alpha, rho, jitter):
    return alpha ** 2 * jnp.exp(-.5 * ((x[:, None] - x) / rho) ** 2) + jitter * jnp.eye(len(x))


def hyper(x):
    (rho, j0), (alpha, j1) = positive(x[0]), positive(x[1])
    return rho, alpha, j0 + j1 + 24 * jnp.log(rho) - 4 * rho + normal(alpha, 0, 2)


def gp_pois_regr(d):
    t, k = jnp.array(d["x"]), jnp.array(d["k"])

    def f(x):
        rho, alpha, lp = hyper(x)
        g = jnp.linalg.cholesky(kernel(t, alpha, rho, 1e-10)) @ x[2:]
        return lp + normal(x[2:], 0, 1) + jnp.sum(k * g - jnp.exp(g)), {"rho": rho, "alpha": alpha, "f": g}
    return 2 + len(t), f


def gp_regr(d):
    t, y = jnp.array(d["x"]), jnp.array(d["y"])

    def f(x):
        rho, alpha, lp = hyper(x)
        sigma, j = positive(x[2])
        L = jnp.linalg.cholesky(kernel(t, alpha, rho, sigma))
        z = solve_triangular(L, y, lower=True)
        lp += j + normal(sigma, 0, 1) - .5 * z @ z - jnp.sum(jnp.log(jnp.diag(L)))
        return lp, {"rho": rho, "alpha": alpha, "sigma": sigma}
    return 3, f


def hmm_drive_0(d):
    u, v, a = jnp.array(d["u"]), jnp.array(d["v"]), jnp.array(d["alpha"])

    def ascending(x):
        p = jnp.cumsum(jnp.exp(x))
        return p, jnp.sum(x)

    def f(x):
        p, j = unit(x[:2])  # simplexes of two
        P = jnp.stack([p, 1 - p], 1)
        (phi, j1), (lam, j2) = ascending(x[2:4]), ascending(x[4:6])
        lp = j + j1 + j2 + jnp.sum((a - 1) * jnp.log(P))
        lp += normal(phi, jnp.array([0., 3]), 1.) + normal(lam, jnp.array([0., 3]), 1.)
        lo = jnp.log(phi) - u[:, None] * phi + jnp.log(lam) - v[:, None] * lam

        def step(g, o):
            return logsumexp(g[:, None] + jnp.log(P), 0) + o, None
        last, _ = jax.lax.scan(step, lo[0], lo[1:])
        return lp + logsumexp(last), {"theta1": P[0], "theta2": P[1], "phi": phi, "lambda": lam}
    return 6, f


def low_dim_gauss_mix(d):
    y = jnp.array(d["y"])

    def f(x):
        mu = jnp.array([x[0], x[0] + jnp.exp(x[1])])
        (sigma, j), (theta, j1) = positive(x[2:4]), unit(x[4])
        lp = x[1] + j + j1 + normal(sigma, 0, 2) + normal(mu, 0, 2) + 4 * jnp.log(theta * (1 - theta))
        parts = -.5 * ((y[:, None] - mu) / sigma) ** 2 - jnp.log(sigma) + jnp.log(jnp.array([theta, 1 - theta]))
        return lp + jnp.sum(logsumexp(parts, 1)), {"mu": mu, "sigma": sigma, "theta": theta}
    return 5, f


def lotka_volterra(d):
    y0, y = jnp.array(d["y_init"]), jnp.array(d["y"])
    per = 10  # steps of the classical Runge-Kutta method of fourth order a year
    h = 1 / per

    def f(x):
        (theta, j), (z0, j1), (sigma, j2) = positive(x[:4]), positive(x[4:6]), positive(x[6:])

        def field(z):
            return jnp.array([(theta[0] - theta[1] * z[1]) * z[0], (-theta[2] + theta[3] * z[0]) * z[1]])

        def step(z, _):
            a = field(z); b = field(z + h / 2 * a); c = field(z + h / 2 * b); e = field(z + h * c)
            return z + h / 6 * (a + 2 * b + 2 * c + e), None

        def year(z, _):
            z, _ = jax.lax.scan(step, z, None, length=per)
            return z, z
        _, z = jax.lax.scan(year, z0, None, length=len(y))
        lp = j + j1 + j2 + normal(theta, jnp.array([1, .05, 1, .05]), jnp.array([.5, .05, .5, .05]))
        lp += normal(jnp.log(sigma), -1, 1) - jnp.sum(jnp.log(sigma))
        lp += normal(jnp.log(z0), jnp.log(10.), 1) - jnp.sum(jnp.log(z0))
        lp += normal(jnp.log(y0), jnp.log(z0), sigma)
        lp += normal(jnp.log(y), jnp.log(jnp.maximum(z, 1e-12)), sigma * jnp.ones_like(y))
        return lp, {"theta": theta, "z_init": z0, "sigma": sigma}
    return 8, f


def diamonds(d):
    X = np.array(d["X"])[:, 1:]
    means = X.mean(0)
    X, y, k = jnp.array(X - means), jnp.array(d["Y"]), X.shape[1]

    def f(x):
        b, c, (sigma, j) = x[:k], x[k], positive(x[k + 1])
        lp = j + normal(b, 0, 1) + student3(c, 8, 10) + student3(sigma, 0, 10) + normal(y, c + X @ b, sigma)
        return lp, {"b": b, "Intercept": c, "sigma": sigma, "b_Intercept": c - means @ b}
    return k + 2, f


MODELS = {"arK": arK, "arma11": arma11, "garch11": garch11, "eight_schools_noncentered": eight_schools,
          "gp_pois_regr": gp_pois_regr, "gp_regr": gp_regr, "hmm_drive_0": hmm_drive_0,
          "low_dim_gauss_mix": low_dim_gauss_mix, "lotka_volterra": lotka_volterra, "diamonds": diamonds}
