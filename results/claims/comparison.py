"""One comparison of a claim: an effect with its interval, beside the region that the claim says.

A region is an open interval of effects: a loss is *better* when the true difference is in (0, ∞),
*not worse by more than m* in (-m, ∞), *flat within m* in (-m, m).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from results.stats.inference import (
    LEVEL,
    Difference,
    Floats,
    paired_difference,
    replicates_needed,
)
from results.stats.t_tests import standard_deviation, two_samples


@dataclass(frozen=True)
class Region:
    """Effects for which the claim is true: floor < effect < ceiling."""

    floor: float = -math.inf
    ceiling: float = math.inf

    @property
    def text(self) -> str:
        """``> 0.01``, ``< 9``, or ``within ±0.02``."""
        if self.floor == -self.ceiling:
            return f"within ±{self.ceiling:g}"
        if math.isinf(self.ceiling):
            return f"> {self.floor:g}"
        return f"< {self.ceiling:g}"


@dataclass(frozen=True)
class Evidence:
    """An effect, and how it lies to a region.

    Attributes:
        effect, low, high: estimate and the ends of its 95 % interval.
        n: replicates, or runs where they are not paired.
        p: one-sided, of the hypothesis that the true effect is in the region or on its boundary.
        sd: standard deviation that one replicate or run contributes.
        edge: the boundary of the region that is nearest to the effect.
    """

    effect: float
    low: float
    high: float
    n: int
    p: float
    sd: float
    edge: float

    @property
    def needed(self) -> int | None:
        """Replicates (or runs) to add until the interval would exclude the boundary.

        That is if mean and spread stayed as they are; 0 if it does now, None if out of reach.
        """
        return replicates_needed(self.sd, self.effect, self.n, margin=self.edge)


@dataclass(frozen=True)
class Comparison:
    """What the trials say about one region.

    Attributes:
        label: which trials are compared.
        metric: what is compared, with its column's name.
        evidence: None where too few trials finished.
        obstacle: why the evidence does not count, or why there is none; None when it counts.
        needed_factor: trials of the sweep for each of those that ``evidence.needed`` counts.
        trial_ids: trials behind it.
    """

    label: str
    metric: str
    region: Region
    evidence: Evidence | None = None
    obstacle: str | None = None
    needed_factor: float = 1.0
    trial_ids: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether there is evidence, of all trials that were planned."""
        return self.evidence is not None and self.obstacle is None

    @property
    def holds(self) -> bool:
        """Whether it counts and the whole interval lies in the region."""
        if self.evidence is None or not self.counts:
            return False
        return self.region.floor < self.evidence.low and self.evidence.high < self.region.ceiling

    @property
    def slack(self) -> float:
        """How far inside the region the effect lies, in half widths of its interval.

        Above 1 the interval lies inside, below -1 outside.
        """
        if self.evidence is None:
            return math.inf
        found = self.evidence
        inside = min(found.effect - self.region.floor, self.region.ceiling - found.effect)
        half_width = (found.high - found.low) / 2
        return inside / half_width if half_width else math.copysign(math.inf, inside)

    @property
    def needed(self) -> int | None:
        """Replicates (or runs of the sweep) to add, see `Evidence.needed`."""
        needed = None if self.evidence is None else self.evidence.needed
        return None if needed is None else math.ceil(needed * self.needed_factor)


def compare_pairs(a: Mapping[int, float], b: Mapping[int, float], region: Region) -> Evidence:
    """Evidence on the mean of a - b over the replicates of both, of which there are two or more."""
    return _evidence(lambda margin: paired_difference(a, b, margin=margin), region)


def compare_groups(a: Floats, b: Floats, region: Region) -> Evidence:
    """Evidence on the difference of the means of two independent groups of runs."""
    return _evidence(lambda margin: welch_difference(a, b, margin), region)


def welch_difference(a: Floats, b: Floats, margin: float = 0.0) -> Difference:
    """Difference of two means with Welch's interval and test (Biometrika 34, 1947).

    ``n`` counts the runs of both groups, and ``sd`` is the difference's standard error times √n, so
    that `replicates_needed` counts runs.

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
    outside = []  # one-sided p values: small where the effect lies beyond that edge
    for edge, at_edge in tests.items():
        beyond = effect < edge if edge == region.floor else effect > edge
        outside.append(at_edge.p / 2 if beyond else 1 - at_edge.p / 2)
    nearest = min(edges, key=lambda edge: abs(effect - edge))
    return Evidence(effect, found.low, found.high, found.n, min(outside), found.sd, nearest)
