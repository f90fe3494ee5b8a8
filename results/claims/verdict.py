"""A claim is a sentence of a paper turned into a test on results; a verdict is what they say of it.

A claim consists of comparisons, each of which says that an effect lies in a region. It is

- *supported* when every comparison's whole 95 % interval lies in its region. Asking that of all of
  them needs no correction: one boundary truth is enough to keep the share of wrong verdicts at or
  below 2.5 % (intersection-union test, Berger, Technometrics 24, 1982);
- *contradicted* when an interval lies wholly outside, after Holm's correction over the claim's
  comparisons, so that a true claim is contradicted in at most 2.5 % of cases however many it has;
- *no data* when no comparison has an interval;
- *undecided* otherwise.

Only planned trials count, and only when all of a comparison's trials finished: see
`results.claims.claim_selection.obstacle`. There is no correction over different claims. Where
replicates were added to reach a verdict, `results.claims.sequential_looks` judges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from results.claims.claim_model import Claim
from results.claims.comparison import ONE_SIDED, Comparison
from results.claims.verdict_chance import TOTALS, chance
from results.stats.inference import LEVEL, holm

Outcome = Literal["supported", "contradicted", "undecided", "no data"]
HOPELESS = 0.1
"""Chance of a verdict below which more replicates are not worth while."""


@dataclass(frozen=True)
class PartVerdict:
    """One comparison, and what it says of the claim (one-sided p after Holm's correction)."""

    verdict: Outcome
    comparison: Comparison
    p: float


@dataclass(frozen=True)
class Verdict:
    """What the trials say of a claim.

    Attributes:
        effect, low, high: of the comparison that decides: the one that contradicts most clearly,
            else the one furthest from holding; None without data.
        level: of the interval.
        unit: of effect and interval; empty for shares.
        detail: that comparison in words, or why there is no verdict.
        replicates: behind the verdict; runs where a sweep draws its trials at random.
        chances: of a verdict with so many replicates in all (`results.claims.verdict_chance`), for
            an undecided claim of which it is known; None for numbers that are there already.
        not_resolvable: why more replicates would not settle an undecided claim; None otherwise.
        trial_ids: all trials behind the verdict.
    """

    id: str
    title: str
    source: str
    verdict: Outcome
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    unit: str = ""
    detail: str = ""
    replicates: int | None = None
    chances: Mapping[int, float | None] | None = None
    not_resolvable: str | None = None
    trial_ids: tuple[str, ...] = ()
    parts: tuple[PartVerdict, ...] = ()


def no_data(claim: Claim, reason: str) -> Verdict:
    """The verdict on a claim that no trials can decide."""
    return Verdict(claim.id, claim.title, claim.source, "no data", detail=reason)


def judge(
    claim: Claim,
    trials: pd.DataFrame,
    units: Mapping[str, str] | None = None,
    alpha: float = ONE_SIDED,
) -> Verdict:
    """Judge a claim by the planned trials of its sweep.

    Args:
        trials: one row per planned trial (`results.claims.claim_selection`).
        units: unit of each metric.
        alpha: share of wrong verdicts in either direction.

    Raises:
        ClaimError: the declaration does not fit the trials.
    """
    if claim.proof is not None:
        return no_data(claim, f"a theorem, which no trial decides; checked by {claim.proof}")
    comparisons = [found for part in claim.parts for found in part.comparisons(trials)]
    verdict, parts = weigh(comparisons, alpha)
    if all(part.comparison.evidence is None for part in parts):
        reasons = dict.fromkeys(str(part.comparison.obstacle) for part in parts)
        return no_data(claim, "; ".join(reasons) or "the sweep plans no such trial")
    deciding = _deciding(verdict, parts)
    shown = deciding.comparison.evidence
    low, high = shown.interval(alpha) if shown else (None, None)
    chances, why_not = _prospects(verdict, parts)
    return Verdict(
        claim.id,
        claim.title,
        claim.source,
        verdict,
        effect=shown.effect if shown else None,
        low=low,
        high=high,
        level=1 - 2 * alpha,
        unit=(units or {}).get(deciding.comparison.metric.split(" − ")[0], ""),
        detail=_detail(deciding, parts),
        replicates=shown.n if shown else None,
        chances=chances,
        not_resolvable=why_not,
        trial_ids=tuple(dict.fromkeys(i for found in comparisons for i in found.trial_ids)),
        parts=tuple(parts),
    )


def weigh(
    comparisons: Sequence[Comparison], alpha: float = ONE_SIDED
) -> tuple[Outcome, list[PartVerdict]]:
    """The verdict on a claim that consists of these comparisons, and on each of them.

    Args:
        alpha: share of wrong verdicts in either direction.
    """
    raw = [found.evidence.p if found.evidence and found.counts else np.nan for found in comparisons]
    parts = []
    for found, p in zip(comparisons, holm(raw), strict=True):
        verdict: Outcome = "undecided"
        if found.evidence is None:
            verdict = "no data"
        elif found.holds(alpha):
            verdict = "supported"
        elif p < alpha:  # false for the NaN of one that does not count
            verdict = "contradicted"
        parts.append(PartVerdict(verdict, found, float(p)))
    verdicts = {part.verdict for part in parts}
    if "contradicted" in verdicts:
        return "contradicted", parts
    return (verdicts.pop() if len(verdicts) == 1 else "undecided"), parts


def _deciding(verdict: Outcome, parts: Sequence[PartVerdict]) -> PartVerdict:
    if verdict == "contradicted":
        return min(parts, key=lambda part: math.inf if math.isnan(part.p) else part.p)
    return min(parts, key=lambda part: part.comparison.slack)


def _prospects(
    verdict: Outcome, parts: Sequence[PartVerdict]
) -> tuple[dict[int, float | None] | None, str | None]:
    """Chance of a verdict by number of replicates, and why more of them would not settle it.

    Both unknown where something else than the number of replicates stands in the way.
    """
    comparisons = [part.comparison for part in parts]
    if verdict != "undecided" or not all(found.counts for found in comparisons):
        return None, None
    for part in parts:
        if part.verdict == "undecided" and part.comparison.unresolvable is not None:
            return None, part.comparison.unresolvable
    most = max(found.evidence.n for found in comparisons if found.evidence is not None)
    drawn = [found for found in comparisons if found.unresolvable is None]
    chances = {total: chance(drawn, total) if total > most else None for total in TOTALS}
    last = chances[TOTALS[-1]]
    if last is None or last >= HOPELESS:
        return chances, None
    return chances, f"too close to the boundary: chance {last:.2f} with {TOTALS[-1]} replicates"


def _detail(deciding: PartVerdict, parts: Sequence[PartVerdict]) -> str:
    found = deciding.comparison
    text = f"{found.metric}: {found.label}, claimed {found.region.text}"
    if len(parts) > 1:
        text += f"; {sum(part.verdict == 'supported' for part in parts)} of {len(parts)} hold"
    reasons = dict.fromkeys(part.comparison.obstacle for part in parts if part.comparison.obstacle)
    return "; ".join([text, *map(str, reasons)])
