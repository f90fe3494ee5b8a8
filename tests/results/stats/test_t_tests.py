"""T tests on arrays against statsmodels; values without a spread; and what is loaded for them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from results.stats.t_tests import (
    one_sample,
    standard_deviation,
    t_half_width,
    two_samples,
    without_spread,
)

GENERATOR = np.random.default_rng(11)


@pytest.mark.parametrize("n", [2, 3, 40])
@pytest.mark.parametrize("margin", [0.0, 0.02])
def test_one_sample_equals_statsmodels_row_by_row(n: int, margin: float) -> None:
    rows = GENERATOR.normal(0.01, 0.03, (5, n))
    found = one_sample(rows, margin, 0.9)
    for row, low, high, p in zip(rows, *found, strict=True):
        expected = DescrStatsW(row)
        assert (low, high) == pytest.approx(expected.tconfint_mean(0.1), rel=1e-9)
        assert p == pytest.approx(expected.ttest_mean(margin)[1], rel=1e-9)


@pytest.mark.parametrize("margin", [0.0, -0.3])
def test_two_samples_equal_statsmodels(margin: float) -> None:
    a, b = GENERATOR.normal(0.3, 1, 7), GENERATOR.normal(0, 2, 31)
    found = two_samples(a, b, margin, 0.95)
    expected = CompareMeans(DescrStatsW(a), DescrStatsW(b))
    interval = expected.tconfint_diff(0.05, usevar="unequal")
    assert (found.low, found.high) == pytest.approx(interval, rel=1e-9)
    assert found.p == pytest.approx(expected.ttest_ind(usevar="unequal", value=margin)[1], rel=1e-9)


def test_equal_values_beside_others_that_are_not_have_no_interval() -> None:
    rows = np.array([[0.1, 0.1, 0.1], [0.1, 0.2, 0.4], [0.0, 0.0, 0.0]])
    found = one_sample(rows, 0.1, 0.95)
    assert found.p[0] == 1.0
    assert np.isnan(found.p).tolist() == [False, False, True]
    assert np.isnan(found.low).tolist() == np.isnan(found.high).tolist() == [True, False, True]
    assert without_spread(rows).tolist() == [True, False, True]
    assert standard_deviation(rows[0]) == 0.0
    same = two_samples(rows[0], rows[0] + 1, -1.0, 0.95)
    assert same.p == 1.0
    assert np.isnan(same.low)
    assert np.isnan(two_samples(rows[0], rows[2], 0.0, 0.95).p)


def test_a_group_without_spread_has_the_interval_of_the_other() -> None:
    """Welch's degrees of freedom are then those of the other group alone."""
    b = GENERATOR.normal(0, 1, 6)
    found = two_samples(np.full(4, 0.1), b, 0.0, 0.95)
    low, high = DescrStatsW(0.1 - b).tconfint_mean()
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)


def test_values_that_differ_in_their_last_bits_are_equal() -> None:
    nearly = np.array([0.1, np.nextafter(0.1, 1), 0.1])
    found = one_sample(nearly, 0.0, 0.95)
    assert np.isnan([found.low, found.high, found.p]).all()
    small = np.array([1e-15, 2e-15, 3e-15])
    assert one_sample(small, 0.0, 0.95).p < 0.1, "small numbers are no rounding noise"
    assert np.isnan(one_sample(small, 1.0, 0.95, size=1.0).p), "but differences of large ones are"


def test_half_widths_of_many_sizes_are_those_of_samples() -> None:
    sizes = np.array([2, 3, 10])
    found = t_half_width(0.5, sizes, 0.95)
    for n, half in zip(sizes, found, strict=True):
        values = np.linspace(-1, 1, n)
        low, high = DescrStatsW(values / values.std(ddof=1) * 0.5).tconfint_mean()
        assert half == pytest.approx((high - low) / 2, rel=1e-9)


@pytest.mark.parametrize(
    "module",
    [
        "results.tables.table",
        "results.claims.verdict",
        "results.leaderboard.board",
        "results.surface.placement",
    ],
)
def test_what_only_might_test_loads_no_statistics(module: str) -> None:
    code = f"import sys, {module}; print('scipy.stats' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
