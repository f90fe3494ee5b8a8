"""Exponential tilting: scaling all odds of a sequence so that its count becomes likely."""

from __future__ import annotations

import numpy as np

from losses._kernels.lanes import Array, compiled
from losses._kernels.simd import LANES, add, div, load, mul, splat, store, widen

_MOST = 85.0
"""Largest |θ|: e^θ stays finite in float32."""

_CLOSE = 0.2
"""A mean this close to the count makes the count as likely as it gets, but for a small factor."""


@compiled
def find_tilt(p: Array, q: Array, n: int, count: Array) -> Array:
    """``θ (LANES,)``: the probabilities p e^θ / (q + p e^θ) sum to about ``count (LANES,)``.

    Newton steps on the logarithm of the mean, kept inside a bracket by bisection. Lanes with NaN
    keep θ = 0.
    """
    theta, low, high = np.zeros(LANES), np.full(LANES, -_MOST), np.full(LANES, _MOST)
    scale, mean, variance = (
        np.ones(LANES, p.dtype),
        np.empty(LANES, p.dtype),
        np.empty(LANES, p.dtype),
    )
    one, zero = splat(p.dtype.type(1)), splat(p.dtype.type(0))
    for _ in range(60):
        s, total, spread = load(scale, 0), zero, zero
        for t in range(n):
            q_t, odds = load(q, t * LANES), mul(load(p, t * LANES), s)
            inverse = div(one, add(q_t, odds))
            tilted = mul(odds, inverse)
            total = add(total, tilted)
            spread = add(spread, mul(tilted, mul(q_t, inverse)))
        store(mean, 0, total)
        store(variance, 0, spread)
        moved = False
        for lane in range(LANES):
            goal = min(max(float(count[lane]), _CLOSE), n - _CLOSE)
            if not abs(mean[lane] - goal) > _CLOSE:
                continue
            moved = True
            if mean[lane] > goal:
                high[lane] = theta[lane]
            else:
                low[lane] = theta[lane]
            step = np.inf
            if mean[lane] > 0 and variance[lane] > 0:
                step = np.log(goal / mean[lane]) * mean[lane] / variance[lane]
            theta[lane] += step
            if not low[lane] < theta[lane] < high[lane]:
                theta[lane] = (low[lane] + high[lane]) / 2
            scale[lane] = np.exp(theta[lane])
        if not moved:
            break
    return theta


@compiled
def apply_tilt(p: Array, q: Array, n: int, theta: Array, up: Array, down: Array) -> Array:
    """Tilt ``p`` and ``q`` in place; return Σ_t log(q_t + s p_t) per lane, with s = e^θ.

    Args:
        up, down: ``(n, LANES)`` outputs, s / (q_t + s p_t) and 1 / (q_t + s p_t).
    """
    log_scale, product = np.zeros(LANES), np.ones(LANES)
    scale = np.empty(LANES, p.dtype)
    for lane in range(LANES):
        scale[lane] = np.exp(theta[lane])
    s, one = load(scale, 0), splat(p.dtype.type(1))
    for t in range(n):
        at = t * LANES
        p_t, q_t = load(p, at), load(q, at)
        total = add(q_t, mul(s, p_t))
        inverse = div(one, total)
        rise = mul(s, inverse)
        store(up, at, rise)
        store(down, at, inverse)
        store(p, at, mul(p_t, rise))
        store(q, at, mul(q_t, inverse))
        store(product, 0, mul(load(product, 0), widen(total)))
        if t % 8 == 7 or t == n - 1:  # eight factors between 1e-16 and 1e37 stay finite
            for lane in range(LANES):
                log_scale[lane] += np.log(product[lane])
                product[lane] = 1.0
    return log_scale
