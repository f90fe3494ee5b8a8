"""Exponential tilting: scaling all odds of a sequence so that its count becomes likely.

Odds scaled by s = e^θ turn p into s p / (q + s p). Tilts compose: tilting by θ₁, then by θ₂, is
tilting by θ₁ + θ₂. Newton steps therefore work in place, on what the steps before have left.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

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

_THETA, _LOW, _HIGH, _FACTOR = 0, LANES, 2 * LANES, 3 * LANES
"""Where each begins in a search's numbers."""


class Search(NamedTuple):
    """What a search for θ works on, each ``(LANES,)`` in float64 if not said otherwise."""

    numbers: Array
    """θ, its bracket and the factor e^step, 0 where θ stays, ``(4 * LANES,)``."""
    product: Array
    """Of all q_t + s p_t, without a power of `_HUGE`."""
    shift: Array
    """The exponent of that power."""
    moments: Array
    """Σ p, Σ q and Σ p q, ``(3 * LANES,)``, of the type of p."""
    factor: Array
    """As in ``numbers``, of the type of p."""
    odds: Array
    """s = e^θ of the type of p; afterwards."""
    log_back: Array
    """log Pr(C = c) less its tilted value, Σ_t log(q_t + s p_t) - c θ; afterwards."""


@compiled
def new_search(kind: Any) -> Search:
    """Memory for a search with probabilities of type ``kind``."""
    return Search(
        np.empty(4 * LANES),
        np.empty(LANES),
        np.empty(LANES),
        np.empty(3 * LANES, kind),
        np.empty(LANES, kind),
        np.empty(LANES, kind),
        np.empty(LANES),
    )


@compiled
def tilt(
    p: Array,
    q: Array,
    n: int,
    least: float,
    least_complement: float,
    count: Array,
    search: Search,
) -> None:
    """Tilt ``p`` and ``q``, ``(n, LANES)``, in place until ``count (LANES,)`` is likely.

    Newton steps on the log-odds of mean / n, which find θ at once where all p are equal, kept
    inside a bracket by bisection.

    Args:
        p, q: for odd n with an instance more, of p = 0.
        least, least_complement: what p and q are raised to first.
        search: left with s, and with what takes the tilt back; θ is 0 for lanes with NaN.
    """
    numbers = search.numbers
    numbers[_THETA : _THETA + LANES] = 0
    numbers[_LOW : _LOW + LANES], numbers[_HIGH : _HIGH + LANES] = -MOST_TILT, MOST_TILT
    search.product[:], search.shift[:] = 1, 0
    _measure(p, q, n, least, least_complement, search.moments)
    for _ in range(60):
        if not _is_far(search.moments, count, n):
            break
        _step(search.moments, count, n, numbers)
        for lane in range(LANES):
            search.factor[lane] = numbers[_FACTOR + lane]
        _apply(p, q, n, search)
    for lane in range(LANES):
        search.odds[lane] = exp(numbers[_THETA + lane])
    for lane in range(LANES):
        log_scale = log(search.product[lane]) + search.shift[lane] * math.log(_HUGE)
        search.log_back[lane] = log_scale - count[lane] * numbers[_THETA + lane]


@inlined
def _misses(moments: Array, lane: int, goal: float) -> bool:
    """Whether the mean count of ``lane`` leaves ``goal`` unlikely."""
    distance, variance = float(moments[lane]) - goal, float(moments[2 * LANES + lane])
    return distance * distance > CLOSE**2 + DEVIATIONS**2 * variance


@inlined
def _goal(count: Array, lane: int, n: int) -> float:
    return min(max(float(count[lane]), CLOSE), n - CLOSE)


@compiled
def _is_far(moments: Array, count: Array, n: int) -> bool:
    """Whether any lane's mean is too far from its count."""
    far = 0
    for lane in range(LANES):
        far += _misses(moments, lane, _goal(count, lane, n))
    return far > 0


@compiled
def _step(moments: Array, count: Array, n: int, numbers: Array) -> None:
    """Set the factors, change θ and narrow the bracket of lanes whose mean is too far.

    Branches, or an array each, would keep the loop from being vectorised.
    """
    for lane in range(LANES):
        low, high, theta = numbers[_LOW + lane], numbers[_HIGH + lane], numbers[_THETA + lane]
        mean, rest = float(moments[lane]), float(moments[LANES + lane])
        variance, total = float(moments[2 * LANES + lane]), mean + rest
        goal = _goal(count, lane, n)
        far = _misses(moments, lane, goal)
        high = theta if mean > goal else high
        low = low if mean > goal else theta
        step = log(goal * rest / (mean * (total - goal))) * (mean * rest / (variance * total))
        proper = (mean > 0) & (rest > 0) & (variance > 0)
        step = step if proper & (low < theta + step < high) else (low + high) / 2 - theta
        step = max(-_LONGEST_STEP, min(step, _LONGEST_STEP))
        numbers[_LOW + lane], numbers[_HIGH + lane] = low, high
        numbers[_THETA + lane] = theta + step if far else theta
        numbers[_FACTOR + lane] = exp(step) if far else 0.0


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
def _apply(p: Array, q: Array, n: int, search: Search) -> None:
    """Scale the odds by the factors; lanes with 0 there stay as they are, to the last bit.

    Two instances share a division. The product and the moments follow.
    """
    kind = p.dtype.type
    zero, one = splat(kind(0)), splat(kind(1))
    moving = load(search.factor, 0)
    s = where_below(zero, moving, moving, one)
    hits, misses, spread = zero, zero, zero
    totals, shifts = load(search.product, 0), load(search.shift, 0)
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
    store(search.product, 0, totals)
    store(search.shift, 0, shifts)
    store(search.moments, 0, hits)
    store(search.moments, LANES, misses)
    store(search.moments, 2 * LANES, spread)
