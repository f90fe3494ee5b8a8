"""Nadaraya-Watson surfaces against statsmodels and direct sums; the calibration of their band."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.nonparametric.kernel_regression import KernelReg

from results.surface.kernel_sums import Axis
from results.surface.nadaraya_watson import LEAST_ESS, LEAST_MASS, estimate_surface

BANDWIDTH = (0.01, 0.012)


def runs(n, seed=0):
    """F1 over softness and noise (seconds): a plateau where softness ≥ noise, and run noise."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0, 0.15, n), generator.uniform(0, 0.1, n)
    value = 0.95 - np.maximum(y - x, 0) + 0.01 * generator.standard_normal(n)
    return x, y, value


@pytest.mark.parametrize("n", [20, 210])
@pytest.mark.parametrize("shape", [(7, 5), (151, 101)])
def test_equals_statsmodels(n, shape):
    x, y, value = runs(n)
    grid_x, grid_y = np.linspace(0, 0.15, shape[0]), np.linspace(0, 0.1, shape[1])
    surface = estimate_surface(x, y, value, grid_x, grid_y, bandwidth=BANDWIDTH, resamples=0)
    points = np.stack([array.ravel() for array in np.meshgrid(grid_x, grid_y)], axis=1)
    filled = np.flatnonzero(~surface.blank)
    some = np.random.default_rng(1).permutation(filled)[:200]
    oracle = KernelReg(value, [x, y], "cc", reg_type="lc", bw=BANDWIDTH, rng=0)
    expected = oracle.fit(points[some])[0]
    assert surface.value.shape == (shape[1], shape[0])
    assert np.abs(surface.value.ravel()[some] - expected).max() < 1e-10


@pytest.mark.parametrize("bandwidth", [(0.001, 0.5), (0.03, 0.002)])
def test_mass_and_effective_sample_size_equal_direct_sums(bandwidth):
    x, y, value = runs(300)
    grid_x, grid_y = np.linspace(-0.02, 0.17, 301), np.linspace(0, 0.1, 201)
    surface = estimate_surface(x, y, value, grid_x, grid_y, bandwidth=bandwidth, resamples=0)
    chosen = np.random.default_rng(1).integers(0, [201, 301], (50, 2))
    for row, column in chosen:
        weights = np.exp(
            -(((x - grid_x[column]) / bandwidth[0]) ** 2) / 2
            - (((y - grid_y[row]) / bandwidth[1]) ** 2) / 2
        )
        mass, ess = weights.sum(), weights.sum() ** 2 / (weights**2).sum()
        assert surface.mass[row, column] == pytest.approx(mass, abs=1e-11)
        blank = mass < LEAST_MASS or ess < LEAST_ESS
        assert surface.blank[row, column] == blank
        if not blank:
            assert surface.ess[row, column] == pytest.approx(ess, rel=1e-10)
            expected = (weights @ value) / mass
            assert surface.value[row, column] == pytest.approx(expected, abs=1e-12)


def test_interpolation_from_nodes_is_exact_where_there_are_fewer_nodes_than_grid_points():
    grid = np.linspace(0, 0.15, 751)
    at = np.linspace(-0.05, 0.2, 97)
    for bandwidth in (0.005, 0.02, 0.1, 10.0):
        axis = Axis.of(grid, bandwidth)
        assert len(axis.nodes) < len(grid)
        exact = np.exp(-(((grid[:, None] - at) / bandwidth) ** 2) / 2)
        assert np.abs(axis.to_grid @ axis.kernel(at, bandwidth) - exact).max() < 2e-14


def test_blank_where_no_run_is_near_and_in_the_frame():
    x, y, value = runs(200)
    keep = x < 0.05
    grid_x, grid_y = np.linspace(0, 0.15, 16), np.linspace(0, 0.1, 11)
    surface = estimate_surface(
        x[keep], y[keep], value[keep], grid_x, grid_y, bandwidth=(0.01, 0.01)
    )
    assert surface.blank[:, grid_x > 0.1].all()
    assert not surface.blank[:, grid_x < 0.04].any()
    assert np.isnan(surface.low[surface.blank]).all()
    frame = surface.to_frame()
    assert list(frame.columns) == ["x", "y", "value", "low", "high", "ess", "blank"]
    assert list(frame["x"][:3]) == list(grid_x[:3])
    assert (frame["blank"] == surface.blank.ravel()).all()
    filled = frame[~frame["blank"]]
    assert (filled["low"] <= filled["high"]).all()


