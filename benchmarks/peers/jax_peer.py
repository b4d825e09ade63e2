"""JAX as a peer: products, training steps, forward passes and compilations, jitted. See peer.py.

Its threads are those of the processors that the process may use.
"""
import jax
import jax.numpy as jnp

import peer


def weights(width, key):
    sizes = [4, width, width, width, 2]
    return [(jax.random.normal(k, (i, o)) / i**.5, jnp.zeros(o)) for k, i, o in zip(jax.random.split(key, 4), sizes, sizes[1:])]


def network(params, x):
    for w, b in params[:-1]:
        x = jax.nn.silu(x @ w + b)
    w, b = params[-1]
    return x @ w + b


def step(batch):
    """The step of internal/speed: the noise is drawn in the step, and Adam moves the parameters."""

    def loss(params, x0, c, eps):
        xt = c[:, :1] * x0 + c[:, 1:] * eps
        return jnp.mean((network(params, jnp.concatenate([xt, c], 1)) - eps) ** 2)

    def adam(state, x0, c):
        params, m, v, t, key = state
        key, now = jax.random.split(key)
        value, grad = jax.value_and_grad(loss)(params, x0, c, jax.random.normal(now, (batch, 2)))
        t = t + 1
        m = jax.tree.map(lambda m, g: .9 * m + .1 * g, m, grad)
        v = jax.tree.map(lambda v, g: .999 * v + .001 * g * g, v, grad)
        a, b = 1 - .9**t, 1 - .999**t
        params = jax.tree.map(lambda p, m, v: p - 1e-3 * (m / a) / (jnp.sqrt(v / b) + 1e-8), params, m, v)
        return (params, m, v, t, key), value

    return adam


def begun(batch, width, impl):
    key = jax.random.key(1, impl=impl)
    params = weights(width, jax.random.key(2))
    zeros = jax.tree.map(jnp.zeros_like, params)
    x = jax.random.uniform(jax.random.key(3), (batch, 4))
    return (params, zeros, jax.tree.map(jnp.zeros_like, params), jnp.float32(0), key), x[:, :2], x[:, 2:]


def training(batch, width, impl):
    state, x0, c = begun(batch, width, impl)
    f = jax.jit(step(batch), donate_argnums=0)

    def run(n):
        nonlocal state
        for _ in range(n):
            state, value = f(state, x0, c)
        value.block_until_ready()

    return run


def forward(batch, width):
    params, x, f = weights(width, jax.random.key(2)), jax.random.uniform(jax.random.key(3), (batch, 4)), jax.jit(network)

    def run(n):
        for _ in range(n):
            y = f(params, x)
        y.block_until_ready()

    return run


def product(m, n, k):
    a, b, f = jnp.ones((m, k)), jnp.ones((k, n)), jax.jit(jnp.matmul)

    def run(times):
        for _ in range(times):
            c = f(a, b)
        c.block_until_ready()

    return run


def compiling(batch, width):
    args = begun(batch, width, "threefry2x32")

    def run(n):
        for _ in range(n):
            jax.jit(step(batch)).lower(*args).compile()

    return run


def settings(name, workers):
    if size := peer.numbers(name, "training step"):
        for impl in ("threefry2x32", "rbg"):
            yield "jit+" + impl, lambda impl=impl: training(*size, impl)
    if size := peer.numbers(name, "forward"):
        yield "jit", lambda: forward(*size)
    if size := peer.numbers(name, "product"):
        yield "jit", lambda: product(*size)
    if name == "compiling a step":
        yield "lower+compile", lambda: compiling(512, 128)


peer.serve(settings)
