"""Student's and Welch's t tests with their intervals: SciPy's, where values have a spread.

SciPy's answer for values that are all equal is rounding noise and a warning; here the interval has
length zero then, and p is 1 if the values equal the margin and 0 otherwise.

SciPy's statistics take longer to load than most commands run, and much of what imports this module
never tests anything: tests load them when they are called.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class TTest(NamedTuple):
    """Ends of the interval, and the two-sided p of the hypothesis that the margin is true."""

    low: Floats
    high: Floats
    p: Floats


def one_sample(values: Floats, margin: float, level: float) -> TTest:
    """Of means along the last axis, which has two values or more."""
    from scipy import stats

    with _rounding_expected():
        test = stats.ttest_1samp(values, margin, axis=-1)
        low, high = test.confidence_interval(level)
    equal, mean = without_spread(values), values.mean(axis=-1)
    return TTest(
        np.where(equal, mean, low),
        np.where(equal, mean, high),
        np.where(equal, values[..., 0] == margin, test.pvalue),
    )


def two_samples(a: Floats, b: Floats, margin: float, level: float) -> TTest:
    """Of the difference of two means, by Welch's rule (Biometrika 34, 1947).

    Args:
        a, b: ``(n,)`` independent values, two or more each.
    """
    from scipy import stats

    if without_spread(a) and without_spread(b):
        effect = a[0] - b[0]
        return TTest(effect, effect, np.asarray(float(effect == margin)))
    with _rounding_expected():
        test = stats.ttest_ind(a - margin, b, equal_var=False)
        low, high = test.confidence_interval(level)
    return TTest(low + margin, high + margin, test.pvalue)


def t_half_width(sd: float, n: NDArray[np.int64], level: float) -> Floats:
    """Half of the t interval of a mean of ``n`` values with standard deviation ``sd``."""
    from scipy.special import stdtrit

    half: Floats = stdtrit(n - 1, (1 + level) / 2) * sd / np.sqrt(n)
    return half


def without_spread(values: Floats) -> NDArray[np.bool_]:
    """Whether values along the last axis are all equal."""
    equal: NDArray[np.bool_] = (values == values[..., :1]).all(axis=-1)
    return equal


def standard_deviation(values: Floats) -> float:
    """Of ``(n,)`` values with n - 1 degrees of freedom, exactly 0 where all are equal."""
    return 0.0 if without_spread(values) else float(np.std(values, ddof=1))


@contextmanager
def _rounding_expected() -> Iterator[None]:
    """Without SciPy's warning about values that are equal but for their last bits."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Precision loss occurred", RuntimeWarning)
        yield