def test_one_run_alone_is_never_enough():
    surface = estimate_surface([0.5], [0.5], [0.9], [0.5], [0.5], bandwidth=(0.1, 0.1))
    assert surface.blank.all()


def test_identities():
    x, y, value = runs(80)
    grid = np.linspace(0.02, 0.08, 9)

    def estimate(x, y, value, **options):
        return estimate_surface(x, y, value, grid, grid, bandwidth=BANDWIDTH, **options)

    base = estimate(x, y, value)
    order = np.random.default_rng(3).permutation(80)
    shuffled = estimate(x[order], y[order], value[order], resamples=0)
    np.testing.assert_allclose(shuffled.value, base.value, rtol=1e-12)
    affine = estimate(x, y, 3 * value - 1)
    np.testing.assert_allclose(affine.value, 3 * base.value - 1, rtol=1e-12)
    np.testing.assert_allclose(affine.high, 3 * base.high - 1, rtol=1e-12)
    constant = estimate(x, y, np.full(80, 0.7))
    np.testing.assert_allclose(constant.low, 0.7, rtol=1e-14)
    np.testing.assert_allclose(constant.high, 0.7, rtol=1e-14)
    twice = estimate(*(np.concatenate([array, array]) for array in (x, y, value)), resamples=0)
    np.testing.assert_allclose(twice.value, base.value, rtol=1e-12)
    np.testing.assert_allclose(twice.ess, 2 * base.ess, rtol=1e-12)
    turned = estimate_surface(
        y, x, value, grid, grid, bandwidth=BANDWIDTH[::-1], resamples=0
    ).value.T
    np.testing.assert_allclose(turned, base.value, rtol=1e-12)


def test_a_logarithmic_axis_is_smoothed_in_decades():
    """The same surface as of the logarithms, whatever the unit; equal steps count equally."""
    generator = np.random.default_rng(5)
    x, y, value = 10 ** generator.uniform(-4, -1, 60), generator.uniform(0, 1, 60), np.arange(60.0)
    grid_x, grid_y = np.geomspace(1e-4, 1e-1, 7), np.linspace(0, 1, 5)
    options = {"bandwidth": (0.3, 0.2), "seed": 2}
    surface = estimate_surface(x, y, value, grid_x, grid_y, log=(True, False), **options)
    by_hand = estimate_surface(np.log10(x), y, value, np.linspace(-4, -1, 7), grid_y, **options)
    np.testing.assert_allclose(surface.value, by_hand.value, rtol=1e-10)
    np.testing.assert_allclose(surface.high, by_hand.high, rtol=1e-10)
    np.testing.assert_array_equal(surface.x, grid_x)
    in_ms = estimate_surface(
        1000 * x, y, value, 1000 * grid_x, grid_y, log=(True, False), **options
    )
    np.testing.assert_allclose(in_ms.value, surface.value, rtol=1e-9)
    assert surface.log == (True, False)


def test_clipping_raises_low_values_before_smoothing():
    x, y, value = runs(80)
    grid = np.linspace(0.02, 0.08, 5)
    options = {"bandwidth": BANDWIDTH, "resamples": 0}
    clipped = estimate_surface(x, y, value, grid, grid, clip=0.94, **options)
    by_hand = estimate_surface(x, y, np.maximum(value, 0.94), grid, grid, **options)
    np.testing.assert_array_equal(clipped.value, by_hand.value)
    assert clipped.clip == 0.94
    assert clipped.value.min() >= 0.94


def test_the_band_depends_on_the_seed_alone(monkeypatch):
    x, y, value = runs(60)
    grid = np.linspace(0.02, 0.08, 6)

    def band(seed):
        surface = estimate_surface(x, y, value, grid, grid, bandwidth=BANDWIDTH, seed=seed)
        return np.stack([surface.low, surface.high])

    first = band(1)
    np.testing.assert_array_equal(first, band(1))
    assert np.abs(first - band(2)).max() > 1e-5
    monkeypatch.setattr("results.surface.bootstrap_band._BATCH_ELEMENTS", 2_500)
    monkeypatch.setattr("results.surface.kernel_sums._BLOCK_ELEMENTS", 900)
    np.testing.assert_allclose(band(1), first, rtol=1e-12)


