"""A metric as a smooth function of two swept parameters: Nadaraya-Watson kernel regression.

    value(g) = Σ_i K(g - x_i) v_i / Σ_i K(g - x_i),    K a Gaussian with one bandwidth per axis,

(Nadaraya 1964, Watson 1964; as in thesis figure 5.8). The uncertainty band is the percentile
bootstrap over runs: it is a band for the smoothed metric, and does not know the bias that smoothing
itself causes.

A grid point is blank where the data are too thin, by either of two measures:

- mass Σ_i K_i / K(0) < `LEAST_MASS`: all runs together weigh less than half of one run right there;
- effective sample size (Kish) (Σ_i K_i)² / Σ_i K_i² < `LEAST_ESS`: fewer than two runs share the
weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from results.bandwidth import leave_one_out_bandwidth
from results.kernel_sums import Axis, Floats, node_sums, on_grid

LEAST_MASS = 0.5
LEAST_ESS = 2.0

_BATCH_ELEMENTS = 8_000_000  # bootstrap samples × (runs or grid points) in memory at once
_NO_MASS = 1e-9  # a bootstrap surface is unknown where it has less


@dataclass(frozen=True)
class Surface:
    """The regression on a grid.

    Attributes:
        x: (Gx,) grid of the first parameter; y: (Gy,) of the second.
        value: (Gy, Gx) regression; NaN where blank.
        low, high: (Gy, Gx) bootstrap band at `level`; NaN where blank or not computed.
        ess: (Gy, Gx) effective sample size (Kish).
        mass: (Gy, Gx) kernel mass in units of one run.
        bandwidth: standard deviation of the kernel along x and y, in their units.
        chosen: whether the bandwidth was chosen by leave-one-out.
        n: runs.
        level: nominal coverage of the band; resamples: its bootstrap samples, 0 for none.
        clip: values below were raised to it before smoothing; None if not.
    """

    x: Floats
    y: Floats
    value: Floats
    low: Floats
    high: Floats
    ess: Floats
    mass: Floats
    bandwidth: tuple[float, float]
    chosen: bool
    n: int
    level: float
    resamples: int
    clip: float | None

    @property
    def blank(self) -> np.ndarray:
        """(Gy, Gx) where the data are too thin."""
        return np.isnan(self.value)

    def to_frame(self) -> pd.DataFrame:
        """One row per grid point: x, y, value, low, high, ess, blank; x varies fastest."""
        x, y = np.meshgrid(self.x, self.y)
        columns = {
            "x": x,
            "y": y,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "ess": self.ess,
            "blank": self.blank,
        }
        return pd.DataFrame({name: column.ravel() for name, column in columns.items()})


def estimate_surface(
    x: Floats,
    y: Floats,
    value: Floats,
    grid_x: Floats,
    grid_y: Floats,
    *,
    bandwidth: tuple[float, float] | None = None,
    clip: float | None = None,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> Surface:
    """Regress `value` on (`x`, `y`).

    Args:
        x, y, value: (n,) finished runs; all finite.
        grid_x, grid_y: where to evaluate, in the units of x and y.
        bandwidth: along x and y; None chooses both by leave-one-out.
        clip: raise lower values to this before smoothing (the published figure clips F1 at 0.83).
        resamples: bootstrap samples of the band; 0 for no band.
        level: nominal coverage of the band.
        seed: of the bootstrap and of the leave-one-out subset.

    Raises:
        ValueError: no runs, arrays of different lengths, values that are not finite, or an option
        out of
            its range.
    """
    runs = [np.asarray(array, dtype=np.float64) for array in (x, y, value)]
    _check(runs, bandwidth, resamples, level)
    x, y, value = runs
    grid_x, grid_y = (np.asarray(grid, dtype=np.float64) for grid in (grid_x, grid_y))
    if clip is not None:
        value = np.maximum(value, clip)
    used = bandwidth or leave_one_out_bandwidth(x, y, value, seed)

    # Squared kernels, for the effective sample size, are narrower by √2: the nodes must resolve
    # them.
    narrow = (used[0] / np.sqrt(2), used[1] / np.sqrt(2))
    axes = (Axis.of(grid_x, narrow[0]), Axis.of(grid_y, narrow[1]))
    centre = value.mean()  # smaller numbers to sum: less rounding where data are thin
    rows = np.stack([np.ones_like(value), value - centre])
    mass, total = on_grid(node_sums(x, y, rows, used, axes), axes).swapaxes(0, 1)
    squares = on_grid(node_sums(x, y, rows[:1], narrow, axes), axes)[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ess = np.where(squares > _NO_MASS, mass**2 / squares, 0.0)
        blank = (mass < LEAST_MASS) | (ess < LEAST_ESS)
        estimate = np.where(blank, np.nan, centre + total / mass)
    low, high = _band(x, y, rows, used, axes, resamples, level, seed) + centre
    return Surface(
        x=grid_x,
        y=grid_y,
        value=estimate,
        low=np.where(blank, np.nan, low),
        high=np.where(blank, np.nan, high),
        ess=ess,
        mass=np.maximum(mass, 0.0),
        bandwidth=used,
        chosen=bandwidth is None,
        n=len(x),
        level=level,
        resamples=resamples,
        clip=clip,
    )


def _band(
    x: Floats,
    y: Floats,
    rows: Floats,
    bandwidth: tuple[float, float],
    axes: tuple[Axis, Axis],
    resamples: int,
    level: float,
    seed: int,
) -> Floats:
    """(2, Gy, Gx) percentiles of the regression over bootstrap samples of the runs.

    A sample weighs each run by how often it was drawn, so all samples share the kernels. Kept are
    the sums at the nodes; grid columns are made from them in batches.
    """
    shape = (len(axes[1].to_grid), len(axes[0].to_grid))
    band = np.full((2, *shape), np.nan)
    if resamples == 0:
        return band
    generator = np.random.default_rng(seed)
    n = len(x)
    parts = []
    for batch in _batches(resamples, 2 * n):
        drawn = [
            np.bincount(generator.integers(0, n, n), minlength=n) for _ in range(resamples)[batch]
        ]
        weights = (np.stack(drawn) * rows[:, None]).reshape(-1, n)
        sums = node_sums(x, y, weights, bandwidth, axes)
        parts.append(sums.reshape(len(sums), 2, len(drawn), -1))
    sums = np.concatenate(parts, axis=2)
    sums = sums.reshape(len(sums), 2 * resamples, -1)
    for columns in _batches(shape[1], 2 * resamples * shape[0]):
        mass, total = np.split(on_grid(sums, axes, columns), 2, axis=1)
        value = np.divide(total, mass, out=np.full_like(mass, np.nan), where=mass > _NO_MASS)
        band[:, :, columns] = _percentiles(value, np.array([(1 - level) / 2, (1 + level) / 2]))
    return band


def _batches(count: int, elements: int) -> Iterator[slice]:
    """Slices that cover `count` items of `elements` numbers each, within the memory bound."""
    size = max(1, _BATCH_ELEMENTS // elements)
    return (slice(start, start + size) for start in range(0, count, size))


def _percentiles(values: Floats, levels: Floats) -> Floats:
    """(levels, Gy, columns) quantiles of (Gy, samples, columns), of the samples that are not NaN.

    Linear interpolation between order statistics, as `np.nanquantile`, which takes a hundred times
    as long.
    """
    ordered = np.sort(values, axis=1)  # NaN last
    last = (~np.isnan(values)).sum(axis=1, keepdims=True) - 1.0
    quantiles = []
    for level in levels:
        position = np.maximum(last * level, 0.0)
        below = np.floor(position).astype(np.intp)
        above = np.ceil(position).astype(np.intp)
        first = np.take_along_axis(ordered, below, axis=1)
        second = np.take_along_axis(ordered, above, axis=1)
        quantiles.append((first + (second - first) * (position - below))[:, 0])
    return np.stack(quantiles)


def _check(
    runs: list[Floats], bandwidth: tuple[float, float] | None, resamples: int, level: float
) -> None:
    shapes = {array.shape for array in runs}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1:
        raise ValueError(
            f"x, y and value must be three lists of one length; got shapes "
            f"{', '.join(str(array.shape) for array in runs)}"
        )
    if len(runs[0]) == 0:
        raise ValueError("a surface needs at least one finished run; got none")
    for name, array in zip(("x", "y", "value"), runs, strict=True):
        bad = int((~np.isfinite(array)).sum())
        if bad:
            raise ValueError(
                f"{name} is not finite in {bad} of {len(array)} runs; leave those runs out and "
                "report how many they are"
            )
    if bandwidth is not None and not all(np.isfinite(h) and h > 0 for h in bandwidth):
        raise ValueError(f"bandwidths must be positive and finite; got {bandwidth}")
    if resamples < 0:
        raise ValueError(f"resamples must be 0 or more; got {resamples}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1; got {level}")
