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
`results.claims.claim_selection.obstacle`. There is no correction over different claims.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from results.claims.claim_model import Claim
from results.claims.comparison import Comparison
from results.stats.inference import LEVEL, holm

Outcome = Literal["supported", "contradicted", "undecided", "no data"]
_ONE_SIDED = (1 - LEVEL) / 2


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
        unit: of effect and interval; empty for shares.
        detail: that comparison in words, or why there is no verdict.
        replicates_needed: to add until a verdict is likely; None if unknown or out of reach. Runs
            instead of replicates where a sweep draws its trials at random.
        trial_ids: all trials behind the verdict.
    """

    id: str
    title: str
    source: str
    verdict: Outcome
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    detail: str = ""
    replicates_needed: int | None = None
    trial_ids: tuple[str, ...] = ()
    parts: tuple[PartVerdict, ...] = ()


def no_data(claim: Claim, reason: str) -> Verdict:
    """The verdict on a claim that no trials can decide."""
    return Verdict(claim.id, claim.title, claim.source, "no data", detail=reason)


def judge(claim: Claim, trials: pd.DataFrame, units: Mapping[str, str] | None = None) -> Verdict:
    """Judge a claim by the planned trials of its sweep.

    Args:
        trials: one row per planned trial (`results.claims.claim_selection`).
        units: unit of each metric.

    Raises:
        ClaimError: the declaration does not fit the trials.
    """
    if claim.proof is not None:
        return no_data(claim, f"a theorem, which no trial decides; checked by {claim.proof}")
    comparisons = [found for part in claim.parts for found in part.comparisons(trials)]
    verdict, parts = weigh(comparisons)
    if all(part.comparison.evidence is None for part in parts):
        reasons = dict.fromkeys(str(part.comparison.obstacle) for part in parts)
        return no_data(claim, "; ".join(reasons) or "the sweep plans no such trial")
    deciding = _deciding(verdict, parts)
    shown = deciding.comparison.evidence
    needed = _needed(verdict, parts)
    detail = _detail(deciding, parts)
    if verdict == "undecided" and needed is None and all(part.comparison.counts for part in parts):
        detail += "; too close to the boundary for any number of replicates to settle it"
    return Verdict(
        claim.id,
        claim.title,
        claim.source,
        verdict,
        effect=shown.effect if shown else None,
        low=shown.low if shown else None,
        high=shown.high if shown else None,
        unit=(units or {}).get(deciding.comparison.metric.split(" − ")[0], ""),
        detail=detail,
        replicates_needed=needed,
        trial_ids=tuple(dict.fromkeys(i for found in comparisons for i in found.trial_ids)),
        parts=tuple(parts),
    )


def weigh(comparisons: Sequence[Comparison]) -> tuple[Outcome, list[PartVerdict]]:
    """The verdict on a claim that consists of these comparisons, and on each of them."""
    raw = [found.evidence.p if found.evidence and found.counts else np.nan for found in comparisons]
    parts = []
    for found, p in zip(comparisons, holm(raw), strict=True):
        verdict: Outcome = "undecided"
        if found.evidence is None:
            verdict = "no data"
        elif found.holds:
            verdict = "supported"
        elif p < _ONE_SIDED:  # false for the NaN of one that does not count
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


def _needed(verdict: Outcome, parts: Sequence[PartVerdict]) -> int | None:
    """The least that would contradict where an effect leans that way, else the most that is needed.

    Unknown where something else than the number of replicates stands in the way.
    """
    if verdict != "undecided" or not all(part.comparison.counts for part in parts):
        return None
    open_ = [part.comparison for part in parts if part.verdict == "undecided"]
    against = [found.needed for found in open_ if found.slack < 0 and found.needed is not None]
    if against:
        return max(min(against), 1)  # a correction may stand in the way of one that needs none
    needed = [found.needed for found in open_]
    return None if None in needed else max(n for n in needed if n is not None)


def _detail(deciding: PartVerdict, parts: Sequence[PartVerdict]) -> str:
    found = deciding.comparison
    text = f"{found.metric}: {found.label}, claimed {found.region.text}"
    if len(parts) > 1:
        text += f"; {sum(part.verdict == 'supported' for part in parts)} of {len(parts)} hold"
    reasons = dict.fromkeys(part.comparison.obstacle for part in parts if part.comparison.obstacle)
    return "; ".join([text, *map(str, reasons)])