def test_the_band_equals_a_bootstrap_done_run_by_run():
    x, y, value = runs(40)
    at = (0.05, 0.05)
    surface = estimate_surface(
        x, y, value, [at[0]], [at[1]], bandwidth=(0.03, 0.03), resamples=50, level=0.8, seed=4
    )
    generator = np.random.default_rng(4)
    estimates = []
    for _ in range(50):
        drawn = generator.integers(0, 40, 40)
        weights = np.exp(-((x[drawn] - at[0]) ** 2 + (y[drawn] - at[1]) ** 2) / (2 * 0.03**2))
        estimates.append(weights @ value[drawn] / weights.sum())
    n = float(surface.ess[0, 0])
    tail = stats.norm.sf(stats.t.ppf(0.9, n - 1) * np.sqrt(n / (n - 1)))
    assert tail < 0.1
    expected = np.quantile(estimates, [tail, 1 - tail], method="weibull")
    assert [surface.low[0, 0], surface.high[0, 0]] == pytest.approx(list(expected), rel=1e-10)


def test_band_ignores_bootstrap_samples_without_a_run_nearby():
    x = np.array([0.0, 0.0, 100.0, 100.0, 100.0])
    value = np.array([1.0, 2.0, 5.0, 5.0, 5.0])
    surface = estimate_surface(x, np.zeros(5), value, [0.0], [0.0], bandwidth=(1.0, 1.0))
    assert surface.value[0, 0] == pytest.approx(1.5)
    assert surface.low[0, 0] == pytest.approx(1.0)
    assert surface.high[0, 0] == pytest.approx(2.0)


def test_the_band_covers_at_its_nominal_rate():
    """On a plane, where a symmetric kernel has no bias inside; skewed noise that grows with y."""
    grid = np.array([0.35, 0.65])
    truth = 1.0 + 0.5 * grid[None, :] - 0.3 * grid[:, None]
    hits = []
    generator = np.random.default_rng(8)
    for seed in range(300):
        x, y = generator.uniform(0, 1, (2, 200))
        noise = (generator.exponential(1.0, 200) - 1) * (0.05 + 0.1 * y)
        value = 1.0 + 0.5 * x - 0.3 * y + noise
        surface = estimate_surface(
            x, y, value, grid, grid, bandwidth=(0.1, 0.1), resamples=199, seed=seed
        )
        hits.append((surface.low <= truth) & (truth <= surface.high))
    # Four points × 300 data sets: standard error below 1 %. Some 27 runs share the weight; plain
    # percentiles cover 91 % here.
    assert 0.925 < np.mean(hits) < 0.975


@pytest.mark.parametrize(
    ("match", "changes"),
    [
        (
            "value is not finite in 2 of 5 runs; leave",
            {"value": [1, np.nan, 1, np.inf, 1]},
        ),
        ("at least one finished run; got none", {"x": [], "y": [], "value": []}),
        (r"one length; got shapes \(5,\), \(4,\), \(5,\)", {"y": [1, 2, 3, 4]}),
        (r"bandwidths must be positive and finite; got \(0.1, 0\)", {"bandwidth": (0.1, 0)}),
        ("resamples must be 0 or more; got -1", {"resamples": -1}),
        ("level must lie between 0 and 1; got 95", {"level": 95}),
        ("needs at least 3 settings; got 2 in 2 runs", {"x": [1, 2], "y": [1, 2], "value": [1, 2]}),
        ("all runs have the same y", {"y": [2.0] * 5}),
        ("x is logarithmic and must be above 0; got 0", {"log": (True, False)}),
        ("the grid of y is logarithmic .* got 0", {"y": np.arange(1, 6), "log": (False, True)}),
    ],
)
def test_bad_input_is_refused(match, changes):
    arguments = {"x": np.arange(5.0), "y": np.arange(5.0), "value": np.arange(5.0)}
    with pytest.raises(ValueError, match=match):
        estimate_surface(**{**arguments, **changes}, grid_x=[0, 1], grid_y=[0, 1])
