"""Poisson-binomial log-probabilities and their gradients on one CPU core.

`LANES` sequences advance together as vectors, and only bins 0…c of the label count c are kept.
With the recursion (2.11)

    a_t[k] = q_t a_{t-1}[k] + p_t a_{t-1}[k - 1],       q = 1 - p,       Pr(C = c) = a_n[c],

and messages b_t[k] = ∂ log Pr / ∂ a_t[k], which obey b_{t-1}[k] = q_t b_t[k] + p_t b_t[k + 1], the
gradient is

    D_t = ∂ log Pr / ∂ p_t = Σ_k b_t[k] (a_{t-1}[k - 1] - a_{t-1}[k]).

States and Pr · messages are probabilities, so what underflows in them contributes less than the
smallest float times n: a result above ``WEAK`` is accurate as it stands. Below it, which a bound
often tells beforehand, the sequence is done after an exponential tilt that makes the label a likely
count: with odds scaled by s = e^θ, p' = s p / (q + s p), and primes for what belongs to p',

    Pr(C = c) = s^{-c} Π_t (q_t + s p_t) · Pr'(C = c),
    ∂ log Pr / ∂ p_t = (s (1 + q'_t D'_t) - (1 - p'_t D'_t)) / (q_t + s p_t),

because the two parts of D' = U' - V' obey p' U' + q' V' = Σ_k a'_t[k] b'_t[k] = 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from losses._kernels.chernoff import all_are_below
from losses._kernels.compiling import Array, compiled
from losses._kernels.count_recursion import (
    backward,
    forward,
    read_count,
    room_needed,
)
from losses._kernels.lanes import aligned, fetch, gather, scatter
from losses._kernels.limits import FLOOR, WEAK
from losses._kernels.simd import LANES, add, load, splat, store, sub
from losses._kernels.tilt import new_search, tilt


def evaluate(probability: Array, count: Array, value: Array, gradient: Array) -> None:
    """Log-probabilities ``value (s,)`` of ``count (s,)`` for ``probability (s, n)``, in place.

    Args:
        gradient: output ``(s, n)``, or ``(0, n)`` when it is not needed.

    Raises:
        ValueError: a negative count.
    """
    least_complement = np.finfo(probability.dtype).eps / 2
    n = probability.shape[1]
    least = _run(probability.reshape(-1), n, count, least_complement, value, gradient.reshape(-1))
    if least < 0:
        raise ValueError(f"count must be at least 0, got {least}")


@compiled
def _run(
    probability: Array, n: int, count: Array, least_complement: float, value: Array, gradient: Array
) -> int:
    """Evaluate, if all counts are at least 0; returns the smallest count below, or 0."""
    least = 0
    for row in range(count.shape[0]):
        least = min(least, count[row])
    if least < 0:
        return least
    weak = np.ones(count.shape[0], np.bool_)
    # once straight, then by tilting what that left weak
    for tilted in False, True:
        order = _sort(count, n, weak)  # the lanes of a block then need equally many bins
        if order.shape[0]:
            _blocks(probability, n, count, order, tilted, least_complement, value, gradient, weak)
    return 0


@compiled
def _sort(count: Array, n: int, wanted: Array) -> Array:
    """Positions of ``wanted (s,)`` sorted by reachable count, equal ones in order."""
    first = np.zeros(n + 2, np.int64)
    for row in range(count.shape[0]):
        first[min(count[row], n) + 1] += wanted[row]
    for bin_ in range(n + 1):
        first[bin_ + 1] += first[bin_]
    order = np.empty(first[n + 1], np.int64)
    for row in range(count.shape[0]):
        if wanted[row]:
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


class _Room(NamedTuple):
    """Memory for a block of `LANES` sequences, each array flat."""

    p: Array
    q: Array
    states: Array
    first_states: Array
    messages: Array


@compiled
def _blocks(
    probability: Array,
    n: int,
    count: Array,
    order: Array,
    tilted: bool,
    least_complement: float,
    value: Array,
    gradient: Array,
    weak: Array,
) -> None:
    """Log-probabilities of the rows in ``order``, of which there are some.

    Args:
        tilted: tilt all; otherwise only blocks of which no row can be done without. ``weak (s,)``
            is left true for rows that are not done.
        least_complement: when tilting, probabilities are read as no closer than it to 1, and no
            closer than ``FLOOR`` to 0.
    """
    kind, even = probability.dtype, n + n % 2
    rows, needed = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    most = _read_rows(order.shape[0] - 1, n, count, order, rows, needed)
    states, first_states = room_needed(even, most)
    room = _Room(
        aligned(even * LANES, kind),
        aligned(even * LANES, kind),
        aligned(states, kind),
        aligned(first_states, kind),
        aligned((most + 2) * LANES, kind),
    )
    search, with_gradient = new_search(kind), gradient.shape[0] > 0
    result, mean, no_odds = np.empty(LANES, kind), np.empty(LANES, kind), np.empty(0, kind)
    for start in range(0, order.shape[0], LANES):
        bins = _read_rows(start, n, count, order, rows, needed)
        gather(probability, rows, n, room.p)
        if with_gradient:
            fetch(gradient, rows, n)
        _complement(room, n, mean)
        if tilted or all_are_below(WEAK, needed, mean, n):
            tilt(room.p, room.q, n, FLOOR, least_complement, needed, search)
            _recur(room, n, bins, needed, 0.0, search.odds, result, with_gradient)
            for lane in range(LANES):
                row = rows[lane]
                beyond = count[row] - needed[lane]
                value[row] = np.log(result[lane]) + search.log_back[lane] + beyond * np.log(FLOOR)
                weak[row] = False
        else:
            _recur(room, n, bins, needed, WEAK, no_odds, result, with_gradient)
            for lane in range(LANES):
                row = rows[lane]
                value[row] = np.log(result[lane])
                weak[row] = not (result[lane] >= WEAK and count[row] <= n)  # NaN is weak, too
        if with_gradient:
            scatter(room.q, rows, n, gradient)
            for lane in range(LANES):
                if np.isnan(result[lane]):
                    gradient[rows[lane] * n : (rows[lane] + 1) * n] = np.nan


@compiled
def _complement(room: _Room, n: int, mean: Array) -> None:
    """Compute ``q = 1 - p``; ``mean (LANES,)`` is Σ p."""
    kind = room.p.dtype.type
    total, one = splat(kind(0)), splat(kind(1))
    for t in range(n):
        p_t = load(room.p, t * LANES)
        store(room.q, t * LANES, sub(one, p_t))
        total = add(total, p_t)
    room.p[n * LANES :], room.q[n * LANES :] = 0, 1
    store(mean, 0, total)


@compiled
def _recur(
    room: _Room,
    n: int,
    bins: int,
    count: Array,
    least: float,
    odds: Array,
    result: Array,
    with_gradient: bool,
) -> None:
    """``result (LANES,)``: probabilities of ``count``; their logarithms' gradients replace q.

    Args:
        least: probabilities below it get no gradient.
        odds: of a tilt to take back from gradients, or empty.
    """
    even = n + n % 2
    end = forward(room.p, room.q, even, bins, room.states, room.first_states)
    read_count(room.states, end, count, bins, room.messages, least, result)
    if with_gradient:
        backward(
            room.p,
            room.q,
            even,
            bins,
            room.states,
            room.first_states,
            room.messages,
            odds,
        )
