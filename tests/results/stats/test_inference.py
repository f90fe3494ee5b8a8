"""Intervals and tests on replicates, against statsmodels, SciPy and simulation."""

from __future__ import annotations

import math

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
    assert equal.half_width == 0.0


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
    shifted = paired_difference({0: 0.5, 1: 0.75}, {0: 0.25, 1: 0.5})
    assert (shifted.p, shifted.low, shifted.high) == (0.0, 0.25, 0.25)
    assert paired_difference({0: 0.5, 1: 0.75}, {0: 0.25, 1: 0.5}, margin=0.25).p == 1.0


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
