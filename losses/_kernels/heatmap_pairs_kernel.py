"""Continuous heatmap matching on one CPU core: all pairs of points that are near each other.

Predictions (weight p) and labels (weight -1) form one set of weighted points, for which

    L = Z Σ_ij w_i w_j k_ij,   ∂L/∂w_i = 2 Z Σ_j w_j k_ij,   k_ij = exp(-|x_i - x_j|² / 2λ²),
    ∂L/∂x_i = -(2 Z / λ²) w_i Σ_j w_j k_ij (x_i - x_j).

Points are sorted into square bins of side at least ``REACH`` λ, and a point meets those of its own
and the eight adjacent bins only. A pair left out is farther apart than ``REACH`` λ, so its k_ij is
below 6.2e-13: the error of L is at most 6.2e-13 Z (Σ|w|)², that of ∂L/∂w_i 1.3e-12 Z Σ|w|. Bins as
wide as the point set make this the sum over all pairs, so it never costs more than that.
"""

from __future__ import annotations

import math

import numpy as np

from losses._kernels.compiling import Array, compiled, reordering
from losses._kernels.elementary import exp

REACH = 7.5


@reordering
def _attract(
    y: float, x: float, near_y: Array, near_x: Array, near_w: Array, size: int, scale: float
) -> tuple[float, float, float]:
    """Σ_j w_j k_j times 1, (y - y_j) and (x - x_j), over the first ``size`` near points."""
    weight, pull_y, pull_x = 0.0, 0.0, 0.0
    for j in range(size):
        dy, dx = y - near_y[j], x - near_x[j]
        k = near_w[j] * exp(-(dy * dy + dx * dx) * scale)
        weight += k
        pull_y += k * dy
        pull_x += k * dx
    return weight, pull_y, pull_x


@compiled
def _extent(values: Array, size: int) -> tuple[float, float]:
    """Smallest of the first ``size`` values, and the distance to the largest."""
    low = high = values[0]
    for i in range(size):
        low, high = min(low, values[i]), max(high, values[i])
    return low, high - low


@compiled
def _bins(y: Array, x: Array, size: int, reach: float) -> tuple[Array, int, int]:
    """Bin of each of the first ``size`` points, with the numbers of rows and columns of bins.

    Bins grow beyond ``reach`` where there would be many more of them than points.
    """
    low_y, extent_y = _extent(y, size)
    low_x, extent_x = _extent(x, size)
    height = max(reach, extent_y / size)
    rows = int(extent_y / height) + 1
    width = max(reach, extent_x * rows / (4 * size))
    columns = int(extent_x / width) + 1
    bin_of = np.empty(size, np.int64)
    for i in range(size):
        row, column = int((y[i] - low_y) / height), int((x[i] - low_x) / width)
        bin_of[i] = row * columns + column
    return bin_of, rows, columns


@compiled
def _sort(bin_of: Array, bins: int) -> tuple[Array, Array]:
    """Where each bin starts in the order of bins, and the points in that order."""
    start = np.zeros(bins + 1, np.int64)
    for i in range(bin_of.shape[0]):
        start[bin_of[i] + 1] += 1
    for k in range(bins):
        start[k + 1] += start[k]
    free = start.copy()
    order = np.empty(bin_of.shape[0], np.int64)
    for i in range(bin_of.shape[0]):
        order[free[bin_of[i]]] = i
        free[bin_of[i]] += 1
    return start, order


@compiled
def _interact(
    y: Array, x: Array, w: Array, size: int, bandwidth: float, potential: Array, pull: Array
) -> None:
    """Fill ``potential (size,)`` with Σ_j w_j k_ij and ``pull (size, 2)`` with its x_i - x_j."""
    bin_of, rows, columns = _bins(y, x, size, REACH * bandwidth)
    start, order = _sort(bin_of, rows * columns)
    near_y, near_x, near_w = np.empty(size), np.empty(size), np.empty(size)
    scale = 0.5 / (bandwidth * bandwidth)
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            if start[here] == start[here + 1]:
                continue
            near = 0
            for other in range(max(row - 1, 0), min(row + 2, rows)):
                first = start[other * columns + max(column - 1, 0)]
                for slot in range(first, start[other * columns + min(column + 2, columns)]):
                    j = order[slot]
                    if w[j] != 0:  # others attract nothing: candidates of another channel
                        near_y[near], near_x[near], near_w[near] = y[j], x[j], w[j]
                        near += 1
            for slot in range(start[here], start[here + 1]):
                i = order[slot]
                potential[i], pull[i, 0], pull[i, 1] = _attract(
                    y[i], x[i], near_y, near_x, near_w, near, scale
                )


@compiled
def evaluate(
    position: Array,
    p: Array,
    target: Array,
    label: Array,
    bandwidth: float,
    value: Array,
    gradient_position: Array,
    gradient_p: Array,
) -> None:
    """Distances and gradients, summed over channels, without the factor Z.

    Args:
        position: ``(batch, n, 2)``.
        p: ``(batch, channel, n)``.
        target: ``(batch, m, 2)``, finite where ``label`` is not 0.
        label: ``(batch, channel, m)``, 1 for a label of the channel, else 0.
        value, gradient_position, gradient_p: outputs ``(batch,)``, ``(batch, n, 2)`` and
            ``(batch, channel, n)``, zeros on entry. A sample that is not finite gets NaN.
    """
    batch, channels, n = p.shape
    most = n + target.shape[1]
    y, x, w = np.empty(most), np.empty(most), np.empty(most)
    potential, pull = np.empty(most), np.empty((most, 2))
    for b in range(batch):
        for c in range(channels):
            size = n
            for i in range(n):
                y[i], x[i], w[i] = position[b, i, 0], position[b, i, 1], p[b, c, i]
            for j in range(target.shape[1]):
                if label[b, c, j] != 0:
                    y[size], x[size], w[size] = target[b, j, 0], target[b, j, 1], -label[b, c, j]
                    size += 1
            if size == 0:
                continue
            checksum = 0.0
            for i in range(size):
                checksum += y[i] + x[i] + w[i]
            if math.isfinite(checksum):
                _interact(y, x, w, size, bandwidth, potential, pull)
            else:
                potential[:], pull[:] = np.nan, np.nan
            for i in range(size):
                value[b] += w[i] * potential[i]
            for i in range(n):
                slope = -2 / (bandwidth * bandwidth) * w[i]
                gradient_p[b, c, i] = 2 * potential[i]
                gradient_position[b, i, 0] += slope * pull[i, 0]
                gradient_position[b, i, 1] += slope * pull[i, 1]
