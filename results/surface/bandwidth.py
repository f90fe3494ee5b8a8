"""Bandwidths of a Nadaraya-Watson surface by leave-one-setting-out cross-validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from results.surface.kernel_sums import Floats
from results.surface.swept_settings import LEAST_SETTINGS, SweptSettings

STEPS = 15  # from the range of the settings down by factors of √2: to 1/128 of it
MOST_LEFT_OUT = 500  # settings left out in turn; the others still all take part
_BLOCK_LEFT_OUT = 8  # × settings × candidates is in memory at once, small enough for the cache
_BLOCK_SETTINGS = 2_048

Indices = NDArray[np.intp]
Pair = tuple[float, float]


@dataclass(frozen=True)
class BandwidthErrors:
    """How well the bandwidths of a surface predict settings that they are not told of.

    Attributes:
        used, best: bandwidths along x and y: of the surface, and by leave-one-setting-out.
        used_error, best_error: root mean squared error of the runs of settings left out, in the
            units of the value; the noise of single runs is in it.
    """

    used: Pair
    used_error: float
    best: Pair
    best_error: float


def can_be_chosen(x: Floats, y: Floats) -> bool:
    """Whether runs at (x, y) are enough to choose bandwidths from."""
    settings = SweptSettings.of(x, y, np.zeros(len(x)))
    return len(settings) >= LEAST_SETTINGS and min(settings.ranges) > 0


def leave_one_setting_out_bandwidth(
    x: Floats, y: Floats, value: Floats, seed: int = 0
) -> tuple[float, float]:
    """The pair of bandwidths that predicts the runs of each setting best from all other settings.

    The candidates of an axis are its range divided by powers of √2. All pairs that reach from each
    setting to its neighbours (`SweptSettings.reached_by`) are compared by mean squared error; the
    widest pair always does. Of more than `MOST_LEFT_OUT` settings, a random subset of that size is
    left out in turn, so that time and memory grow with n and not with n².

    Args:
        x, y, value: (n,) runs of three settings or more.
        seed: of the subset.

    Raises:
        ValueError: fewer settings, or an axis on which all runs agree.
    """
    settings = _settings(x, y, value)
    errors, across, up = _all_errors(settings, seed)
    return _best(settings, errors, across, up)[0]


def bandwidth_errors(
    x: Floats, y: Floats, value: Floats, used: Pair, seed: int = 0
) -> BandwidthErrors:
    """The error of a bandwidth beside the best that leave-one-setting-out finds.

    Args:
        x, y, value, seed: as for `leave_one_setting_out_bandwidth`.

    Raises:
        ValueError: as there.
    """
    settings = _settings(x, y, value)
    best, best_error = _best(settings, *_all_errors(settings, seed))
    error = _errors(settings, used, 1, seed)[0, 0]
    return BandwidthErrors(used, float(np.sqrt(error)), best, float(np.sqrt(best_error)))


def leave_one_setting_out_errors(
    x: Floats, y: Floats, value: Floats, seed: int = 0
) -> tuple[Floats, Floats, Floats]:
    """Mean squared error (candidates of x, candidates of y), and the candidates of x and of y.

    Where no other setting is within reach of a kernel, the mean of all other runs predicts.
    """
    return _all_errors(_settings(x, y, value), seed)


def _settings(x: Floats, y: Floats, value: Floats) -> SweptSettings:
    settings = SweptSettings.of(x, y, value)
    if len(settings) < LEAST_SETTINGS:
        raise ValueError(
            f"choosing a bandwidth needs at least {LEAST_SETTINGS} settings; got {len(settings)} "
            f"in {len(x)} runs: give the bandwidth"
        )
    for name, extent in zip("xy", settings.ranges, strict=True):
        if not extent > 0:
            raise ValueError(
                f"all runs have the same {name}: no bandwidth can be chosen on that axis; give it"
            )
    return settings


def _best(
    settings: SweptSettings, errors: Floats, across: Floats, up: Floats
) -> tuple[Pair, float]:
    """The admissible pair of least error, the widest among equals, and its error."""
    for flat in np.argsort(errors, axis=None, kind="stable"):
        i, j = np.unravel_index(flat, errors.shape)
        pair = float(across[i]), float(up[j])
        if settings.reached_by(pair):
            return pair, float(errors[i, j])
    raise AssertionError("the widest pair reaches every setting")


def _all_errors(settings: SweptSettings, seed: int) -> tuple[Floats, Floats, Floats]:
    shrink = 2.0 ** (-np.arange(STEPS) / 2)
    ranges = settings.ranges
    return _errors(settings, ranges, STEPS, seed), ranges[0] * shrink, ranges[1] * shrink


def _errors(settings: SweptSettings, widest: Pair, steps: int, seed: int) -> Floats:
    """(steps, steps) mean squared errors of bandwidths from the widest down by factors of √2."""
    s, n = len(settings), settings.count.sum()
    left_out = np.arange(s)
    if s > MOST_LEFT_OUT:
        left_out = np.random.default_rng(seed).choice(s, MOST_LEFT_OUT, replace=False)
    centred = settings.mean - (settings.count @ settings.mean) / n
    error = np.full((steps, steps), settings.squares[left_out].sum())
    for start in range(0, len(left_out), _BLOCK_LEFT_OUT):
        chosen = left_out[start : start + _BLOCK_LEFT_OUT]
        count, mean = settings.count[chosen, None, None], centred[chosen, None, None]
        mass, total = _sums_without_self(settings, centred, chosen, widest, steps)
        of_others = np.broadcast_to(-count * mean / (n - count), mass.shape)
        predicted = np.divide(total, mass, out=of_others.copy(), where=mass > 0)
        error += (count * (predicted - mean) ** 2).sum(axis=0)
    return np.asarray(error / settings.count[left_out].sum())


def _sums_without_self(
    settings: SweptSettings, mean: Floats, chosen: Indices, widest: Pair, steps: int
) -> tuple[Floats, Floats]:
    """Σ_j n_j K_ij and Σ_j n_j K_ij v_j over settings j ≠ i: (chosen i, steps of x, steps of y)."""
    mass = np.zeros((len(chosen), steps, steps))
    total = np.zeros_like(mass)
    for start in range(0, len(settings), _BLOCK_SETTINGS):
        block = slice(start, start + _BLOCK_SETTINGS)
        kernel_x = _kernels(settings.x[block], settings.x[chosen], widest[0], steps)
        kernel_y = _kernels(settings.y[block], settings.y[chosen], widest[1], steps)
        kernel_y *= settings.count[block]
        itself, column = np.nonzero(chosen[:, None] == np.arange(len(settings))[block])
        kernel_y[itself, :, column] = 0.0
        mass += kernel_x @ kernel_y.transpose(0, 2, 1)
        total += kernel_x @ (kernel_y * mean[block]).transpose(0, 2, 1)
    return mass, total


def _kernels(at: Floats, centres: Floats, widest: float, steps: int) -> Floats:
    """(centres, steps, n) kernels: one exponential; a bandwidth smaller by √2 squares it."""
    kernels = np.empty((len(centres), steps, len(at)))
    kernels[:, 0] = np.exp(-0.5 * ((centres[:, None] - at) / widest) ** 2)
    for step in range(1, steps):
        np.square(kernels[:, step - 1], out=kernels[:, step])
    return kernels
