"""Poisson-binomial log-probabilities and their gradients on one CPU core.

`LANES` sequences advance together as vectors, and only bins 0…c of the label count c are kept.
With the recursion (2.11)

    a_t[k] = q_t a_{t-1}[k] + p_t a_{t-1}[k - 1],       q = 1 - p,       Pr(C = c) = a_n[c],

and messages b_t[k] = ∂ log Pr / ∂ a_t[k], which obey b_{t-1}[k] = q_t b_t[k] + p_t b_t[k + 1], the
gradient is

    D_t = ∂ log Pr / ∂ p_t = Σ_k b_t[k] (a_{t-1}[k - 1] - a_{t-1}[k]).

States and Pr · messages are probabilities, so what underflows in them contributes less than the
smallest float times n: a result above ``WEAK`` is accurate as it stands. Below it the sequence is
done again after an exponential tilt that makes the label a likely count: with odds
scaled by s = e^θ, p' = s p / (q + s p), and primes for what belongs to p',

    Pr(C = c) = s^{-c} Π_t (q_t + s p_t) · Pr'(C = c),
    ∂ log Pr / ∂ p_t = (s (1 + q'_t D'_t) - (1 - p'_t D'_t)) / (q_t + s p_t),

because the two parts of D' = U' - V' obey p' U' + q' V' = Σ_k a'_t[k] b'_t[k] = 1.
"""

from __future__ import annotations

import numpy as np

from losses._kernels.count_recursion import (
    backward,
    forward,
    read_count,
    segment_length,
    segments,
)
from losses._kernels.lanes import Array, aligned, compiled, gather, scatter
from losses._kernels.simd import LANES, add, at_least, load, mul, splat, store, sub
from losses._kernels.tilt import apply_tilt, find_tilt

WEAK = 1e-20
FLOOR = 1e-30


def evaluate(probability: Array, count: Array, value: Array, gradient: Array) -> None:
    """Log-probabilities ``value (s,)`` of ``count (s,)`` for ``probability (s, n)``, in place.

    Args:
        gradient: output ``(s, n)``, or ``(0, n)`` when it is not needed.

    Raises:
        ValueError: a negative count.
    """
    if count.size and count.min() < 0:
        raise ValueError(f"count must be at least 0, got {count.min()}")
    n = probability.shape[1]
    flat, flat_gradient = probability.reshape(-1), gradient.reshape(-1)
    order = _sort(count, n)  # the lanes of a block then need equally many bins
    _direct(flat, n, count, order, value, flat_gradient)
    weak = ~((value >= WEAK) & (count <= n))  # NaN is weak, too
    with np.errstate(divide="ignore"):
        np.log(value, out=value)
    if weak.any():
        least = np.finfo(probability.dtype).eps / 2
        _tilted(flat, n, count, order[weak[order]], value, flat_gradient, least)


@compiled
def _sort(count: Array, n: int) -> Array:
    """Positions sorted by reachable count, equal ones in order."""
    first = np.zeros(n + 2, np.int64)
    for row in range(count.shape[0]):
        first[min(count[row], n) + 1] += 1
    for bin_ in range(n + 1):
        first[bin_ + 1] += first[bin_]
    order = np.empty(count.shape[0], np.int64)
    for row in range(count.shape[0]):
        bin_ = min(count[row], n)
        order[first[bin_]] = row
        first[bin_] += 1
    return order


@compiled
def _read_rows(start: int, n: int, count: Array, order: Array, rows: Array, needed: Array) -> int:
    """Rows of a block and their reachable counts; returns the number of bins.

    Lanes that are left over repeat the last row.
    """
    for lane in range(LANES):
        rows[lane] = order[min(start + lane, order.shape[0] - 1)]
        needed[lane] = min(count[rows[lane]], n)
    return int(needed[LANES - 1]) + 1


@compiled
def _direct(
    probability: Array, n: int, count: Array, order: Array, value: Array, gradient: Array
) -> None:
    """Probabilities (not their logarithms), in the type of ``probability``."""
    kind, even = probability.dtype, n + n % 2
    p, q = aligned(even * LANES, kind), aligned(even * LANES, kind)
    rows, needed = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    most = _read_rows(max(0, order.shape[0] - 1), n, count, order, rows, needed)
    states = aligned((segment_length(even, most) + 1) * most * LANES, kind)
    first_states = aligned(segments(even, most) * most * LANES, kind)
    messages = aligned((most + 2) * LANES, kind)
    for start in range(0, order.shape[0], LANES):
        bins = _read_rows(start, n, count, order, rows, needed)
        gather(probability, rows, n, p)
        p[n * LANES :] = 0
        for t in range(even):
            store(q, t * LANES, sub(splat(kind.type(1)), load(p, t * LANES)))
        end = forward(p, q, even, bins, states, first_states)
        result = read_count(states, end, needed, bins, messages, WEAK)
        for lane in range(LANES):
            value[rows[lane]] = result[lane]
        if gradient.shape[0]:
            backward(p, q, even, bins, states, first_states, messages, q)
            scatter(q, rows, n, gradient)


@compiled
def _tilted(
    probability: Array,
    n: int,
    count: Array,
    order: Array,
    value: Array,
    gradient: Array,
    least_complement: float,
) -> None:
    """Log-probabilities by tilting, for the rows in ``order``.

    Probabilities are read as no closer than ``FLOOR`` to 0 and ``least_complement`` to 1, and each
    instance that the count has beyond n costs -log ``FLOOR``.
    """
    kind, even = probability.dtype, n + n % 2
    p, q = aligned(even * LANES, kind), aligned(even * LANES, kind)
    up, down = aligned(even * LANES, kind), aligned(even * LANES, kind)
    slope = aligned(even * LANES, kind)
    rows, needed = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    most = _read_rows(order.shape[0] - 1, n, count, order, rows, needed)
    states = aligned((segment_length(even, most) + 1) * most * LANES, kind)
    first_states = aligned(segments(even, most) * most * LANES, kind)
    messages = aligned((most + 2) * LANES, kind)
    one, floor = splat(kind.type(1)), splat(kind.type(FLOOR))
    complement_floor = splat(kind.type(least_complement))
    for start in range(0, order.shape[0], LANES):
        bins = _read_rows(start, n, count, order, rows, needed)
        gather(probability, rows, n, p)
        for t in range(n):
            p_t = load(p, t * LANES)
            store(q, t * LANES, at_least(sub(one, p_t), complement_floor))
            store(p, t * LANES, at_least(p_t, floor))
        theta = find_tilt(p, q, n, needed)
        log_scale = apply_tilt(p, q, n, theta, up, down)
        p[n * LANES :], q[n * LANES :] = 0, 1
        end = forward(p, q, even, bins, states, first_states)
        result = read_count(states, end, needed, bins, messages, 0.0)
        for lane in range(LANES):
            tilted_back = log_scale[lane] - needed[lane] * theta[lane]
            beyond = count[rows[lane]] - needed[lane]
            value[rows[lane]] = np.log(result[lane]) + tilted_back + beyond * np.log(FLOOR)
        if gradient.shape[0]:
            backward(p, q, even, bins, states, first_states, messages, slope)
            for t in range(n):
                at = t * LANES
                slope_t = load(slope, at)
                rise = add(one, mul(load(q, at), slope_t))
                stay = sub(one, mul(load(p, at), slope_t))
                store(slope, at, sub(mul(load(up, at), rise), mul(load(down, at), stay)))
            scatter(slope, rows, n, gradient)
            for lane in range(LANES):
                if np.isnan(result[lane]):
                    gradient[rows[lane] * n : (rows[lane] + 1) * n] = np.nan
