"""How likely a claim without a verdict gets one from more replicates.

Predictive: from a comparison's mean and standard deviation so far follow what the true ones may be
(Student's posterior under the prior 1/σ), from each of those what further replicates may show, and
from old and new together a verdict. What is reported is the share of such futures with one. The
spread is as unknown as the mean, which a formula with the spread found so far forgets: with three
replicates its answers scatter over two orders of magnitude.

Comparisons of one claim are drawn as if they were independent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from results.claims.comparison import ONE_SIDED, Comparison, Evidence
from results.stats.inference import Floats
from results.stats.t_tests import mean_error

TOTALS = (10, 20, 50)
"""Replicates for which the chance is reported."""
_DRAWS = 4000


def chance(comparisons: Sequence[Comparison], total: int, alpha: float = ONE_SIDED) -> float:
    """Probability that these comparisons give a verdict when each has ``total`` replicates.

    Args:
        comparisons: each with evidence of two replicates or more, fewer than ``total``, and with a
            spread.
        alpha: one-sided level of the tests then.

    Raises:
        ValueError: a comparison without evidence or spread, or with ``total`` replicates already.
    """
    found = [one.evidence for one in comparisons]
    known = [one for one in found if one is not None and not one.constant and one.n < total]
    if len(known) < len(found):
        raise ValueError(f"each comparison has a spread and fewer than {total} replicates")
    rng = np.random.default_rng([total, len(known)])
    inside = np.ones(_DRAWS, bool)
    least = np.ones(_DRAWS)
    for one, evidence in zip(comparisons, known, strict=True):
        mean, error = _future(evidence, total, rng)
        below = _upper_tail((mean - one.region.floor) / error, total - 1)
        above = _upper_tail((one.region.ceiling - mean) / error, total - 1)
        inside &= np.maximum(below, above) < alpha
        least = np.minimum(least, 1 - np.maximum(below, above))
    # Holm's first step: something is rejected exactly if the smallest p times their number is low
    return float(np.mean(inside | (least * len(known) < alpha)))


def _future(now: Evidence, total: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Means of ``total`` replicates as they may come out, and their standard errors."""
    n, more = now.n, total - now.n
    variance = (n - 1) * now.sd**2 / rng.chisquare(n - 1, _DRAWS)
    truth = rng.normal(now.effect, np.sqrt(variance / n))
    new = rng.normal(truth, np.sqrt(variance / more))
    within = variance * rng.chisquare(more - 1, _DRAWS) if more > 1 else 0.0
    mean = (n * now.effect + more * new) / total
    squares = (n - 1) * now.sd**2 + within + n * more / total * (new - now.effect) ** 2
    return mean, mean_error(np.sqrt(squares / (total - 1)), total, now.resampled)


def _upper_tail(t: Floats, freedom: int) -> Floats:
    """One-sided p of the hypothesis that the true effect is on that edge or beyond it."""
    from scipy.special import stdtr

    tail: Floats = stdtr(freedom, -t)
    return tail
