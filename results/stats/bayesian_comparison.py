"""How probable it is that one method is better than another, as good, or worse.

The correlated Bayesian t test of Corani and Benavoli (Machine Learning 100, 2015; Journal of
Machine Learning Research 18, 2017), as in the package baycomp: with a flat prior, the mean
difference d of n replicates has a posterior of Student's form with n - 1 degrees of freedom, the
mean of the differences as its centre, and √(s² (1/n + ρ/(1 - ρ))) as its scale. Its mass beyond the
region of practical equivalence (ROPE) on either side is the probability of better and of worse.

ρ is the share of one data set that each replicate's test set is; it is 0 where each replicate has
data of its own, and the interval is then the t interval of the mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from results.stats.inference import LEVEL, Difference, paired_difference
from results.stats.t_tests import mean_error


@dataclass(frozen=True)
class Posterior:
    """What paired replicates say of a difference; positive is better.

    Attributes:
        difference: mean, with the interval that holds the true mean with probability ``level``.
        better, equivalent, worse: probability of a true difference above, within and below
            ±``rope``; they add up to 1. NaN with fewer than two replicates, and where all
            differences are equal and not 0: no spread, no posterior.
        rope: half width of the region of practical equivalence, in the metric's unit.
    """

    difference: Difference
    better: float
    equivalent: float
    worse: float
    rope: float

    @property
    def equal(self) -> bool:
        """Whether the two had the same value in every replicate: as trials of one loss have."""
        found = self.difference
        return found.n > 1 and found.low == found.high == 0.0


def correlated_t_test(
    a: Mapping[int, float],
    b: Mapping[int, float],
    rope: float,
    resampled: float = 0.0,
    level: float = LEVEL,
) -> Posterior:
    """The posterior of the mean of a - b over the replicates that both have.

    Args:
        a, b: value by replicate; more is better.
        rope: half width of the region of practical equivalence; with 0, *equivalent* has no mass.
        resampled: ρ, see above.

    Raises:
        ValueError: a value that is not finite, or a negative rope.
    """
    if not rope >= 0:
        raise ValueError(f"a region of practical equivalence has a width of 0 or more, got {rope}")
    found = paired_difference(a, b, level, resampled=resampled)
    if found.n > 1 and found.low == found.high == 0.0:
        return Posterior(found, 0.0, 1.0, 0.0, rope)
    if not found.sd > 0:  # NaN with one replicate
        nan = float("nan")
        return Posterior(found, nan, nan, nan, rope)
    from scipy.special import stdtr

    scale = float(mean_error(found.sd, found.n, resampled))
    freedom, below, above = found.n - 1, -rope - found.estimate, rope - found.estimate
    worse = float(stdtr(freedom, below / scale))
    better = float(stdtr(freedom, -above / scale))
    equivalent = max(0.0, 1.0 - better - worse) if rope else 0.0
    return Posterior(found, better, equivalent, worse, rope)
