"""Intervals and tests on replicates: means, paired differences, Holm's correction.

All of it assumes that replicates are independent, or splits of one data set that say so
(``resampled``), and that values (differences, for pairs) are about normal; with three replicates
the t distribution has two degrees of freedom, so intervals are wide and tests weak, which is what
three replicates tell. Values without a spread have no interval: see `results.stats.t_tests`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from results.stats.t_tests import Floats as Floats
from results.stats.t_tests import one_sample, standard_deviation

LEVEL = 0.95
"""Of intervals; tests reject below 1 - LEVEL."""


@dataclass(frozen=True)
class Interval:
    """An estimate with a two-sided interval.

    Attributes:
        low, high: ends of the interval; NaN where it is unknown.
        n: number of values behind it.
        level: share of such intervals that hold the true value.
    """

    estimate: float
    low: float
    high: float
    n: int
    level: float = LEVEL

    @property
    def half_width(self) -> float:
        """Half of the interval's length."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Difference:
    """A mean difference of pairs, with interval and test.

    Attributes:
        p: two-sided, of the hypothesis that the true difference is the margin; NaN if unknown.
        n: number of pairs.
        sd: standard deviation of the pairs' differences; 0 where they are all equal.
    """

    estimate: float
    low: float
    high: float
    p: float
    n: int
    sd: float
    level: float = LEVEL


def mean_interval(
    values: Sequence[float] | Floats, level: float = LEVEL, resampled: float = 0.0
) -> Interval:
    """Mean and its t interval.

    NaN where there is no value; the ends are NaN with one value, and where all are equal, because
    then there is no spread to tell them from.

    Args:
        resampled: share of the data that is the test set, where the values come from splits of one
            data set; the interval is then wider by Nadeau and Bengio's factor.

    Raises:
        ValueError: a value that is not finite, or a level or share outside (0, 1).
    """
    numbers = np.asarray(values, dtype=np.float64)
    _check(numbers, level, resampled)
    found = _tested_mean(numbers, level, 0.0, resampled)
    return Interval(found.estimate, found.low, found.high, found.n, level)


def paired_difference(
    a: Mapping[int, float],
    b: Mapping[int, float],
    level: float = LEVEL,
    margin: float = 0.0,
    resampled: float = 0.0,
) -> Difference:
    """Mean of a - b over the replicates that both have, with t interval and paired t test.

    Replicates of one of them alone are left out. Without a common replicate everything is NaN;
    with one, all but the estimate. Differences that are all equal have no interval, and no p below
    six of them (`results.stats.t_tests`): a constant difference is *not resolvable*. Differences
    that are all exactly 0 are those of identical trials: the two are *equal*, with an interval of
    length zero and, at margin 0, a p of 1.

    Args:
        a, b: value by replicate.
        margin: the difference under test.
        resampled: as in `mean_interval`.

    Raises:
        ValueError: a value that is not finite, or a level or share outside (0, 1).
    """
    common = sorted(a.keys() & b.keys())
    first, second = (np.array([by[key] for key in common], dtype=np.float64) for by in (a, b))
    _check(first, level, resampled)
    _check(second, level, resampled)
    size = float(max(np.abs(first).max(initial=0), np.abs(second).max(initial=0), abs(margin)))
    found = _tested_mean(first - second, level, margin, resampled, size)
    return (
        found if len(common) < 2 or (first != second).any() else replace(found, low=0.0, high=0.0)
    )


def holm(p: Sequence[float] | Floats) -> Floats:
    """P values corrected for their number by Holm's step-down rule, in the order given.

    Rejecting those below α errs anywhere in at most a share α of such families, whatever the
    dependence between tests (Holm, Scandinavian Journal of Statistics 6, 1979). NaN stays NaN and
    does not count.

    Args:
        p: ``(…, k)``, one family along the last axis.

    Raises:
        ValueError: a value outside [0, 1].
    """
    numbers = np.asarray(p, dtype=np.float64)
    wrong = (numbers < 0) | (numbers > 1)
    if wrong.any():
        place = ", ".join(map(str, np.argwhere(wrong)[0]))
        raise ValueError(f"a p value is between 0 and 1, got {numbers[wrong][0]} at {place}")
    order = np.argsort(numbers, axis=-1, kind="stable")  # NaN last
    known = (~np.isnan(numbers)).sum(axis=-1, keepdims=True)
    factors = np.maximum(known - np.arange(numbers.shape[-1]), 1)
    steps = np.take_along_axis(numbers, order, axis=-1) * factors
    adjusted = np.empty_like(numbers)
    corrected = np.minimum(np.maximum.accumulate(steps, axis=-1), 1.0)
    np.put_along_axis(adjusted, order, corrected, axis=-1)
    return adjusted


def _tested_mean(
    values: Floats, level: float, margin: float, resampled: float, size: float | None = None
) -> Difference:
    """Mean of values, or of the differences of pairs, with interval and test."""
    n, nan = len(values), float("nan")
    if n < 2:
        return Difference(float(values[0]) if n else nan, nan, nan, nan, n, nan, level)
    low, high, p = one_sample(values, margin, level, resampled=resampled, size=size)
    sd = standard_deviation(values, size)
    return Difference(float(np.mean(values)), float(low), float(high), float(p), n, sd, level)


def _check(values: Floats, level: float, resampled: float = 0.0) -> None:
    if not 0 < level < 1:
        raise ValueError(f"a level is between 0 and 1, got {level}")
    if not 0 <= resampled < 1:
        raise ValueError(f"the test share of resampled splits is in [0, 1), got {resampled}")
    if not np.isfinite(values).all():
        raise ValueError(
            f"values are finite numbers, got {values[~np.isfinite(values)][0]}; "
            "leave out trials without a value, and count them"
        )
