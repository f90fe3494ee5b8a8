"""Likelihood of noisy labels, true times summed over, and its gradient on one CPU core.

With the weight w_k(t) = p_t / (1 - p_t) N(z_k - t) of the k-th event at bin t, the recursion is

    S_k(t) = w_k(t) A_k(t),     A_1 = 1,     A_{k+1}(t) = Σ_{s<t} S_k(s),

and log A is what is kept, in float64: noise that is sharp beside a channel's length reaches e^-10⁴.
A channel's likelihood is Π_t (1 - p_t) A_{c+1}(n). Its gradient needs the probability γ_k(t) that
the k-th event lies at t, which the way back finds without logarithms from two ratios of the way
there, rise_k(s) = S_k(s) / A_{k+1}(s + 1) and stay_k(s) = A_{k+1}(s) / A_{k+1}(s + 1):

    γ_k(s) = rise_k(s) h_k(s + 1),     h_k(s) = γ_{k+1}(s) + stay_k(s) h_k(s + 1),

from h_c(n + 1) = 1 on and h_k(n + 1) = 0 for others. Everything there is a probability, and what
underflows is below e^-700.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from losses._kernels.compiling import Array, compiled
from losses._kernels.elementary import exp, log
from losses._kernels.limits import FLOOR


class _Room(NamedTuple):
    """Memory for one channel: arrays ``(time,)``, the last two ``(most events, time)``."""

    before: Array
    here: Array
    drop: Array
    highest: Array
    stay: Array
    rise: Array


@compiled
def evaluate(
    probability: Array,
    events: Array,
    log_noise: Array,
    impossible: float,
    least_complement: float,
    value: Array,
    gradient: Array,
) -> None:
    """Log-likelihoods of ``events (s, n)`` for ``probability (s, n)``, in place.

    Args:
        events: number of events in each bin.
        log_noise: log N(t - z) for t - z = -n … n - 1, ``(2 n,)`` in float64.
        impossible: log A of what cannot be.
        least_complement: probabilities are read as no closer than it to 1, and no closer than
            ``FLOOR`` to 0.
        value: output ``(s,)``.
        gradient: output ``(s, n)``, or ``(0, n)`` when it is not needed.
    """
    rows, n = probability.shape
    most = 0
    for row in range(rows):
        most = max(most, _count(events[row]))
    places = np.empty(most, np.int64)
    room = _Room(
        np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty((most, n)), np.empty((most, n))
    )
    p, q, odds, marginal = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for row in range(rows):
        empty = _read(probability[row], least_complement, p, q, odds)
        count = _count(events[row])
        _locate(events[row], places, count)
        occupied = _forward(odds, log_noise, places, count, impossible, room)
        value[row] = empty + occupied
        if gradient.shape[0] > 0:
            _backward(count, room, marginal)
            for t in range(n):
                gradient[row, t] = marginal[t] / p[t] - (1 - marginal[t]) / q[t]
            if np.isnan(empty):
                gradient[row] = np.nan


@compiled
def _count(events: Array) -> int:
    """Number of events, rounded."""
    total = 0.0
    for t in range(events.shape[0]):
        total += events[t]
    return int(np.rint(total))


@compiled
def _locate(events: Array, places: Array, count: int) -> None:
    """Bins of the first ``count`` events, the number of bins for those that no bin holds."""
    found, so_far = 0, 0.0
    for t in range(events.shape[0]):
        so_far += events[t]
        while found < count and so_far >= found + 0.5:
            places[found] = t
            found += 1
    places[found:count] = events.shape[0]


@compiled
def _read(probability: Array, least_complement: float, p: Array, q: Array, odds: Array) -> float:
    """Fill p, q = 1 - p, both floored, and log(p / q); returns Σ log q."""
    for t in range(p.shape[0]):
        p_t = np.float64(probability[t])
        q_t = 1.0 - p_t
        p[t] = FLOOR if p_t < FLOOR else p_t  # NaN stays
        q[t] = least_complement if q_t < least_complement else q_t
    for t in range(p.shape[0]):
        odds[t] = log(p[t])
    empty = 0.0
    for t in range(p.shape[0]):
        log_q = log(q[t])
        odds[t] -= log_q
        empty += log_q
    return empty


@compiled
def _forward(
    odds: Array, log_noise: Array, places: Array, count: int, impossible: float, room: _Room
) -> float:
    """Fill rows ``stay`` and ``rise`` of ``room`` for each event; returns log A_{c+1}(n + 1).

    Sums up to a bin are taken relative to the largest term so far. Loops are split by what
    vectorises.
    """
    n, before, here, drop, highest = odds.shape[0], room.before, room.here, room.drop, room.highest
    before[:] = 0.0
    result = 0.0
    for k in range(count):
        stay, rise = room.stay[k], room.rise[k]
        noise = log_noise[n - places[k] : 2 * n - places[k]]
        for t in range(n):
            here[t] = before[t] + odds[t] + noise[t]
        top = here[0]
        for t in range(n):
            last, top = top, max(top, here[t])
            highest[t], drop[t] = top, last - top
        for t in range(n):
            rise[t], drop[t] = exp(here[t] - highest[t]), exp(drop[t])
        total = 0.0
        for t in range(n):
            stay[t] = total * drop[t]
            total = stay[t] + rise[t]
            here[t] = total
        for t in range(n):
            share = 1.0 / here[t]
            stay[t], rise[t] = stay[t] * share, rise[t] * share
            here[t] = highest[t] + log(here[t])
        before[0] = impossible
        before[1:] = here[:-1]
        result = here[n - 1]
    return result


@compiled
def _backward(count: int, room: _Room, marginal: Array) -> None:
    """``marginal (time,)``: the probability that any event lies at a bin."""
    n, later = marginal.shape[0], room.here
    marginal[:], later[:] = 0.0, 0.0
    reach = 1.0
    for k in range(count - 1, -1, -1):
        stay, rise = room.stay[k], room.rise[k]
        for t in range(n - 1, -1, -1):
            own = rise[t] * reach
            reach = later[t] + stay[t] * reach
            later[t] = own
            marginal[t] += own
        reach = 0.0
