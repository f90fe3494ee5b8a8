"""Choice of bandwidths: errors against statsmodels, whole settings left out, nothing left blank."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.nonparametric.kernel_regression import KernelReg

from results.surface.bandwidth import (
    bandwidth_errors,
    can_be_chosen,
    leave_one_setting_out_bandwidth,
    leave_one_setting_out_errors,
)
from results.surface.kernel_sums import Floats
from results.surface.nadaraya_watson import estimate_surface

BANDWIDTH = (0.01, 0.012)
Runs = tuple[Floats, Floats, Floats]


def runs(n: int, seed: int = 0) -> Runs:
    """F1 over softness and noise (seconds): a plateau where softness ≥ noise, and run noise."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0, 0.15, n), generator.uniform(0, 0.1, n)
    return x, y, 0.95 - np.maximum(y - x, 0) + 0.01 * generator.standard_normal(n)


def grid_runs(replicates: int, noise: float, steepness: float, seed: int = 0) -> Runs:
    """Five by five settings, 0.025 apart."""
    generator = np.random.default_rng(seed)
    values = np.linspace(0, 0.1, 5)
    x, y = (array.ravel().repeat(replicates) for array in np.meshgrid(values, values))
    value = np.tanh(steepness * (y - x)) + noise * generator.standard_normal(len(x))
    return x, y, value


def test_errors_equal_statsmodels_where_each_run_is_a_setting() -> None:
    x, y, value = runs(40)
    errors, across, up = leave_one_setting_out_errors(x, y, value)
    oracle = KernelReg(value, [x, y], "cc", reg_type="lc", bw=BANDWIDTH, rng=0)
    for i, j in [(2, 3), (5, 4), (6, 6), (0, 0), (4, 8)]:
        expected = oracle.cv_loo(np.array([across[i], up[j]]), oracle.est["lc"])
        assert errors[i, j] == pytest.approx(float(np.squeeze(expected)), rel=1e-9)


def test_errors_with_replicates_equal_predictions_from_the_other_settings() -> None:
    """Unequal numbers of replicates, every run predicted by hand from runs of other settings."""
    x, y, value = grid_runs(4, noise=0.3, steepness=20)
    keep = np.random.default_rng(1).uniform(size=len(x)) < 0.7
    x, y, value = x[keep], y[keep], value[keep]
    errors, across, up = leave_one_setting_out_errors(x, y, value)
    for i, j in [(0, 0), (3, 1), (4, 4)]:
        squares = []
        for a, b, found in zip(x, y, value, strict=True):
            others = (x != a) | (y != b)
            distance = ((x - a) / across[i]) ** 2 + ((y - b) / up[j]) ** 2
            weights = np.exp(-distance[others] / 2)
            squares.append((weights @ value[others] / weights.sum() - found) ** 2)
        assert errors[i, j] == pytest.approx(np.mean(squares), rel=1e-9)
    known = bandwidth_errors(x, y, value, (float(across[3]), float(up[1])))
    assert known.used_error == pytest.approx(np.sqrt(errors[3, 1]), rel=1e-9)
    assert known.best == leave_one_setting_out_bandwidth(x, y, value)
    place = [int(np.argmin(abs(a - h))) for a, h in zip((across, up), known.best, strict=True)]
    assert known.best_error == pytest.approx(np.sqrt(errors[place[0], place[1]]), rel=1e-9)


def test_replicates_do_not_predict_each_other() -> None:
    """Six replicates that agree to the last bit say no more of a bandwidth than one."""
    for seed in range(5):
        once = grid_runs(1, noise=1.0, steepness=0, seed=seed)
        x, y, value = (array.repeat(6) for array in once)
        assert leave_one_setting_out_bandwidth(x, y, value) == leave_one_setting_out_bandwidth(
            *once
        )


@pytest.mark.parametrize("replicates", [1, 2, 5])
@pytest.mark.parametrize("steepness", [0, 10, 100, 1000])
def test_a_grid_is_blank_nowhere(replicates: int, steepness: float) -> None:
    """However steep, so that the narrowest kernels predict best, and however little noise."""
    fine = np.linspace(0, 0.1, 41)
    for seed in range(5):
        found = grid_runs(replicates, noise=0.001, steepness=steepness, seed=seed)
        surface = estimate_surface(*found, fine, fine, resamples=0)
        assert not surface.blank.any()


@pytest.mark.parametrize("n", [3, 5, 20, 210])
def test_no_run_lies_where_the_surface_is_blank(n: int) -> None:
    """Also with runs far from all others; values without any structure."""
    for seed in range(20):
        x, y, value = runs(n, seed)
        x[0] += 0.3 * (seed % 2)
        surface = estimate_surface(x, y, value, x, y, resamples=0)
        assert not np.diagonal(surface.blank).any()


def test_the_axis_that_matters_gets_the_narrow_bandwidth() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.uniform(0, 1, (2, 400))
    value = np.sin(12 * x) + 0.05 * generator.standard_normal(400)
    along_x, along_y = leave_one_setting_out_bandwidth(x, y, value)
    assert along_x < 0.1
    assert along_y > 0.3
    grid = np.linspace(0.1, 0.9, 5)
    surface = estimate_surface(x, y, value, grid, grid, resamples=0)
    assert surface.chosen
    assert surface.bandwidth == (along_x, along_y)


def test_of_many_settings_a_subset_has_about_the_same_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, y, value = runs(700)
    few, *_ = leave_one_setting_out_errors(x, y, value)
    monkeypatch.setattr("results.surface.bandwidth.MOST_LEFT_OUT", 700)
    full, *_ = leave_one_setting_out_errors(x, y, value)
    assert full.flat[np.argmin(few)] < 1.05 * full.min()


def test_isolated_runs_have_finite_errors() -> None:
    x = np.array([0.0, 1e-9, 1.0, 1.0 + 1e-9, 5.0])
    errors, *_ = leave_one_setting_out_errors(x, x[::-1].copy(), np.arange(5.0))
    assert np.isfinite(errors).all()


@pytest.mark.parametrize(
    ("x", "y", "enough"),
    [
        ([0, 1, 2], [0, 1, 5], True),
        ([0, 1], [0, 1], False),
        ([0, 0, 0, 1], [0, 0, 0, 1], False),
        ([0, 1, 2], [3, 3, 3], False),
        ([], [], False),
    ],
)
def test_whether_there_is_enough_to_choose_from(
    x: list[float], y: list[float], enough: bool
) -> None:
    places = np.array(x, dtype=float), np.array(y, dtype=float)
    assert can_be_chosen(*places) == enough
    if x and not enough:
        with pytest.raises(ValueError, match=r"at least 3 settings|all runs have the same y"):
            leave_one_setting_out_bandwidth(*places, np.zeros(len(x)))
