"""Verdicts as the page shows them: each comparison's interval drawn beside what is claimed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from results.claims.verdict import Outcome, PartVerdict, Verdict
from results.site.interval_strips import MARGIN, WIDTH, Strip, scale_of, strip
from results.site.number_text import short
from results.site.page_data import ClaimGroup

OUTCOMES: tuple[Outcome, ...] = ("supported", "contradicted", "undecided", "no data")
SIGNS = {"supported": "✓", "contradicted": "✗", "undecided": "?", "no data": "–"}


@dataclass(frozen=True)
class ShownPart:
    """One comparison; ``region`` is the claimed one as (start, length) on the drawing."""

    verdict: str
    label: str
    effect: str
    claimed: str
    n: int
    obstacle: str
    strip: Strip
    region: tuple[float, float]
    zero: float | None


@dataclass(frozen=True)
class ShownVerdict:
    """One verdict; ``anchor`` names it within the page, ``prospects`` say what replicates tell."""

    anchor: str
    verdict: Verdict
    effect: str
    prospects: str
    parts: tuple[ShownPart, ...]


def shown_verdict(verdict: Verdict) -> ShownVerdict:
    """The verdict with everything drawn on one scale per comparison."""
    alpha = (1 - verdict.level) / 2
    parts = tuple(_part(part, verdict.unit, alpha) for part in verdict.parts)
    effect = interval(verdict.effect, verdict.low, verdict.high, verdict.unit)
    return ShownVerdict(anchor(verdict), verdict, effect, _prospects(verdict), parts)


def _prospects(verdict: Verdict) -> str:
    """Whether more replicates would give a verdict; empty where that is not the question."""
    if verdict.not_resolvable is not None:
        return f"not resolvable by replicates: {verdict.not_resolvable}"
    if verdict.chances is None:
        return ""
    known = ((n, share) for n, share in verdict.chances.items() if share is not None)
    shares = ", ".join(f"{100 * share:.0f} % with {n}" for n, share in known)
    return f"chance of a verdict: {shares} replicates"


def anchor(verdict: Verdict) -> str:
    """Name of the verdict within the page of claims."""
    return f"claim-{verdict.id}"


def count_outcomes(groups: tuple[ClaimGroup, ...]) -> dict[Outcome, int]:
    """How many verdicts there are of each kind."""
    found = [verdict.verdict for group in groups for verdict in group.verdicts]
    return {outcome: found.count(outcome) for outcome in OUTCOMES}


def interval(effect: float | None, low: float | None, high: float | None, unit: str) -> str:
    """``0.012 [0.004, 0.020] px``; empty without an effect."""
    if effect is None:
        return ""
    text = short(effect)
    if low is not None and high is not None and math.isfinite(low) and math.isfinite(high):
        text += f" [{short(low)}, {short(high)}]"
    return f"{text} {unit}".rstrip()


def _part(part: PartVerdict, unit: str, alpha: float) -> ShownPart:
    found, evidence = part.comparison, part.comparison.evidence
    floor, ceiling = found.region.floor, found.region.ceiling
    low, high = evidence.interval(alpha) if evidence else (math.nan, math.nan)
    ends = [evidence.effect, low, high] if evidence else []
    scale = scale_of([*ends, floor, ceiling, 0.0])
    start = scale.at(floor) if math.isfinite(floor) else 0.0
    stop = scale.at(ceiling) if math.isfinite(ceiling) else WIDTH
    zero = scale.at(0.0)
    return ShownPart(
        verdict=part.verdict,
        label=f"{found.metric}: {found.label}",
        effect=interval(evidence.effect, low, high, unit) if evidence else "",
        claimed=found.region.text,
        n=evidence.n if evidence else 0,
        obstacle=found.obstacle or "",
        strip=strip(scale, *ends) if evidence else Strip(None, None, None),
        region=(round(start, 1), round(stop - start, 1)),
        zero=round(zero, 1) if MARGIN <= zero <= WIDTH - MARGIN else None,
    )
