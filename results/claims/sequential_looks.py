"""Judging a claim while replicates are added until there is a verdict.

Looking after every few replicates and stopping at the first verdict makes wrong ones more likely
than the level of a single test. So the level is spent over the looks: by look ``n`` the share
``n / 20`` of it has been spent (the uniform spending function of Kim and DeMets, Biometrika 74,
1987), and each look tests at what it adds to that. As the levels of all looks add up to the level
of a single test, a truth on the boundary is called anything in at most 2.5 % of cases in either
direction, whatever the dependence between looks (Bonferroni); each look is an exact t test, where
boundaries from normal theory are too narrow for so few replicates. For the same reason the
intervals of all looks together hold the true effect in 95 % of cases.

Looks are at 3, 5, 8, 12 and 20 replicates, from the number that the sweep plans on. They are a
function of that number and of the values of replicates 0, 1, … alone: whatever interrupts the
adding of replicates, looking again gives the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import pandas as pd

from results.claims.claim_model import Claim
from results.claims.comparison import ONE_SIDED
from results.claims.verdict import HOPELESS, Verdict, judge
from results.claims.verdict_chance import chance

LOOKS = (3, 5, 8, 12, 20)
"""Replicates at which it is looked."""
MOST = LOOKS[-1]
_TO_RUN = ("missing", "stale")


@dataclass(frozen=True)
class Look:
    """A look at so many replicates, with the one-sided level of its tests."""

    replicates: int
    alpha: float


@dataclass(frozen=True)
class Progress:
    """How far a claim is.

    Attributes:
        verdict: of the last look that all its trials have ended for; of the first look before.
        look: that look; None before the first.
        next: the look to come; None when it is over.
        missing: planned trials that the look to come waits for.
        stopped: why it is over, in words; empty where it is not.
    """

    verdict: Verdict
    look: Look | None = None
    next: Look | None = None
    missing: tuple[str, ...] = ()
    stopped: str = ""


def looks(planned: int) -> tuple[Look, ...]:
    """The looks of a claim whose sweep plans so many replicates.

    Args:
        planned: the first look is at this number, or at 3 if it is less. Above 20 there is no
            other look.
    """
    first = max(planned, LOOKS[0])
    numbers = [first, *(number for number in LOOKS if number > first)]
    spent = [0.0, *(number / MOST for number in numbers[:-1]), 1.0]
    levels = [ONE_SIDED * (now - before) for before, now in pairwise(spent)]
    return tuple(Look(*look) for look in zip(numbers, levels, strict=True))


def progress(
    claim: Claim,
    trials: pd.DataFrame,
    planned: int,
    most: int = MOST,
    units: Mapping[str, str] | None = None,
) -> Progress:
    """Look as often as the trials that ended allow, up to the first verdict.

    Args:
        trials: outcomes of replicates 0 … 19 and more, of which some may not have run.
        planned: replicates of the sweep.
        most: replicates at most; there is the first look all the same.
        units: unit of each metric.

    Raises:
        ClaimError: the declaration does not fit the trials.
    """
    first, *others = looks(planned)
    schedule = [first, *(look for look in others if look.replicates <= most)]
    seen: Progress | None = None
    for look in schedule:
        frame = trials[trials["replicate"] < look.replicates]
        found = judge(claim, frame, units, look.alpha)
        missing, obstacle = _waiting(claim, frame)
        if missing or obstacle:
            seen = seen or Progress(found)
            if seen.look is not None and not obstacle:
                obstacle = _little_chance(seen.verdict, schedule[-1])
            if obstacle:
                return replace(seen, stopped=obstacle)
            return replace(seen, next=look, missing=missing)
        seen = Progress(found, look)
        over = _over(found)
        if over:
            return replace(seen, stopped=over)
    number = schedule[-1].replicates
    return replace(seen or Progress(found), stopped=f"no verdict with {number} replicates")


def were_added(claim: Claim, trials: pd.DataFrame, planned: int) -> bool:
    """Whether all trials of a claim are there for a look beyond what its sweep plans.

    Args:
        trials, planned: as for `progress`.
    """
    beyond = [look.replicates for look in looks(planned) if look.replicates > planned]
    return bool(beyond) and not _waiting(claim, trials[trials["replicate"] < beyond[0]])[0]


def _waiting(claim: Claim, frame: pd.DataFrame) -> tuple[tuple[str, ...], str]:
    """The claim's trials that have not run, and what else keeps it from being judged."""
    comparisons = [found for part in claim.parts for found in part.comparisons(frame)]
    ids = {trial_id for found in comparisons for trial_id in found.planned_ids}
    chosen = frame[frame["trial_id"].isin(ids)]
    missing = chosen.loc[chosen["fate"].isin(_TO_RUN), "trial_id"]
    if len(missing):
        others = chosen[~chosen["fate"].isin(("finished", *_TO_RUN))]
        fates = ", ".join(f"{n} {fate}" for fate, n in others["fate"].value_counts().items())
        return tuple(missing), f"of {len(chosen)} trials {fates}" if fates else ""
    obstacles = dict.fromkeys(found.obstacle for found in comparisons if found.obstacle)
    return (), "; ".join(map(str, obstacles))


def _over(found: Verdict) -> str:
    """Why no further look is needed, or would help; empty where it may."""
    if found.verdict != "undecided":
        return found.verdict if found.verdict != "no data" else found.detail
    open_ = [part.comparison for part in found.parts if part.verdict == "undecided"]
    reasons = dict.fromkeys(one.unresolvable for one in open_ if one.unresolvable)
    return f"not resolvable by replicates: {'; '.join(reasons)}" if reasons else ""


def _little_chance(found: Verdict, last: Look) -> str:
    """That the last look is unlikely to give a verdict, if it is so."""
    drawn = [part.comparison for part in found.parts if part.comparison.unresolvable is None]
    share = chance(drawn, last.replicates, last.alpha)
    if share >= HOPELESS:
        return ""
    return f"chance of a verdict with {last.replicates} replicates is {share:.2f}"
