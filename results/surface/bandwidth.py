"""Bandwidths of a Nadaraya-Watson surface by leave-one-out cross-validation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from results.surface.kernel_sums import Floats

STEPS = 15  # from the range of the runs down by factors of √2: to 1/128 of it
MOST_LEFT_OUT = 500  # runs left out in turn; the others still all take part
_BLOCK_LEFT_OUT = 8  # × runs × candidates is in memory at once, small enough for the cache
_BLOCK_RUNS = 2_048

Indices = NDArray[np.intp]


def leave_one_out_bandwidth(
    x: Floats, y: Floats, value: Floats, seed: int = 0
) -> tuple[float, float]:
    """The pair of bandwidths that predicts each run best from all the others.

    The candidates of an axis are its range divided by powers of √2, and all pairs are compared by
    mean squared error. Where a run has no neighbour within reach of its kernel, the mean of the
    other runs predicts it. Of more than `MOST_LEFT_OUT` runs, a random subset of that size is left
    out in turn, so that time and memory grow with n and not with n².

    Args:
        x, y, value: (n,) runs, n ≥ 3.
        seed: of the subset.

    Raises:
        ValueError: fewer than three runs, or an axis on which all runs agree.
    """
    scores, across, up = leave_one_out_scores(x, y, value, seed)
    best_x, best_y = np.unravel_index(np.argmin(scores), scores.shape)
    return float(across[best_x]), float(up[best_y])


def leave_one_out_scores(
    x: Floats, y: Floats, value: Floats, seed: int = 0
) -> tuple[Floats, Floats, Floats]:
    """Mean squared error (candidates of x, candidates of y), and the candidates of x and of y."""
    n = len(x)
    if n < 3:
        raise ValueError(f"choosing a bandwidth needs at least 3 runs; got {n}: give the bandwidth")
    ranges = (float(np.ptp(x)), float(np.ptp(y)))
    for name, extent in zip("xy", ranges, strict=True):
        if not extent > 0:
            raise ValueError(
                f"all runs have the same {name}: no bandwidth can be chosen on that axis; give it"
            )
    shrink = 2.0 ** (-np.arange(STEPS) / 2)
    left_out = np.arange(n)
    if n > MOST_LEFT_OUT:
        left_out = np.random.default_rng(seed).choice(n, MOST_LEFT_OUT, replace=False)
    centred = value - value.mean()
    error = np.zeros((STEPS, STEPS))
    for start in range(0, len(left_out), _BLOCK_LEFT_OUT):
        chosen = left_out[start : start + _BLOCK_LEFT_OUT]
        mass, total = _sums_without_self(x, y, centred, chosen, ranges)
        of_others = np.broadcast_to(-centred[chosen, None, None] / (n - 1), mass.shape)
        predicted = np.divide(total, mass, out=of_others.copy(), where=mass > 0)
        error += ((predicted - centred[chosen, None, None]) ** 2).sum(axis=0)
    return error / len(left_out), ranges[0] * shrink, ranges[1] * shrink


def _sums_without_self(
    x: Floats, y: Floats, value: Floats, chosen: Indices, ranges: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Σ_j K_ij and Σ_j K_ij v_j over j ≠ i: each (chosen i, candidates of x, candidates of y)."""
    mass = np.zeros((len(chosen), STEPS, STEPS))
    total = np.zeros_like(mass)
    for start in range(0, len(x), _BLOCK_RUNS):
        block = slice(start, start + _BLOCK_RUNS)
        kernel_x = _kernels(x[block], x[chosen], ranges[0])
        kernel_y = _kernels(y[block], y[chosen], ranges[1])
        itself, column = np.nonzero(chosen[:, None] == np.arange(len(x))[block])
        kernel_y[itself, :, column] = 0.0
        mass += kernel_x @ kernel_y.transpose(0, 2, 1)
        total += kernel_x @ (kernel_y * value[block]).transpose(0, 2, 1)
    return mass, total


def _kernels(at: Floats, centres: Floats, extent: float) -> Floats:
    """(centres, candidates, n) kernels: one exponential; a bandwidth smaller by √2 squares it."""
    kernels = np.empty((len(centres), STEPS, len(at)))
    kernels[:, 0] = np.exp(-0.5 * ((centres[:, None] - at) / extent) ** 2)
    for step in range(1, STEPS):
        np.square(kernels[:, step - 1], out=kernels[:, step])
    return kernels
