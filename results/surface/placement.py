"""Where the next runs of a surface tell most: where one more run narrows its band most.

The bootstrap band of a Nadaraya-Watson surface is 2 z σ(g) √v(g) wide at grid point g, with the
noise σ(g) of single runs nearby, v = Σ_i K_i² / (Σ_i K_i)² = 1 / ESS, and K_i the kernel of run i.
A run at g itself, whatever its value, makes it v' = (Σ K_i² + 1) / (Σ K_i + 1)². The next run goes
where the squared error falls most, by σ² (v - v'), times the part of its kernel that lies inside
the extent: a run in a corner serves a quarter of the surface that others serve. Then all v become
those with that run, and the point after it is chosen, so that points of a round keep apart as far
as they tell the same.

Where a surface is blank (`results.surface.nadaraya_watson`) its band counts as wider than any, the
less kernel mass the wider. Equal gains go to the point with less mass, then to lower y, then to
lower x.

Why not simply where the band is widest? Runs of density f leave a squared error of σ² / f. Filling
up its largest value until it is the same everywhere gives f ∝ σ² and a mean squared error of
mean(σ²) - exactly that of uniform runs. The least mean squared error, mean(σ)², needs f ∝ σ (Neyman
1934), which is where the gains above become equal. With σ five times larger in a third of the
plane, as on the drums, uniform runs need 1.65 times as many for the same mean squared error, and
2.1 times as many for the same widest band (2.8 times for runs at the widest band). This counts
noise alone: bias stays, and grows a little where the density of runs changes on a slope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from results.surface.bandwidth import can_be_chosen, leave_one_setting_out_bandwidth
from results.surface.bootstrap_band import tail_probability
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import LEAST_ESS, LEAST_MASS, Surface, estimate_surface

Extent = tuple[tuple[float, float], tuple[float, float]]
"""Lowest and highest x, lowest and highest y."""

_PER_BANDWIDTH = 2
_MOST_PER_AXIS = 101
_FEWEST_PER_AXIS = 11
_RESAMPLES = 200
_PRIOR_RUNS = 2  # whose noise is the geometric mean over the surface
_LEAST_NOISE = 1e-6  # squared, of the largest


def next_points(
    x: Floats,
    y: Floats,
    value: Floats,
    extent: Extent,
    count: int,
    *,
    bandwidth: tuple[float, float] | None = None,
    seed: int = 0,
) -> Floats:
    """Points of the next round, in the order in which they were chosen: (count, 2), x and y.

    Args:
        x, y, value: (n,) finished runs; there may be none.
        extent: of the surface. Points lie on a grid over it, its edges included, with two points
            per bandwidth, between 11 and 101 along an axis.
        bandwidth: of the surface along x and y; None chooses it from the runs by
            leave-one-setting-out.
        seed: of the bootstrap and of the choice of a bandwidth.

    Raises:
        ValueError: ``count`` below 1, an empty extent, or what `estimate_surface` refuses.
    """
    if count < 1:
        raise ValueError(f"count must be 1 or more; got {count}")
    for name, (low, high) in zip(("x", "y"), extent, strict=True):
        if not low < high:
            raise ValueError(f"the extent of {name} must have low < high; got [{low}, {high}]")
    x, y, value = (np.asarray(array, dtype=np.float64) for array in (x, y, value))
    used = bandwidth or _bandwidth(x, y, value, extent, seed)
    grid = tuple(_grid(low, high, h) for (low, high), h in zip(extent, used, strict=True))
    windows = _Windows.of(x, y, value, grid[0], grid[1], used, seed)
    points = []
    for _ in range(count):
        row, column = windows.most_gain()
        point = grid[0][column], grid[1][row]
        points.append(point)
        windows.add(*point)
    return np.array(points)


@dataclass
class _Windows:
    """What the surface knows at each grid point (Gy, Gx).

    Attributes:
        mass, squares: Σ K_i and Σ K_i² there.
        noise: squared standard deviation of single runs there, up to a constant.
    """

    grid_x: Floats
    grid_y: Floats
    bandwidth: tuple[float, float]
    mass: Floats
    squares: Floats
    noise: Floats

    @classmethod
    def of(
        cls,
        x: Floats,
        y: Floats,
        value: Floats,
        grid_x: Floats,
        grid_y: Floats,
        bandwidth: tuple[float, float],
        seed: int,
    ) -> _Windows:
        shape = (len(grid_y), len(grid_x))
        if len(x) == 0:
            empty = np.zeros(shape)
            return cls(grid_x, grid_y, bandwidth, empty, empty.copy(), np.ones(shape))
        surface = estimate_surface(
            x, y, value, grid_x, grid_y, bandwidth=bandwidth, resamples=_RESAMPLES, seed=seed
        )
        mass = surface.mass
        squares = np.divide(mass**2, surface.ess, out=np.zeros(shape), where=surface.ess > 0)
        return cls(grid_x, grid_y, bandwidth, mass.copy(), squares, _noise(surface))

    def most_gain(self) -> tuple[int, int]:
        """Row and column of the grid point where a run narrows the band most."""
        blank = (self.mass < LEAST_MASS) | (self.mass**2 < LEAST_ESS * self.squares)
        with np.errstate(divide="ignore", invalid="ignore"):
            before, after = self.squares / self.mass**2, (self.squares + 1) / (self.mass + 1) ** 2
            gain = np.where(blank, np.inf, self.noise * self._served() * (before - after))
        first = np.lexsort((self.mass.ravel(), -gain.ravel()))[0]
        row, column = np.unravel_index(first, gain.shape)
        return int(row), int(column)

    def _served(self) -> Floats:
        """(Gy, Gx) part of a kernel there that lies inside the extent, up to a constant."""
        parts = [
            np.exp(-0.5 * ((grid[:, None] - grid) / h) ** 2).sum(axis=1)
            for grid, h in zip((self.grid_x, self.grid_y), self.bandwidth, strict=True)
        ]
        served: Floats = np.outer(parts[1], parts[0])
        return served

    def add(self, x: float, y: float) -> None:
        """Count a run at (x, y) that has not run yet."""
        across = np.exp(-0.5 * ((self.grid_x - x) / self.bandwidth[0]) ** 2)
        up = np.exp(-0.5 * ((self.grid_y - y) / self.bandwidth[1]) ** 2)
        kernel = np.outer(up, across)
        self.mass += kernel
        self.squares += kernel**2


def _noise(surface: Surface) -> Floats:
    """(Gy, Gx) squared standard deviation of single runs, from the band.

    The band reaches z standard errors to each side, more where few runs share the weight
    (`results.surface.bootstrap_band`), up to the extremes of the bootstrap samples. What few runs
    say of their noise is drawn towards the mean over the surface.
    """
    from scipy.special import ndtri

    z = -ndtri(np.maximum(tail_probability(surface.ess, surface.level), 1 / surface.resamples))
    noise = ((surface.high - surface.low) / (2 * z)) ** 2 * surface.ess
    known = ~surface.blank
    largest = noise[known].max(initial=0.0)
    if largest == 0:
        return np.ones_like(noise)
    logarithm = np.log(np.maximum(np.where(known, noise, largest), largest * _LEAST_NOISE))
    mean = logarithm[known].mean()
    weight = np.where(known, surface.ess, 0.0)
    drawn: Floats = np.exp((logarithm * weight + mean * _PRIOR_RUNS) / (weight + _PRIOR_RUNS))
    return drawn


def _grid(low: float, high: float, bandwidth: float) -> Floats:
    count = int(np.ceil(_PER_BANDWIDTH * (high - low) / bandwidth)) + 1
    return np.linspace(low, high, min(max(count, _FEWEST_PER_AXIS), _MOST_PER_AXIS))


def _bandwidth(
    x: Floats, y: Floats, value: Floats, extent: Extent, seed: int
) -> tuple[float, float]:
    """Chosen from the runs; a tenth of the extent while there are too few."""
    if can_be_chosen(x, y):
        return leave_one_setting_out_bandwidth(x, y, value, seed)
    return ((extent[0][1] - extent[0][0]) / 10, (extent[1][1] - extent[1][0]) / 10)
