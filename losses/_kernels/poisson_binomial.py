"""Poisson-binomial log-probabilities and their gradients on one CPU core.

`LANES` sequences advance together (sequences are the fastest axis, so that the compiler emits
vector instructions), and only bins 0…c of the label count c are kept. With the recursion (2.11)

    a_t[k] = (1 - p_t) a_{t-1}[k] + p_t a_{t-1}[k - 1],       Pr(C = c) = a_n[c],

and messages b_t[k] = ∂ log Pr / ∂ a_t[k], which obey the adjoint recursion
b_{t-1}[k] = (1 - p_t) b_t[k] + p_t b_t[k + 1], the gradient is

    ∂ log Pr / ∂ p_t = Σ_k b_t[k] (a_{t-1}[k - 1] - a_{t-1}[k]).

States and messages are probabilities, so what underflows in them contributes less than the
smallest float times n: a result above ``WEAK`` is accurate as it stands. Below it, the sequence is
done again by `tilted` in float64, after an exponential tilt that makes the label a likely count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

LANES = 32
WEAK = 1e-20
FLOOR = 1e-30
_MAX_TILT = 90.0
Array = npt.NDArray[Any]
_compiled = njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")


@_compiled
def _forward(p: Array, q: Array, a: Array) -> None:
    """Fill ``a (n + 1, bins, LANES)`` with partial count distributions of ``p (n, LANES)``."""
    n, bins = a.shape[0] - 1, a.shape[1]
    for k in range(bins):
        for lane in range(LANES):
            a[0, k, lane] = 0.0
    for lane in range(LANES):
        a[0, 0, lane] = 1.0
    for t in range(n):
        for lane in range(LANES):
            a[t + 1, 0, lane] = q[t, lane] * a[t, 0, lane]
        for k in range(1, bins):
            for lane in range(LANES):
                a[t + 1, k, lane] = q[t, lane] * a[t, k, lane] + p[t, lane] * a[t, k - 1, lane]


@_compiled
def _messages(p: Array, q: Array, b: Array) -> None:
    """Fill ``b (n + 1, bins, LANES)`` backwards from its last row."""
    n, bins = b.shape[0] - 1, b.shape[1]
    for t in range(n - 1, -1, -1):
        for k in range(bins - 1):
            for lane in range(LANES):
                b[t, k, lane] = q[t, lane] * b[t + 1, k, lane] + p[t, lane] * b[t + 1, k + 1, lane]
        for lane in range(LANES):
            b[t, bins - 1, lane] = q[t, lane] * b[t + 1, bins - 1, lane]


@_compiled
def _end(a: Array, b: Array, count: Array, threshold: float) -> Array:
    """Start the messages from the last states; return Pr(C = count) per lane.

    Lanes with a probability below ``threshold`` (or NaN) get no message.
    """
    n, bins = a.shape[0] - 1, a.shape[1]
    value = np.empty(LANES, a.dtype)
    for k in range(bins):
        for lane in range(LANES):
            b[n, k, lane] = 0.0
    for lane in range(LANES):
        value[lane] = a[n, count[lane], lane]
        if value[lane] >= threshold:
            b[n, count[lane], lane] = 1 / value[lane]
    return value


@_compiled
def _gradient(a: Array, b: Array, up: Array, down: Array, g: Array) -> None:
    """``g (n, LANES)``: Σ_k b_t[k] (up_t a_{t-1}[k - 1] - down_t a_{t-1}[k])."""
    n, bins = a.shape[0] - 1, a.shape[1]
    for t in range(n):
        for lane in range(LANES):
            g[t, lane] = -b[t + 1, 0, lane] * (down[t, lane] * a[t, 0, lane])
        for k in range(1, bins):
            for lane in range(LANES):
                g[t, lane] += b[t + 1, k, lane] * (
                    up[t, lane] * a[t, k - 1, lane] - down[t, lane] * a[t, k, lane]
                )


@_compiled
def direct(
    probability: Array, count: Array, order: Array, value: Array, gradient: Array, weak: Array
) -> None:
    """Log-probabilities of ``count (s,)`` for ``probability (s, n)``, written to ``value (s,)``.

    Args:
        order: rows sorted by count, so that the lanes of a block need equally many bins.
        gradient: ``(s, n)`` output, or ``(0, n)`` when no gradient is needed.
        weak: ``(s,)`` output, True where the result is not accurate and `tilted` must be used.
    """
    rows, n = probability.shape
    lane_count = np.zeros(LANES, np.int64)
    p = np.zeros((n, LANES), probability.dtype)
    q = np.ones((n, LANES), probability.dtype)
    g = np.empty((n, LANES), probability.dtype)
    ones = np.ones((n, LANES), probability.dtype)
    for start in range(0, rows, LANES):
        used = min(LANES, rows - start)
        for lane in range(used):
            row = order[start + lane]
            lane_count[lane] = min(count[row], n)
            for t in range(n):
                p[t, lane] = probability[row, t]
                q[t, lane] = 1 - p[t, lane]
        a = np.empty((n + 1, lane_count[:used].max() + 1, LANES), probability.dtype)
        _forward(p, q, a)
        b = np.empty(a.shape, a.dtype)
        result = _end(a, b, lane_count, WEAK)
        for lane in range(used):
            row = order[start + lane]
            weak[row] = not (result[lane] >= WEAK and count[row] <= n)
            value[row] = np.log(result[lane])
        if gradient.shape[0]:
            _messages(p, q, b)
            _gradient(a, b, ones, ones, g)
            for lane in range(used):
                row = order[start + lane]
                for t in range(n):
                    gradient[row, t] = g[t, lane]


@_compiled
def _tilt(p: Array, q: Array, count: Array, used: int) -> Array:
    """``θ (LANES,)``: tilted probabilities p e^θ / (q + p e^θ) sum to about the count.

    Newton steps on the logarithm of the mean, kept inside a bracket by bisection.
    """
    n = p.shape[0]
    theta = np.zeros(LANES)
    low, high = np.full(LANES, -_MAX_TILT), np.full(LANES, _MAX_TILT)
    scale, mean, variance = np.ones(LANES), np.empty(LANES), np.empty(LANES)
    for _ in range(60):
        mean[:] = 0.0
        variance[:] = 0.0
        for t in range(n):
            for lane in range(LANES):
                odds = p[t, lane] * scale[lane]
                inverse = 1 / (q[t, lane] + odds)
                mean[lane] += odds * inverse
                variance[lane] += (odds * inverse) * (q[t, lane] * inverse)
        moved = False
        for lane in range(used):
            goal = min(max(float(count[lane]), 0.2), n - 0.2)
            if not abs(mean[lane] - goal) > 0.2:
                continue
            moved = True
            if mean[lane] > goal:
                high[lane] = theta[lane]
            else:
                low[lane] = theta[lane]
            theta[lane] += (np.log(goal) - np.log(mean[lane])) * mean[lane] / variance[lane]
            if not low[lane] < theta[lane] < high[lane]:
                theta[lane] = (low[lane] + high[lane]) / 2
            scale[lane] = np.exp(theta[lane])
        if not moved:
            break
    return theta


@_compiled
def tilted(probability: Array, count: Array, order: Array, value: Array, gradient: Array) -> None:
    """As `direct`, in float64 and for counts of any probability.

    Probabilities are read as no closer than ``FLOOR`` to 0 or 1, and each instance that the count
    has beyond n costs -log ``FLOOR``. With odds scaled by s = e^θ and d_t = 1 / (q_t + s p_t),

        Pr(C = c) = s^{-c} Π_t (q_t + s p_t) · Pr_θ(C = c),
        ∂ log Pr / ∂ p_t = d_t Σ_k b_t[k] (s a_{t-1}[k - 1] - a_{t-1}[k])

    with states and messages of the tilted sequence.
    """
    rows, n = order.shape[0], probability.shape[1]
    lane_count = np.zeros(LANES, np.int64)
    p, q = np.full((n, LANES), 0.5), np.full((n, LANES), 0.5)
    up, down, g = np.empty((n, LANES)), np.empty((n, LANES)), np.empty((n, LANES))
    for start in range(0, rows, LANES):
        used = min(LANES, rows - start)
        for lane in range(used):
            row = order[start + lane]
            lane_count[lane] = min(count[row], n)
            for t in range(n):
                x = np.float64(probability[row, t])
                # comparisons that let NaN through, unlike max()
                p[t, lane] = FLOOR if x < FLOOR else x
                q[t, lane] = FLOOR if 1 - x < FLOOR else 1 - x
        theta = _tilt(p, q, lane_count, used)
        log_scale = np.zeros(LANES)
        for lane in range(used):
            scale = np.exp(theta[lane])
            product = 1.0
            for t in range(n):
                total = q[t, lane] + scale * p[t, lane]
                down[t, lane] = 1 / total
                up[t, lane] = scale / total
                p[t, lane] *= up[t, lane]
                q[t, lane] *= down[t, lane]
                product *= total
                if t % 4 == 3:
                    log_scale[lane] += np.log(product)
                    product = 1.0
            log_scale[lane] += np.log(product)
        a = np.empty((n + 1, lane_count[:used].max() + 1, LANES))
        _forward(p, q, a)
        b = np.empty(a.shape)
        result = _end(a, b, lane_count, 0.0)
        for lane in range(used):
            row = order[start + lane]
            beyond = count[row] - lane_count[lane]
            value[row] = (
                np.log(result[lane])
                + log_scale[lane]
                - lane_count[lane] * theta[lane]
                + beyond * np.log(FLOOR)
            )
        if gradient.shape[0]:
            _messages(p, q, b)
            _gradient(a, b, up, down, g)
            for lane in range(used):
                row = order[start + lane]
                for t in range(n):
                    gradient[row, t] = g[t, lane] if result[lane] > 0 else np.nan


def evaluate(probability: Array, count: Array, value: Array, gradient: Array) -> None:
    """Log-probabilities and, unless ``gradient`` has no rows, their gradients, in place."""
    order = np.argsort(count, kind="stable")
    weak = np.zeros(count.shape, np.bool_)
    direct(probability, count, order, value, gradient, weak)
    if weak.any():
        tilted(probability, count, order[weak[order]], value, gradient)
