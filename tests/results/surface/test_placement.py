"""Placing runs: blanks first, then by noise; what a point yet to run does to its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import estimate_surface
from results.surface.placement import Extent, _Windows, next_points

SQUARE: Extent = ((0.0, 1.0), (0.0, 2.0))
BANDWIDTH = (0.1, 0.2)
NOTHING = np.empty(0)


def runs(n: int, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0, 1, n), generator.uniform(0, 2, n)
    return x, y, generator.standard_normal(n)


def scaled_distances(points: Floats) -> Floats:
    between = (points[:, None] - points) / BANDWIDTH
    return np.hypot(*between.T)[np.triu_indices(len(points), 1)]


def test_without_runs_the_points_fill_the_extent() -> None:
    points = next_points(NOTHING, NOTHING, NOTHING, SQUARE, 60, bandwidth=BANDWIDTH)
    x, y = points.T
    grid = np.linspace(0, 1, 41), np.linspace(0, 2, 41)
    surface = estimate_surface(x, y, np.zeros(60), *grid, bandwidth=BANDWIDTH, resamples=0)
    assert surface.blank.mean() < 0.1
    assert scaled_distances(points[:20]).min() > 1


def test_blank_places_come_first() -> None:
    x, y, value = runs(200)
    left = x < 0.5
    points = next_points(x[left], y[left], value[left], SQUARE, 5, bandwidth=BANDWIDTH)
    assert (points[:, 0] > 0.6).all()
    assert scaled_distances(points).min() > 2


def test_runs_go_where_the_noise_is_in_proportion_to_it() -> None:
    """Neyman's allocation: five times the noise in half of the plane, five sixths of the runs."""
    generator = np.random.default_rng(4)
    x, y, value = runs(40)

    def noise(x: Floats) -> Floats:
        return np.where(x > 0.5, 5.0, 1.0)

    value = value * noise(x)
    while len(x) < 400:
        points = next_points(x, y, value, SQUARE, 20, bandwidth=BANDWIDTH)
        more = noise(points[:, 0]) * generator.standard_normal(20)
        x, y = np.append(x, points[:, 0]), np.append(y, points[:, 1])
        value = np.append(value, more)
    placed = x[80:]  # the first ones fill what is blank
    left, right = np.sum(placed < 0.3), np.sum(placed > 0.7)  # the kernel mixes what is between
    assert right / (left + right) == pytest.approx(5 / 6, abs=0.05)


def test_a_point_yet_to_run_counts_as_a_run() -> None:
    """Its effect on mass and effective sample size is that of a run there, whatever its value."""
    x, y, value = runs(150)
    grid_x, grid_y = np.linspace(0, 1, 21), np.linspace(0, 2, 21)
    windows = _Windows.of(x, y, value, grid_x, grid_y, BANDWIDTH, seed=0)
    windows.add(0.25, 1.3)
    after = estimate_surface(
        np.append(x, 0.25),
        np.append(y, 1.3),
        np.append(value, 9.0),
        grid_x,
        grid_y,
        bandwidth=BANDWIDTH,
        resamples=0,
    )
    np.testing.assert_allclose(windows.mass, after.mass, rtol=1e-9)
    np.testing.assert_allclose(windows.mass**2 / windows.squares, after.ess, rtol=1e-9)


def test_a_shorter_round_is_the_beginning_of_a_longer_one() -> None:
    longer = next_points(*runs(80), SQUARE, 8, bandwidth=BANDWIDTH)
    np.testing.assert_array_equal(longer, next_points(*runs(80), SQUARE, 8, bandwidth=BANDWIDTH))
    np.testing.assert_array_equal(
        longer[:3], next_points(*runs(80), SQUARE, 3, bandwidth=BANDWIDTH)
    )


@pytest.mark.parametrize("n", [0, 1, 2, 3, 30])
def test_points_lie_in_the_extent_however_few_runs_there_are(n: int) -> None:
    points = next_points(*runs(n), SQUARE, 4)
    assert points.shape == (4, 2)
    assert (points >= [0, 0]).all()
    assert (points <= [1, 2]).all()


def test_runs_on_a_line_or_of_equal_value() -> None:
    x, y, value = runs(20)
    for arguments in ((np.full(20, 0.5), y, value), (x, y, np.full(20, 0.5))):
        points = next_points(*arguments, SQUARE, 3)
        assert np.isfinite(points).all()


def test_mistakes() -> None:
    with pytest.raises(ValueError, match="count must be 1 or more; got 0"):
        next_points(*runs(9), SQUARE, 0)
    with pytest.raises(ValueError, match=r"extent of y must have low < high; got \[1, 1\]"):
        next_points(*runs(9), ((0, 1), (1, 1)), 2)
    x, y, value = runs(9)
    value[3] = np.nan
    with pytest.raises(ValueError, match="value is not finite in 1 of 9 runs"):
        next_points(x, y, value, SQUARE, 2, bandwidth=BANDWIDTH)
