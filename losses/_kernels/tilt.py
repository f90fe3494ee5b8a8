"""Exponential tilting: scaling all odds of a sequence so that its count becomes likely.

Odds scaled by s = e^θ turn p into s p / (q + s p). Tilts compose: tilting by θ₁, then by θ₂, is
tilting by θ₁ + θ₂. Newton steps therefore work in place, on what the steps before have left.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from losses._kernels.compiling import Array, compiled, inlined
from losses._kernels.elementary import exp, log
from losses._kernels.limits import CLOSE, DEVIATIONS, MOST_TILT
from losses._kernels.simd import LANES, add, div, load, mul, splat, store, sub, where_below, widen

_LONGEST_STEP = 30.0
"""Of θ: what a step too far underflows in float32 is then still negligible after the way back."""

_HUGE = 2.0**332
"""Products in float64 are kept between 1 / _HUGE and _HUGE, give or take `_FACTORS` factors."""

_FACTORS = 8
"""Each between e^-30 and e^30; two of them fit float32."""

_LOW, _HIGH, _THETA, _FACTOR = 0, LANES, 2 * LANES, 3 * LANES
"""Where the numbers of a search for θ begin in its array."""


@compiled
def tilt(
    p: Array,
    q: Array,
    n: int,
    least: float,
    least_complement: float,
    count: Array,
    theta: Array,
    odds: Array,
) -> Array:
    """Tilt ``p`` and ``q``, ``(n, LANES)``, in place until ``count (LANES,)`` is likely.

    Newton steps on the log-odds of mean / n, which find θ at once where all p are equal, kept
    inside a bracket by bisection.

    Args:
        least, least_complement: what p and q are raised to first.
        theta: output ``(LANES,)``, the θ of the tilt; 0 for lanes with NaN.
        odds: output ``(LANES,)``, s = e^θ.

    Returns:
        Σ_t log(q_t + s p_t) per lane.
    """
    kind = p.dtype
    moments, factor, search = np.empty(3 * LANES, kind), np.empty(LANES, kind), np.zeros(4 * LANES)
    search[_LOW : _LOW + LANES], search[_HIGH : _HIGH + LANES] = -MOST_TILT, MOST_TILT
    product, shift = np.ones(LANES), np.zeros(LANES)
    _measure(p, q, n, least, least_complement, moments)
    for _ in range(60):
        if not _step(moments, count, n, search):
            break
        for lane in range(LANES):
            factor[lane] = search[_FACTOR + lane]
        _apply(p, q, n, factor, product, shift, moments)
    for lane in range(LANES):
        theta[lane] = search[_THETA + lane]
        odds[lane] = exp(theta[lane])
        product[lane] = log(product[lane]) + shift[lane] * math.log(_HUGE)
    return product


@compiled
def _step(moments: Array, count: Array, n: int, search: Array) -> bool:
    """Set the factors, change θ, narrow the bracket; whether any mean was too far.

    Branches, or an array each, would keep the loop from being vectorised.

    Args:
        search: bracket, θ and factor e^step ``(4 * LANES,)``; the factor is 0 for lanes that stay.
    """
    moving = 0
    for lane in range(LANES):
        low, high, theta = search[_LOW + lane], search[_HIGH + lane], search[_THETA + lane]
        mean, rest = float(moments[lane]), float(moments[LANES + lane])
        variance, total = float(moments[2 * LANES + lane]), mean + rest
        goal = min(max(float(count[lane]), CLOSE), n - CLOSE)
        far = (mean - goal) * (mean - goal) > CLOSE**2 + DEVIATIONS**2 * variance
        high = theta if mean > goal else high
        low = low if mean > goal else theta
        step = log(goal * rest / (mean * (total - goal))) * (mean * rest / (variance * total))
        proper = (mean > 0) & (rest > 0) & (variance > 0)
        step = step if proper & (low < theta + step < high) else (low + high) / 2 - theta
        step = max(-_LONGEST_STEP, min(step, _LONGEST_STEP))
        search[_LOW + lane], search[_HIGH + lane] = low, high
        search[_THETA + lane] = theta + step if far else theta
        search[_FACTOR + lane] = exp(step) if far else 0.0
        moving += far
    return moving > 0


@inlined
def _at_least(vector: Any, floor: Any) -> Any:
    """The larger of two vectors; NaN stays."""
    return where_below(vector, floor, floor, vector)


@compiled
def _measure(
    p: Array, q: Array, n: int, least: float, least_complement: float, moments: Array
) -> None:
    """Raise ``p`` and ``q`` to least values; ``moments (3 * LANES,)``: Σ p, Σ q and Σ p q."""
    kind = p.dtype.type
    hits = splat(kind(0))
    misses, spread = hits, hits
    floor, complement_floor = splat(kind(least)), splat(kind(least_complement))
    for t in range(n):
        p_t = _at_least(load(p, t * LANES), floor)
        q_t = _at_least(load(q, t * LANES), complement_floor)
        store(p, t * LANES, p_t)
        store(q, t * LANES, q_t)
        hits, misses, spread = add(hits, p_t), add(misses, q_t), add(spread, mul(p_t, q_t))
    store(moments, 0, hits)
    store(moments, LANES, misses)
    store(moments, 2 * LANES, spread)


@compiled
def _apply(
    p: Array,
    q: Array,
    n: int,
    factor: Array,
    product: Array,
    shift: Array,
    moments: Array,
) -> None:
    """Scale the odds by ``factor (LANES,)``; lanes with 0 there stay as they are, to the last bit.

    Two instances share a division.

    Args:
        p, q: ``(n, LANES)``, for odd n with an instance more, of p = 0.
        product, shift: multiplied by every q_t + factor p_t; their product times `_HUGE` to the
            power of ``shift``, ``(LANES,)`` in float64.
    """
    kind = p.dtype.type
    zero, one = splat(kind(0)), splat(kind(1))
    moving = load(factor, 0)
    s = where_below(zero, moving, moving, one)
    hits, misses, spread = zero, zero, zero
    totals, shifts = load(product, 0), load(shift, 0)
    huge, tiny, unit = splat(_HUGE), splat(1 / _HUGE), splat(1.0)
    for first in range(0, n, _FACTORS):
        for t in range(first, min(first + _FACTORS, n), 2):
            at, after = t * LANES, (t + 1) * LANES
            scaled_1, q_1 = mul(s, load(p, at)), load(q, at)
            scaled_2, q_2 = mul(s, load(p, after)), load(q, after)
            total_1 = where_below(zero, moving, add(q_1, scaled_1), one)
            total_2 = where_below(zero, moving, add(q_2, scaled_2), one)
            both = mul(total_1, total_2)
            totals, inverse = mul(totals, widen(both)), div(one, both)
            inverse_1, inverse_2 = mul(total_2, inverse), mul(total_1, inverse)
            p_1, q_1 = mul(scaled_1, inverse_1), mul(q_1, inverse_1)
            p_2, q_2 = mul(scaled_2, inverse_2), mul(q_2, inverse_2)
            store(p, at, p_1)
            store(q, at, q_1)
            store(p, after, p_2)
            store(q, after, q_2)
            hits, misses, spread = add(hits, p_1), add(misses, q_1), add(spread, mul(p_1, q_1))
            if t + 1 < n:  # else the padding
                hits, misses, spread = add(hits, p_2), add(misses, q_2), add(spread, mul(p_2, q_2))
        shifts = where_below(totals, tiny, sub(shifts, unit), shifts)
        totals = where_below(totals, tiny, mul(totals, huge), totals)
        shifts = where_below(huge, totals, add(shifts, unit), shifts)
        totals = where_below(huge, totals, mul(totals, tiny), totals)
    store(product, 0, totals)
    store(shift, 0, shifts)
    store(moments, 0, hits)
    store(moments, LANES, misses)
    store(moments, 2 * LANES, spread)
