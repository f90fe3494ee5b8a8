"""Exponential tilting: scaling all odds of a sequence so that its count becomes likely.

Odds scaled by s = e^θ turn p into s p / (q + s p). Tilts compose: tilting by θ₁, then by θ₂, is
tilting by θ₁ + θ₂. Newton steps therefore work in place, on what the steps before have left.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from losses._kernels.compiling import Array, compiled, inlined
from losses._kernels.limits import CLOSE, DEVIATIONS, MOST_TILT
from losses._kernels.simd import LANES, add, div, load, mul, splat, store, sub, where_below, widen

_LONGEST_STEP = 30.0
"""Of θ: what a step too far underflows in float32 is then still negligible after the way back."""

_HUGE = 2.0**332
"""Products in float64 are kept between 1 / _HUGE and _HUGE, give or take `_FACTORS` factors."""

_FACTORS = 4
"""Each between e^-30 and e^30."""


@compiled
def tilt(
    p: Array,
    q: Array,
    n: int,
    least: float,
    least_complement: float,
    count: Array,
    scale: Array,
    theta: Array,
    odds: Array,
) -> Array:
    """Tilt ``p`` and ``q``, ``(n, LANES)``, in place until ``count (LANES,)`` is likely.

    Newton steps on the log-odds of mean / n, which find θ at once where all p are equal, kept
    inside a bracket by bisection.

    Args:
        least, least_complement: what p and q are raised to first.
        scale: output ``(n, LANES)``, 1 / (q_t + s p_t).
        theta: output ``(LANES,)``, the θ of the tilt; 0 for lanes with NaN.
        odds: output ``(LANES,)``, s = e^θ.

    Returns:
        Σ_t log(q_t + s p_t) per lane.
    """
    low, high = np.full(LANES, -MOST_TILT), np.full(LANES, MOST_TILT)
    log_scale = np.zeros(LANES)
    factor, moments = np.empty(LANES, p.dtype), np.empty(3 * LANES, p.dtype)
    theta[:], odds[:] = 0, 1
    _measure(p, q, n, least, least_complement, moments)
    for number in range(60):
        moved = number == 0  # the first pass raises, too
        for lane in range(LANES):
            goal = min(max(float(count[lane]), CLOSE), n - CLOSE)
            step = _step(moments, goal, theta[lane], low, high, lane)
            factor[lane] = 0
            if step:
                theta[lane] += step
                factor[lane] = math.exp(step)
                odds[lane] = math.exp(theta[lane]) if number else factor[lane]
                moved = True
        if not moved:
            break
        first = number == 0
        _apply(p, q, n, least, least_complement, factor, first, scale, log_scale, moments)
    return log_scale


@compiled
def _step(moments: Array, goal: float, theta: float, low: Array, high: Array, lane: int) -> float:
    """Change of θ; 0 when the mean count is close enough. Narrows the bracket of ``lane``."""
    mean, rest = float(moments[lane]), float(moments[LANES + lane])
    variance = float(moments[2 * LANES + lane])
    if not (mean - goal) ** 2 > CLOSE**2 + DEVIATIONS**2 * variance:
        return 0.0
    if mean > goal:
        high[lane] = theta
    else:
        low[lane] = theta
    n = mean + rest
    if mean > 0 and rest > 0 and variance > 0:
        step = math.log(goal * rest / (mean * (n - goal))) * mean * rest / (variance * n)
    else:
        step = math.inf
    if not low[lane] < theta + step < high[lane]:
        step = (low[lane] + high[lane]) / 2 - theta
    return max(-_LONGEST_STEP, min(step, _LONGEST_STEP))


@inlined
def _at_least(vector: Any, floor: Any) -> Any:
    """The larger of two vectors; NaN stays."""
    return where_below(vector, floor, floor, vector)


@compiled
def _measure(
    p: Array, q: Array, n: int, least: float, least_complement: float, moments: Array
) -> None:
    """``moments (3 * LANES,)``: Σ p, Σ q and Σ p q, of ``p`` and ``q`` raised to least values."""
    kind = p.dtype.type
    hits = splat(kind(0))
    misses, spread = hits, hits
    floor, complement_floor = splat(kind(least)), splat(kind(least_complement))
    for t in range(n):
        p_t = _at_least(load(p, t * LANES), floor)
        q_t = _at_least(load(q, t * LANES), complement_floor)
        hits, misses, spread = add(hits, p_t), add(misses, q_t), add(spread, mul(p_t, q_t))
    store(moments, 0, hits)
    store(moments, LANES, misses)
    store(moments, 2 * LANES, spread)


@compiled
def _apply(
    p: Array,
    q: Array,
    n: int,
    least: float,
    least_complement: float,
    factor: Array,
    first_time: bool,
    scale: Array,
    log_scale: Array,
    moments: Array,
) -> None:
    """Scale the odds by ``factor (LANES,)``; lanes with 0 there stay as they are, to the last bit.

    Args:
        first_time: raise ``p`` and ``q`` to their least values before; ``scale`` starts from 1.
    """
    kind = p.dtype.type
    zero, one, s = splat(kind(0)), splat(kind(1)), load(factor, 0)
    floor, complement_floor = splat(kind(least)), splat(kind(least_complement))
    hits, misses, spread = zero, zero, zero
    product, shift = splat(1.0), splat(0.0)
    huge, tiny, unit = splat(_HUGE), splat(1 / _HUGE), splat(1.0)
    for first in range(0, n, _FACTORS):
        for t in range(first, min(first + _FACTORS, n)):
            at = t * LANES
            p_t, q_t = load(p, at), load(q, at)
            if first_time:
                p_t, q_t = _at_least(p_t, floor), _at_least(q_t, complement_floor)
            scaled = mul(s, p_t)
            total = add(q_t, scaled)
            inverse = div(one, total)
            p_t = where_below(zero, s, mul(scaled, inverse), p_t)
            inverse = where_below(zero, s, inverse, one)
            q_t = mul(q_t, inverse)
            store(p, at, p_t)
            store(q, at, q_t)
            store(scale, at, inverse if first_time else mul(load(scale, at), inverse))
            hits, misses, spread = add(hits, p_t), add(misses, q_t), add(spread, mul(p_t, q_t))
            product = mul(product, widen(where_below(zero, s, total, one)))
        shift = where_below(product, tiny, sub(shift, unit), shift)
        product = where_below(product, tiny, mul(product, huge), product)
        shift = where_below(huge, product, add(shift, unit), shift)
        product = where_below(huge, product, mul(product, tiny), product)
    products, shifts = np.empty(LANES), np.empty(LANES)
    store(products, 0, product)
    store(shifts, 0, shift)
    for lane in range(LANES):
        log_scale[lane] += math.log(products[lane]) + shifts[lane] * math.log(_HUGE)
    store(moments, 0, hits)
    store(moments, LANES, misses)
    store(moments, 2 * LANES, spread)
