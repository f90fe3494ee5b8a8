"""Intervals and tests on replicates, against statsmodels, SciPy and simulation."""

from __future__ import annotations

import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from results.stats.inference import holm, mean_interval, paired_difference

GENERATOR = np.random.default_rng(7)


def by_replicate(values: np.ndarray) -> dict[int, float]:
    return dict(enumerate(values.tolist()))


@pytest.mark.parametrize("n", [2, 3, 10, 100])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_mean_interval_equals_statsmodels(n: int, level: float) -> None:
    values = GENERATOR.normal(0.9, 0.02, n)
    low, high = DescrStatsW(values).tconfint_mean(1 - level)
    interval = mean_interval(values, level)
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-12)
    assert interval.estimate == pytest.approx(values.mean(), rel=1e-15)
    assert (interval.n, interval.level) == (n, level)
    assert interval.half_width == pytest.approx((high - low) / 2, rel=1e-9)


def test_mean_interval_of_few_values() -> None:
    assert math.isnan(mean_interval([]).estimate)
    one = mean_interval([0.5])
    assert (one.estimate, one.n) == (0.5, 1)
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    equal = mean_interval([0.1] * 3)  # their mean is not 0.1 in floating point
    assert equal.estimate == pytest.approx(0.1)
    assert math.isnan(equal.half_width), "values without a spread say nothing of it"


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("margin", [0.0, -0.03])
def test_paired_difference_equals_statsmodels(n: int, margin: float) -> None:
    a, b = GENERATOR.normal(0.9, 0.02, (2, n))
    expected = DescrStatsW(a - b)
    found = paired_difference(by_replicate(a), by_replicate(b), level=0.9, margin=margin)
    assert found.estimate == pytest.approx((a - b).mean(), rel=1e-12)
    assert found.p == pytest.approx(expected.ttest_mean(margin)[1], rel=1e-9)
    assert (found.low, found.high) == pytest.approx(expected.tconfint_mean(0.1), rel=1e-9)
    assert found.sd == pytest.approx(np.std(a - b, ddof=1), rel=1e-12)
    assert found.n == n


def test_paired_difference_joins_on_replicates() -> None:
    a = {0: 1.0, 2: 3.0, 5: 4.0, 7: 100.0}
    b = {5: 1.0, 0: 0.5, 2: 2.0, 9: -100.0}
    found = paired_difference(a, b)
    expected = stats.ttest_rel([1.0, 3.0, 4.0], [0.5, 2.0, 1.0])
    assert found.n == 3
    assert found.p == pytest.approx(expected.pvalue, rel=1e-12)


def test_paired_difference_without_spread() -> None:
    none = paired_difference({0: 1.0}, {1: 1.0})
    assert none.n == 0
    assert all(math.isnan(x) for x in (none.estimate, none.low, none.high, none.p, none.sd))
    one = paired_difference({3: 1.0}, {3: 0.75})
    assert (one.n, one.estimate) == (1, 0.25)
    assert all(math.isnan(x) for x in (one.low, one.high, one.p, one.sd))
    same = paired_difference({0: 0.3, 1: 0.7}, {0: 0.3, 1: 0.7})
    assert (same.p, same.low, same.high, same.sd) == (1.0, 0.0, 0.0, 0.0)
    assert math.isnan(paired_difference({0: 0.3, 1: 0.7}, {0: 0.3, 1: 0.7}, margin=0.1).p)
    shifted = paired_difference({0: 0.5, 1: 0.75}, {0: 0.25, 1: 0.5})
    assert (shifted.estimate, shifted.sd) == (0.25, 0.0)
    assert all(math.isnan(x) for x in (shifted.p, shifted.low, shifted.high))
    assert paired_difference({0: 0.5, 1: 0.75}, {0: 0.25, 1: 0.5}, margin=0.25).p == 1.0


