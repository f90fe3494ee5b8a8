"""Expected coordinates under Gumbel-softmax weights, on one CPU core, with nothing materialised.

For map m and sample s, with logits l and Gumbel noise g = -log(-log u),

    z_i = l_scale · l_i + g_scale · g_i,   ŵ = softmax(z),   Ŷ_d = Σ_i ŵ_i ŷ_d[i_d],

where ŷ_d[j] is the coordinate, along axis d, of the sub-distribution's draw in slice j. Only Ŷ and
the two numbers of the softmax (maximum, sum) are kept. The noise is a hash of (key, cell), so the
backward pass draws it again:

    ∂L/∂l_i = l_scale Σ_s ŵ_i Σ_d ∂L/∂Ŷ_d (ŷ_d[i_d] - Ŷ_d).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from losses._kernels.compiling import Array, compiled, inlined, reordering

_F, _U, _I = np.float32, np.uint32, np.int32
_TO_INTEGER = _F(12582912.0)  # 1.5 · 2²³: adding it leaves the rounded number in the low bits
_SQRT_HALF = 0x3F3504F3  # bits of √½
_LN2_HIGH, _LN2_LOW = _F(0.693359375), _F(-2.12194440e-4)


@inlined
def _log(x: Any) -> Any:
    """Natural logarithm of a positive normal float32, to 1 ulp near 1 (Cephes' polynomial)."""
    bits = _I(_F(x).view(np.int32) + _I(0x3F800000 - _SQRT_HALF))
    k = _F(_I(bits >> _I(23)) - _I(127))
    f = _I(_I(bits & _I(0x7FFFFF)) + _I(_SQRT_HALF)).view(np.float32) - _F(1)
    series = _F(7.0376836292e-2)
    series = series * f - _F(1.1514610310e-1)
    series = series * f + _F(1.1676998740e-1)
    series = series * f - _F(1.2420140846e-1)
    series = series * f + _F(1.4249322787e-1)
    series = series * f - _F(1.6668057665e-1)
    series = series * f + _F(2.0000714765e-1)
    series = series * f - _F(2.4999993993e-1)
    series = series * f + _F(3.3333331174e-1)
    square = f * f
    tail = series * f * square + k * _LN2_LOW - _F(0.5) * square
    return f + tail + k * _LN2_HIGH


@inlined
def _exp(x: Any) -> Any:
    """``exp(x)`` of a float32 x ≤ 0, at least the smallest normal number (Cephes' polynomial)."""
    x = x if x > _F(-87) else _F(-87)
    shifted = x * _F(1.44269504) + _TO_INTEGER
    k = shifted - _TO_INTEGER
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    series = _F(1.9875691500e-4)
    series = series * r + _F(1.3981999507e-3)
    series = series * r + _F(8.3334519073e-3)
    series = series * r + _F(4.1665795894e-2)
    series = series * r + _F(1.6666665459e-1)
    series = series * r + _F(0.5)
    value = series * r * r + r + _F(1)
    exponent = _I(_I(_F(shifted).view(np.int32) + _I(127)) << _I(23))
    return value * exponent.view(np.float32)


@inlined
def _log_exponential(cell: Any, key: Any, other: Any) -> Any:
    """``log E`` of a unit exponential: minus a Gumbel variate, from a hash of (keys, cell)."""
    bits = _U(_U(cell) * _U(0x9E3779B9) + key)
    bits = _U(_U(bits ^ _U(bits >> _U(16))) * _U(0x7FEB352D))
    bits = _U(_U(bits ^ _U(bits >> _U(15))) + other)
    bits = _U(bits * _U(0x846CA68B))
    bits = _U(bits ^ _U(bits >> _U(16)))
    # E = -log(1 - v). Small v decide which cell wins, so they keep all their digits: what
    # rounding takes from 1 - v is added to the logarithm.
    v = (_F(_U(bits >> _U(1)).view(np.int32)) + _F(0.5)) * _F(2.0**-31)
    rest = _F(1) - v
    lost = (_F(1) - rest) - v
    floor = _F(2.0**-25)
    return _log(-(_log(rest if rest > floor else floor) + lost))


@compiled
def _perturb(logits: Array, scale: Any, noise: Any, key: Any, other: Any, z: Array) -> Any:
    """Fill ``z`` with noisy logits; return the largest."""
    top = _I(-(2**31))
    for i in range(z.shape[0]):
        z[i] = scale * logits[i] - noise * _log_exponential(i, key, other)
        # as integers that sort like the numbers: the maximum of floats would not vectorise
        bits = _F(z[i]).view(np.int32)
        bits = _I(bits ^ _I(_I(bits >> _I(31)) & _I(0x7FFFFFFF)))
        top = bits if bits > top else top
    return _I(top ^ _I(_I(top >> _I(31)) & _I(0x7FFFFFFF))).view(np.float32)


@compiled
def _weigh(z: Array, top: Any) -> None:
    """Turn noisy logits into unnormalised weights."""
    for i in range(z.shape[0]):
        z[i] = _exp(z[i] - top)


@reordering
def _moments(weight: Array, coordinate: Array) -> Any:
    """Weight of a row of cells, and its coordinates' weighted sum."""
    total, moment = _F(0), _F(0)
    for j in range(weight.shape[0]):
        total += weight[j]
        moment += weight[j] * coordinate[j]
    return total, moment


@compiled
def _add_gradient(weight: Array, coordinate: Array, slope: Any, base: Any, gradient: Array) -> None:
    for j in range(weight.shape[0]):
        gradient[j] += weight[j] * (base + slope * coordinate[j])


@compiled
def _is_distribution(logits: Array) -> bool:
    """Whether a softmax exists: no NaN, no +inf, and something above -inf."""
    wrong, possible = 0, 0
    for i in range(logits.shape[0]):
        wrong += not logits[i] < np.inf
        possible += logits[i] > -np.inf
    return wrong == 0 and possible > 0


@compiled
def _keys(seed: int, stream: int) -> Any:
    """Two independent 32-bit keys of a stream (splitmix64)."""
    x = np.uint64(seed) + np.uint64(stream + 1) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return _U(x >> np.uint64(32)), _U(x & np.uint64(0xFFFFFFFF))


@compiled
def noise(seed: int, of: int, first: int, gumbel: Array) -> None:
    """Fill ``gumbel (samples, maps, cells)``: noise of samples ``first``, … out of ``of``."""
    samples, maps, cells = gumbel.shape
    for s in range(samples):
        for m in range(maps):
            key, other = _keys(seed, m * of + first + s)
            for i in range(cells):
                gumbel[s, m, i] = -_log_exponential(i, key, other)


@compiled
def forward(
    logits: Array,
    coordinate: Array,
    shape: Array,
    l_scale: Any,
    g_scale: Any,
    seed: int,
    expected: Array,
    softmax: Array,
) -> None:
    """Fill ``expected (samples, maps, dim)`` and ``softmax (samples, maps, 2)``.

    Args:
        logits: ``(maps, cells)``, cells in the order of a grid of ``shape``.
        coordinate: ``(samples, maps, Σ shape)``, draws per slice, axis after axis.
        shape: ``(dim,)``.
    """
    samples, maps, dim = expected.shape
    width = shape[dim - 1]
    lead = coordinate.shape[2] - width
    z = np.empty(logits.shape[1], np.float32)
    for m in range(maps):
        if not _is_distribution(logits[m]):
            expected[:, m, :] = np.nan
            continue
        for s in range(samples):
            key, other = _keys(seed, m * samples + s)
            top = _perturb(logits[m], l_scale, g_scale, key, other, z)
            _weigh(z, top)
            total = 0.0
            for row in range(z.shape[0] // width):
                weight, moment = _moments(
                    z[row * width : (row + 1) * width], coordinate[s, m, lead:]
                )
                total += weight
                expected[s, m, dim - 1] += moment
                index, offset = row, lead
                for d in range(dim - 2, -1, -1):
                    offset -= shape[d]
                    expected[s, m, d] += weight * coordinate[s, m, offset + index % shape[d]]
                    index //= shape[d]
            for d in range(dim):
                expected[s, m, d] /= total
            softmax[s, m, 0], softmax[s, m, 1] = top, total


@compiled
def backward(
    logits: Array,
    coordinate: Array,
    shape: Array,
    l_scale: Any,
    g_scale: Any,
    seed: int,
    expected: Array,
    softmax: Array,
    slope: Array,
    gradient: Array,
) -> None:
    """Add to ``gradient (maps, cells)``, for ``slope`` = ∂L/∂Ŷ ``(samples, maps, dim)``."""
    samples, maps, dim = expected.shape
    width = shape[dim - 1]
    lead = coordinate.shape[2] - width
    z = np.empty(logits.shape[1], np.float32)
    for m in range(maps):
        if not _is_distribution(logits[m]):
            gradient[m, :] = np.nan
            continue
        for s in range(samples):
            key, other = _keys(seed, m * samples + s)
            _perturb(logits[m], l_scale, g_scale, key, other, z)
            _weigh(z, softmax[s, m, 0])
            scale = l_scale / softmax[s, m, 1]
            for row in range(z.shape[0] // width):
                base = -slope[s, m, dim - 1] * expected[s, m, dim - 1]
                index, offset = row, lead
                for d in range(dim - 2, -1, -1):
                    offset -= shape[d]
                    place = coordinate[s, m, offset + index % shape[d]]
                    base += slope[s, m, d] * (place - expected[s, m, d])
                    index //= shape[d]
                _add_gradient(
                    z[row * width : (row + 1) * width],
                    coordinate[s, m, lead:],
                    scale * slope[s, m, dim - 1],
                    scale * base,
                    gradient[m, row * width : (row + 1) * width],
                )
