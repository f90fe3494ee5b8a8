"""Bootstrap band of a Nadaraya-Watson surface.

Runs are drawn with replacement. A sample weighs each run by how often it was drawn, so all samples
share the kernels and a surface costs two matrix products. Percentiles over samples are too narrow
where few runs share the weight, so their levels are those of Hesterberg's *expanded* percentile
interval (What Teachers Should Know About the Bootstrap, American Statistician 69, 2015),

    Φ(-t √(n / (n - 1))),    t the (1 + level) / 2 quantile of Student's t with n - 1 degrees,

where n is the effective sample size at the grid point.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from results.surface.kernel_sums import Axis, Floats, node_sums, on_grid

NO_MASS = 1e-9  # a surface is unknown where the kernels weigh less
_LEAST_ESS = 1.5  # where fewer share the weight the surface is blank, and the band not needed
_BATCH_ELEMENTS = 8_000_000  # bootstrap samples × (runs or grid points) in memory at once


def bootstrap_band(
    x: Floats,
    y: Floats,
    rows: Floats,
    bandwidth: tuple[float, float],
    axes: tuple[Axis, Axis],
    ess: Floats,
    resamples: int,
    level: float,
    seed: int,
) -> Floats:
    """(2, Gy, Gx) lower and upper end of the band.

    Samples without a run nearby are left out of the percentiles of that grid point.

    Args:
        x, y: (n,) runs.
        rows: (2, n) ones, and the values.
        ess: (Gy, Gx) effective sample size.
    """
    samples = _sample_sums(x, y, rows, bandwidth, axes, resamples, seed)
    tail = tail_probability(ess, level)
    band = np.empty((2, *ess.shape))
    for columns in _batches(ess.shape[1], 2 * resamples * ess.shape[0]):
        mass, total = np.split(on_grid(samples, axes, columns), 2, axis=1)
        value = np.divide(total, mass, out=np.full_like(mass, np.nan), where=mass > NO_MASS)
        band[:, :, columns] = _tails(value, tail[:, columns])
    return band


def tail_probability(ess: Floats, level: float) -> Floats:
    """Of each tail of the bootstrap distribution, for a two-sided interval at `level`."""
    from scipy.special import ndtr, stdtrit

    n = np.maximum(ess, _LEAST_ESS)
    tail: Floats = ndtr(-stdtrit(n - 1, (1 + level) / 2) * np.sqrt(n / (n - 1)))
    return tail


def _sample_sums(
    x: Floats,
    y: Floats,
    rows: Floats,
    bandwidth: tuple[float, float],
    axes: tuple[Axis, Axis],
    resamples: int,
    seed: int,
) -> Floats:
    """(nodes of y, 2 × resamples, nodes of x) sums: mass of each sample, then its values."""
    generator = np.random.default_rng(seed)
    n = len(x)
    parts = []
    for batch in _batches(resamples, 2 * n):
        drawn = np.stack(
            [np.bincount(generator.integers(0, n, n), minlength=n) for _ in range(resamples)[batch]]
        )
        sums = node_sums(x, y, (drawn * rows[:, None]).reshape(-1, n), bandwidth, axes)
        parts.append(sums.reshape(len(sums), 2, len(drawn), -1))
    samples = np.concatenate(parts, axis=2)
    return samples.reshape(len(samples), 2 * resamples, -1)


def _batches(count: int, elements: int) -> Iterator[slice]:
    """Slices that cover `count` items of `elements` numbers each, within the memory bound."""
    size = max(1, _BATCH_ELEMENTS // elements)
    return (slice(start, start + size) for start in range(0, count, size))


def _tails(values: Floats, tail: Floats) -> Floats:
    """(2, Gy, columns) quantiles at `tail` and 1 - `tail` of (Gy, samples, columns), NaN left out.

    Position (samples + 1) · probability among the ordered samples, interpolated, and the extreme
    ones beyond: `np.quantile` with method "weibull", which takes no probability per point.
    """
    ordered = np.sort(values, axis=1)  # NaN last
    count = (~np.isnan(values)).sum(axis=1)
    last = np.maximum(count - 1, 0)
    ends = []
    for probability in (tail, 1 - tail):
        position = np.clip((count + 1) * probability - 1, 0, last)
        below = np.floor(position).astype(np.intp)
        above = np.ceil(position).astype(np.intp)
        first = np.take_along_axis(ordered, below[:, None], axis=1)[:, 0]
        second = np.take_along_axis(ordered, above[:, None], axis=1)[:, 0]
        ends.append(first + (second - first) * (position - below))
    return np.stack(ends)
