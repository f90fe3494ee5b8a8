"""A metric as a smooth function of two swept parameters: Nadaraya-Watson kernel regression.

    value(g) = Σ_i K(g - x_i) v_i / Σ_i K(g - x_i),    K a Gaussian with one bandwidth per axis,

(Nadaraya 1964, Watson 1964; as in thesis figure 5.8). On a logarithmic axis g and x_i stand for
their decimal logarithms, and its bandwidth counts decades. The uncertainty band is a bootstrap
over runs (`results.surface.bootstrap_band`): it is a band for the smoothed metric, and does not
know the bias that smoothing itself causes (``docs/sweeps.md`` has how often it covers either).

A grid point is blank where the data are too thin, by either of two measures:

- mass Σ_i K_i / K(0) < `LEAST_MASS`: all runs together weigh less than half of one run right there;
- effective sample size (Kish) (Σ_i K_i)² / Σ_i K_i² < `LEAST_ESS`: fewer than two share the weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from results.surface.bandwidth import leave_one_setting_out_bandwidth
from results.surface.bootstrap_band import NO_MASS, bootstrap_band
from results.surface.kernel_sums import Axis, Floats, node_sums, on_grid

LEAST_MASS = 0.5
LEAST_ESS = 2.0


@dataclass(frozen=True)
class Surface:
    """The regression on a grid.

    Attributes:
        x: (Gx,) grid of the first parameter; y: (Gy,) of the second.
        value: (Gy, Gx) regression; NaN where blank.
        low, high: (Gy, Gx) bootstrap band at `level`; NaN where blank or not computed.
        ess: (Gy, Gx) effective sample size (Kish).
        mass: (Gy, Gx) kernel mass in units of one run.
        bandwidth: standard deviation of the kernel along x and y, in their units, or in decades
            where the axis is logarithmic.
        chosen: whether the bandwidth was chosen by leave-one-setting-out.
        n: runs.
        level: nominal coverage of the band; resamples: its bootstrap samples, 0 for none.
        clip: values below were raised to it before smoothing; None if not.
        log: whether x and y were smoothed in the logarithm.
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
    log: tuple[bool, bool] = (False, False)

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
    log: tuple[bool, bool] = (False, False),
    clip: float | None = None,
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> Surface:
    """Regress `value` on (`x`, `y`).

    Args:
        x, y, value: (n,) finished runs; all finite.
        grid_x, grid_y: where to evaluate, in the units of x and y.
        bandwidth: along x and y; None chooses both by leave-one-setting-out.
        log: whether x and y are smoothed in the logarithm; then above 0, with bandwidths in
            decades.
        clip: raise lower values to this before smoothing (the published figure clips F1 at 0.83).
        resamples: bootstrap samples of the band; 0 for no band.
        level: nominal coverage of the band.
        seed: of the bootstrap and of the subset of settings that are left out.

    Raises:
        ValueError: no runs, arrays of different lengths, values that are not finite, a logarithm
            of what is not above 0, or an option out of its range.
    """
    runs = [np.asarray(array, dtype=np.float64) for array in (x, y, value)]
    _check(runs, bandwidth, resamples, level)
    x, y, value = runs
    shown = [np.asarray(grid, dtype=np.float64) for grid in (grid_x, grid_y)]
    x, y = smoothed_in(x, log[0], "x"), smoothed_in(y, log[1], "y")
    grid_x = smoothed_in(shown[0], log[0], "the grid of x")
    grid_y = smoothed_in(shown[1], log[1], "the grid of y")
    if clip is not None:
        value = np.maximum(value, clip)
    used = bandwidth or leave_one_setting_out_bandwidth(x, y, value, seed)

    # Squared kernels, for the effective sample size, are narrower by √2: the nodes must resolve
    # them.
    narrow = (used[0] / np.sqrt(2), used[1] / np.sqrt(2))
    axes = (Axis.of(grid_x, narrow[0]), Axis.of(grid_y, narrow[1]))
    centre = value.mean()  # smaller numbers to sum: less rounding where data are thin
    rows = np.stack([np.ones_like(value), value - centre])
    mass, total = on_grid(node_sums(x, y, rows, used, axes), axes).swapaxes(0, 1)
    squares = on_grid(node_sums(x, y, rows[:1], narrow, axes), axes)[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ess = np.where(squares > NO_MASS, mass**2 / squares, 0.0)
        blank = (mass < LEAST_MASS) | (ess < LEAST_ESS)
        estimate = np.where(blank, np.nan, centre + total / mass)
    band = np.full((2, *blank.shape), np.nan)
    if resamples:
        band = centre + bootstrap_band(x, y, rows, used, axes, ess, resamples, level, seed)
    return Surface(
        x=shown[0],
        y=shown[1],
        value=estimate,
        low=np.where(blank, np.nan, band[0]),
        high=np.where(blank, np.nan, band[1]),
        ess=ess,
        mass=np.maximum(mass, 0.0),
        bandwidth=used,
        chosen=bandwidth is None,
        n=len(x),
        level=level,
        resamples=resamples,
        clip=clip,
        log=log,
    )


def smoothed_in(values: Floats, log: bool, name: str) -> Floats:
    """The coordinate that kernels see: decimal logarithms on a logarithmic axis, else the values.

    Raises:
        ValueError: a logarithm of what is not above 0.
    """
    if not log:
        return values
    if not (values > 0).all():
        raise ValueError(f"{name} is logarithmic and must be above 0; got {values.min():g}")
    return np.asarray(np.log10(values))


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