def test_differences_that_are_equal_but_for_rounding_have_no_spread() -> None:
    a, b = {0: 0.91, 1: 0.82, 2: 0.73}, {0: 0.9, 1: 0.81, 2: 0.72}
    assert len({a[r] - b[r] for r in a}) > 1
    found = paired_difference(a, b)
    assert (found.estimate, found.sd) == (pytest.approx(0.01), 0.0)
    assert math.isnan(found.p)
    assert math.isnan(found.low)
    assert paired_difference(a, b, margin=0.01).p == 1.0


@pytest.mark.parametrize("n", [5, 6, 12])
def test_equal_differences_of_many_replicates_are_left_to_their_signs(n: int) -> None:
    zeros = dict.fromkeys(range(n), 0.0)
    found = paired_difference(dict.fromkeys(range(n), 0.5), zeros)
    assert math.isnan(found.low)
    if n < 6:
        assert math.isnan(found.p)
        assert stats.binomtest(n, n).pvalue > 0.05
    else:
        assert found.p == pytest.approx(stats.binomtest(n, n).pvalue)


@pytest.mark.parametrize(("n", "share"), [(5, 0.2), (10, 0.1), (3, 1 / 3)])
def test_resampled_splits_have_the_intervals_of_nadeau_and_bengio(n: int, share: float) -> None:
    """Written with the sizes of the sets: variance of the mean (1/n + test/train) s²."""
    a, b = GENERATOR.normal(0.9, 0.02, (2, n))
    error = np.std(a - b, ddof=1) * math.sqrt(1 / n + share * 1000 / (1000 - share * 1000))
    mean = (a - b).mean()
    expected = stats.t(n - 1, mean, error).interval(0.95)
    found = paired_difference(by_replicate(a), by_replicate(b), resampled=share, margin=0.01)
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(mean - 0.01) / error, n - 1))
    error = np.std(a, ddof=1) * math.sqrt(1 / n + share / (1 - share))
    interval = mean_interval(a, resampled=share)
    assert interval.half_width == pytest.approx(stats.t.ppf(0.975, n - 1) * error)
    with pytest.raises(ValueError, match=r"test share of resampled splits is in \[0, 1\), got 1"):
        mean_interval(a, resampled=1.0)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_values_that_are_no_numbers_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        mean_interval([0.5, wrong])
    with pytest.raises(ValueError, match="finite"):
        paired_difference({0: 0.5, 1: wrong}, {0: 0.5, 1: 0.5})


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_levels_are_shares(level: float) -> None:
    with pytest.raises(ValueError, match="level is between 0 and 1"):
        mean_interval([0.5, 0.6], level)
    with pytest.raises(ValueError, match="level is between 0 and 1"):
        paired_difference({0: 0.5, 1: 0.6}, {0: 0.5, 1: 0.7}, level)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_equals_statsmodels(p: list[float]) -> None:
    with mock.patch("gc.collect"):  # it collects garbage at each call: a second in a whole suite
        expected = multipletests(p, method="holm")[1]
    np.testing.assert_allclose(holm(p), expected, rtol=1e-12, atol=1e-15)


def test_holm_leaves_out_what_is_unknown() -> None:
    p = [math.nan, 0.03, 0.01, math.nan, 0.02]
    adjusted = holm(p)
    assert np.isnan(adjusted[[0, 3]]).all()
    np.testing.assert_allclose(
        adjusted[[1, 2, 4]], multipletests([0.03, 0.01, 0.02], method="holm")[1]
    )
    assert holm([]).shape == (0,)
    assert np.isnan(holm([math.nan])).all()


def test_holm_corrects_each_row_as_its_own_family() -> None:
    p = GENERATOR.random((4, 3, 6)) ** 3
    p[0, 1, 2] = math.nan
    expected = [[holm(row) for row in rows] for rows in p]
    np.testing.assert_array_equal(holm(p), expected)


def test_holm_refuses_what_is_no_probability() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, got 1.5 at 1"):
        holm([0.5, 1.5])
