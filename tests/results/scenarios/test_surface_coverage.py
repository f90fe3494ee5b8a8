"""How often a surface's bootstrap band covers the smoothed truth, and the truth itself.

The smoothed truth is what infinitely many runs of the same design would give: the truth smoothed
by the kernel, with the bias that smoothing causes at the plateau's edge and at the edges of the
extent. ``docs/sweeps.md`` has the figures that
``pytest tests/results/scenarios/test_surface_coverage.py -rP`` prints.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import estimate_surface

EXTENT = (0.15, 0.1)
GRID = (np.linspace(0, 0.15, 13), np.linspace(0, 0.1, 9))
DATA_SETS = 150
RESAMPLES = 200
Places = Callable[[np.random.Generator], tuple[Floats, Floats]]


def truth(x: Floats, y: Floats) -> Floats:
    """F1 at softness x and label noise y (s), as thesis figure 5.8: falls where noise exceeds."""
    corner = 0.004
    return np.asarray(0.95 - 3 * corner * np.logaddexp(0, (y - x) / corner))


def spread(x: Floats, y: Floats) -> Floats:
    """Standard deviation of single runs: 0.01 on the plateau, 0.05 below, as on the drums."""
    return np.asarray(0.01 + 0.04 / (1 + np.exp((x - y) / 0.004)))


def uniform(n: int) -> Places:
    def places(generator: np.random.Generator) -> tuple[Floats, Floats]:
        return generator.uniform(0, EXTENT[0], n), generator.uniform(0, EXTENT[1], n)

    return places


def grid(side: int, replicates: int) -> Places:
    axes = np.meshgrid(np.linspace(0, EXTENT[0], side), np.linspace(0, EXTENT[1], side))

    def places(generator: np.random.Generator) -> tuple[Floats, Floats]:
        x, y = (axis.ravel().repeat(replicates) for axis in axes)
        return x, y

    return places


def smoothed(x: Floats, y: Floats, bandwidth: tuple[float, float]) -> Floats:
    """The truth at many places of a design, smoothed by direct sums: (Gy, Gx)."""
    across, up = (
        np.exp(-0.5 * ((to[:, None] - at) / h) ** 2)
        for to, at, h in zip(GRID, (x, y), bandwidth, strict=True)
    )
    return np.asarray((up * truth(x, y)) @ across.T / (up @ across.T))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "places", "bandwidth", "population"),
    [
        ("210 uniform runs, 10 × 10 ms", uniform(210), (0.01, 0.01), uniform(200_000)),
        ("210 uniform runs, 20 × 20 ms", uniform(210), (0.02, 0.02), uniform(200_000)),
        ("210 uniform runs, chosen bandwidths", uniform(210), None, uniform(20_000)),
        ("5 × 5 settings, 5 replicates, 20 × 14 ms", grid(5, 5), (0.02, 0.014), grid(5, 1)),
        ("5 × 5 settings, 5 replicates, chosen", grid(5, 5), None, grid(5, 1)),
    ],
)
def test_the_band_covers_the_smoothed_truth(
    name: str, places: Places, bandwidth: tuple[float, float] | None, population: Places
) -> None:
    generator = np.random.default_rng(1)
    many, exact = population(generator), truth(*np.meshgrid(*GRID))
    hits, true_hits, shown = (np.zeros(exact.shape) for _ in range(3))
    for seed in range(DATA_SETS):
        x, y = places(generator)
        value = truth(x, y) + spread(x, y) * generator.standard_normal(len(x))
        surface = estimate_surface(
            x, y, value, *GRID, bandwidth=bandwidth, resamples=RESAMPLES, seed=seed
        )
        if seed == 0 or bandwidth is None:
            target = smoothed(*many, surface.bandwidth)
        known = ~surface.blank
        shown += known
        hits += known & (surface.low <= target) & (target <= surface.high)
        true_hits += known & (surface.low <= exact) & (exact <= surface.high)
    covered, truly = hits.sum() / shown.sum(), true_hits.sum() / shown.sum()
    often = shown >= DATA_SETS / 2
    at_points = hits[often] / shown[often]
    print(
        f"{name}: smoothed truth {covered:.1%} (points from {at_points.min():.0%} to "
        f"{at_points.max():.0%}), truth {truly:.1%}, blank {1 - shown.mean() / DATA_SETS:.1%}"
    )
    assert 0.92 <= covered <= 0.995
    assert truly < covered
