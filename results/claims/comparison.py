"""One comparison of a claim: an effect with its interval, beside the region that the claim says.

A region is an interval of effects: a loss is *better* when the true difference is in (0, ∞),
*not worse by more than m* in (-m, ∞), *flat within m* in (-m, m).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from results.stats.inference import LEVEL, Difference, Floats, paired_difference
from results.stats.t_tests import standard_deviation, t_half_width, two_samples

ONE_SIDED = (1 - LEVEL) / 2
"""Share of wrong verdicts in either direction."""


@dataclass(frozen=True)
class Region:
    """Effects for which the claim is true: floor < effect < ceiling.

    Attributes:
        closed: whether the edges belong to it.
    """

    floor: float = -math.inf
    ceiling: float = math.inf
    closed: bool = False

    @property
    def text(self) -> str:
        """``> 0.01``, ``< 9``, ``≤ 5``, or ``within ±0.02``."""
        if self.floor == -self.ceiling:
            return f"within ±{self.ceiling:g}"
        equal = self.closed
        if math.isinf(self.ceiling):
            return f"{'≥' if equal else '>'} {self.floor:g}"
        return f"{'≤' if equal else '<'} {self.ceiling:g}"

    def holds(self, low: float, high: float | None = None) -> bool:
        """Whether all effects from low to high (default: low alone) are in it; not so for NaN."""
        high = low if high is None else high
        if self.closed:
            return self.floor <= low and high <= self.ceiling
        return self.floor < low and high < self.ceiling


@dataclass(frozen=True)
class Evidence:
    """An effect, and how it lies to a region.

    Attributes:
        effect, low, high: estimate and the ends of its 95 % interval, NaN where nothing is known of
            the spread because all values are equal.
        n: replicates, or runs where they are not paired.
        p: one-sided, of the hypothesis that the true effect is in the region or on its boundary;
            NaN as above.
        sd: standard deviation that one replicate or run contributes; 0 where all are equal.
        resampled: share of the data that is the test set, where replicates are splits of one data
            set (`results.stats.t_tests.mean_error`).
    """

    effect: float
    low: float
    high: float
    n: int
    p: float
    sd: float
    resampled: float = 0.0

    @property
    def constant(self) -> bool:
        """Whether all values are equal, so that they tell nothing of their spread."""
        return self.sd == 0

    def interval(self, alpha: float) -> tuple[float, float]:
        """Ends of the interval that misses the true effect on either side in ``alpha`` of cases."""
        if math.isclose(alpha, ONE_SIDED) or self.constant:
            return self.low, self.high
        half = float(t_half_width(self.sd, np.asarray(self.n), 1 - 2 * alpha, self.resampled))
        return self.effect - half, self.effect + half


@dataclass(frozen=True)
class Comparison:
    """What the trials say about one region.

    Attributes:
        label: which trials are compared.
        metric: what is compared, with its column's name.
        evidence: None where too few trials finished.
        obstacle: why the evidence does not count, or why there is none; None when it counts.
        paired: whether it is about replicates; False for runs that are drawn at random.
        families: sets of test data that the replicates take turns through, where they do.
        trial_ids: trials behind it.
        planned_ids: trials that are to be behind it.
    """

    label: str
    metric: str
    region: Region
    evidence: Evidence | None = None
    obstacle: str | None = None
    paired: bool = True
    families: int | None = None
    trial_ids: tuple[str, ...] = ()
    planned_ids: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether there is evidence, of all trials that were planned."""
        return self.evidence is not None and self.obstacle is None

    def holds(self, alpha: float = ONE_SIDED) -> bool:
        """Whether it counts and the whole interval lies in the region (`Evidence.interval`)."""
        if self.evidence is None or not self.counts:
            return False
        return self.region.holds(*self.evidence.interval(alpha))

    @property
    def slack(self) -> float:
        """How far inside the region the effect lies, in half widths of its 95 % interval.

        Above 1 the interval lies inside, below -1 outside; -∞ where there is no interval.
        """
        if self.evidence is None:
            return math.inf
        found = self.evidence
        inside = min(found.effect - self.region.floor, self.region.ceiling - found.effect)
        half_width = (found.high - found.low) / 2
        return -math.inf if math.isnan(half_width) else inside / half_width

    @property
    def unresolvable(self) -> str | None:
        """Why more replicates would not settle it, or None."""
        if self.evidence is None:
            return None
        if self.evidence.constant:
            return f"all {self.evidence.n} values are equal, which tells nothing of their spread"
        if not self.paired:
            return "its trials are drawn at random; more of them (--trials), not replicates, tell"
        if self.families is not None:
            return f"replicates take turns through {self.families} sets of test data"
        return None


def compare_pairs(
    a: Mapping[int, float], b: Mapping[int, float], region: Region, resampled: float = 0.0
) -> Evidence:
    """Evidence on the mean of a - b over the replicates of both, of which there are two or more.

    Args:
        resampled: as in `Evidence`.
    """
    found = _evidence(
        lambda margin: paired_difference(a, b, margin=margin, resampled=resampled), region
    )
    return replace(found, resampled=resampled)


def compare_groups(a: Floats, b: Floats, region: Region) -> Evidence:
    """Evidence on the difference of the means of two independent groups of runs."""
    return _evidence(lambda margin: welch_difference(a, b, margin), region)


def welch_difference(a: Floats, b: Floats, margin: float = 0.0) -> Difference:
    """Difference of two means with Welch's interval and test (Biometrika 34, 1947).

    ``n`` counts the runs of both groups, and ``sd`` is the difference's standard error times √n.

    Raises:
        ValueError: a group of fewer than two.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"an interval needs two runs in each group, got {len(a)} and {len(b)}")
    n = len(a) + len(b)
    low, high, p = two_samples(a, b, margin, LEVEL)
    error = math.hypot(*(standard_deviation(x) / math.sqrt(len(x)) for x in (a, b)))
    effect = float(np.mean(a) - np.mean(b))
    return Difference(effect, float(low), float(high), float(p), n, error * math.sqrt(n))


def _evidence(test: Callable[[float], Difference], region: Region) -> Evidence:
    edges = [edge for edge in (region.floor, region.ceiling) if math.isfinite(edge)]
    tests = {edge: test(edge) for edge in edges}
    found = tests[edges[0]]
    effect = found.estimate
    if found.sd == 0:
        return Evidence(effect, math.nan, math.nan, found.n, math.nan, 0.0)
    outside = []  # one-sided p values: small where the effect lies beyond that edge
    for edge, at_edge in tests.items():
        beyond = effect < edge if edge == region.floor else effect > edge
        outside.append(at_edge.p / 2 if beyond else 1 - at_edge.p / 2)
    return Evidence(effect, found.low, found.high, found.n, min(outside), found.sd)
