"""Student's and Welch's t tests with their intervals, and what they say of values without a spread.

A t test estimates the spread from the values themselves. Values that are all equal, up to rounding,
show none: they may be copies of one draw, or a metric at its end. Then the interval is unknown
(NaN), and p is 1 if they equal the margin. If they do not, the test that is left is that of signs:
n equal deviations have p = 2^(1 - n) if either sign is as likely. It cannot reject at 5 % below six
values, and p is NaN there: *not resolvable*, whatever the values.

SciPy's statistics take longer to load than most commands run, and much of what imports this module
never tests anything: tests load them when they are called.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_SIGNS = 6
"""Equal deviations that the test of signs needs to reject at 5 %: 2^(1 - 5) is .0625."""
_ROUNDING = 16 * np.finfo(np.float64).eps
"""Values whose range is no more than so many times their size are equal but for their last bits."""


class TTest(NamedTuple):
    """Ends of the interval, and the two-sided p of the hypothesis that the margin is true."""

    low: Floats
    high: Floats
    p: Floats


def one_sample(
    values: Floats,
    margin: float,
    level: float,
    *,
    resampled: float = 0.0,
    size: float | Floats | None = None,
) -> TTest:
    """Of means along the last axis, which has two values or more.

    Args:
        resampled: share of one data set that each value's test set is, where values come from
            splits of it (`mean_error`); 0 where values are independent.
        size: of the numbers that the values are differences of, for what counts as rounding, one
            for each mean; by default that of the values.
    """
    from scipy.special import stdtr, stdtrit

    n, mean, equal = values.shape[-1], values.mean(axis=-1), without_spread(values, size)
    error = mean_error(np.std(values, axis=-1, ddof=1), n, resampled)
    half = stdtrit(n - 1, (1 + level) / 2) * error
    t = np.divide(mean - margin, error, out=np.zeros_like(mean), where=~equal)
    return TTest(
        np.where(equal, np.nan, mean - half),
        np.where(equal, np.nan, mean + half),
        np.where(equal, _p_of_equal(values - margin, size), 2 * stdtr(n - 1, -np.abs(t))),
    )


def two_samples(a: Floats, b: Floats, margin: float, level: float) -> TTest:
    """Of the difference of two means, by Welch's rule (Biometrika 34, 1947).

    Two groups without a spread have neither interval nor p, unless their difference is the margin.

    Args:
        a, b: ``(n,)`` independent values, two or more each.
    """
    from scipy.special import stdtr, stdtrit

    effect = np.mean(a) - np.mean(b)
    parts = [standard_deviation(x) ** 2 / len(x) for x in (a, b)]
    error = math.sqrt(sum(parts))
    if error == 0:
        nan = np.asarray(np.nan)
        return TTest(nan, nan, np.asarray(1.0) if a[0] - b[0] == margin else nan)
    freedom = error**4 / sum(part**2 / (len(x) - 1) for part, x in zip(parts, (a, b), strict=True))
    half = stdtrit(freedom, (1 + level) / 2) * error
    p = 2 * stdtr(freedom, -abs(effect - margin) / error)
    return TTest(np.asarray(effect - half), np.asarray(effect + half), np.asarray(p))


def mean_error(sd: float | Floats, n: int | NDArray[np.int64], resampled: float = 0.0) -> Floats:
    """Standard error of a mean of ``n`` values with standard deviation ``sd``.

    Values from resampled splits of one data set share most of their training data, so their spread
    says too little of that of their mean. Nadeau and Bengio (Machine Learning 52, 2003) correct its
    variance from sd²/n to sd² (1/n + ρ/(1 - ρ)), where ρ is the share of the data in the test set:
    more splits never make it vanish, because they are no new data.

    Args:
        resampled: ρ; 0 for independent values.
    """
    error: Floats = np.asarray(sd * np.sqrt(1 / np.asarray(n) + resampled / (1 - resampled)))
    return error


def t_half_width(sd: float, n: NDArray[np.int64], level: float, resampled: float = 0.0) -> Floats:
    """Half of the t interval of a mean of ``n`` values with standard deviation ``sd``.

    Args:
        resampled: as in `mean_error`.
    """
    from scipy.special import stdtrit

    half: Floats = stdtrit(n - 1, (1 + level) / 2) * mean_error(sd, n, resampled)
    return half


def without_spread(values: Floats, size: float | Floats | None = None) -> NDArray[np.bool_]:
    """Whether values along the last axis are all equal, up to rounding.

    Args:
        size: of the numbers that they were computed from (default: of the values).
    """
    size = np.abs(values).max(axis=-1) if size is None else size
    equal: NDArray[np.bool_] = np.asarray(np.ptp(values, axis=-1) <= _ROUNDING * np.asarray(size))
    return equal


def standard_deviation(values: Floats, size: float | None = None) -> float:
    """Of ``(n,)`` values with n - 1 degrees of freedom, exactly 0 where all are equal."""
    return 0.0 if without_spread(values, size) else float(np.std(values, ddof=1))


def _p_of_equal(deviations: Floats, size: float | Floats | None) -> Floats:
    """P of values without a spread, from what they are above the margin."""
    n = deviations.shape[-1]
    largest = np.abs(deviations).max(axis=-1)
    none = largest <= (0.0 if size is None else _ROUNDING * np.asarray(size))
    signs = 2.0 ** (1 - n) if n >= LEAST_SIGNS else np.nan
    return np.where(none, 1.0, signs)
