"""The kinetic optimum by quadrature, for TestKineticOnRing and TestKineticFromPoints: gamma(theta) = E|E[x0|x] - x sin|^2/(D cos^2)
with x = sin x0 + cos z, integrated over the density of x by the trapezoidal rule, and U and b of it. Needs numpy; prints what
the tests hold."""
import numpy as np


def gamma(points, h, theta, half, n):
    d = points.shape[1]
    s, c = np.sin(theta), np.cos(theta)
    v = s * s * h * h + c * c
    ax = np.linspace(-half, half, n)
    x = np.stack(np.meshgrid(*[ax] * d, indexing="ij"), -1).reshape(-1, d)
    q = np.stack([((x - s * p) ** 2).sum(1) for p in points], 1) / (2 * v)
    lo = q.min(1, keepdims=True)
    w = np.exp(lo - q)
    dens = w.mean(1) * np.exp(-lo[:, 0]) / (2 * np.pi * v) ** (d / 2) * (ax[1] - ax[0]) ** d
    w /= w.sum(1, keepdims=True)
    mean = w @ points
    x0 = mean + s * h * h / v * (x - s * mean)
    return float((dens * ((x0 - s * x) ** 2).sum(1)).sum() / (d * c * c)), float(dens.sum())


def optimum(points, h, nodes, half, n):
    th = np.pi / 2 * np.arange(nodes) / (nodes - 1)
    g, worst = np.zeros(nodes), 0.0
    for j in range(1, nodes - 1):
        g[j], m = gamma(points, h, th[j], half, n)
        worst = max(worst, abs(m - 1))
    g[-1] = min(max(2 * g[-2] - g[-3], 0), 1)
    return g, worst


def chord(g, floor):
    s = np.maximum(np.sqrt(np.clip(g, 0, 1)), floor)
    u = np.pi / 2 / (len(g) - 1) * (s.sum() - (s[0] + s[-1]) / 2)
    return u, 2 * (1 - np.cos(u))


h = .1
two = np.array([[-1.], [1.]]) * np.sqrt(1 - h * h)
g, worst = optimum(two, h, 65, 9, 20001)
print("two points: error of mass %.1g; gamma at quarters %s; U, b at floor .05 %.7f %.7f" % (worst, ["%.7f" % v for v in g[::16]], *chord(g, .05)))
scale = np.sqrt(.5 + .05 ** 2)
k = np.arange(8)
ring = np.stack([np.cos(np.pi / 4 * k), np.sin(np.pi / 4 * k)], 1) / scale
g, worst = optimum(ring, .05 / scale, 101, 4.6, 301)
print("ring: error of mass %.1g; gamma at quarters %s; U, b at floor 1e-9 %.6f %.6f; at .01 %.6f %.6f; at .05 %.6f %.6f"
      % (worst, ["%.7f" % v for v in g[::25]], *chord(g, 1e-9), *chord(g, .01), *chord(g, .05)))
