"""What outcomes say of the papers' claims."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bench.artefacts.outcomes import SweepOutcomes
from bench.planning.next_command import alarm
from bench.planning.plan import Plan
from bench.plugin import UsageError
from bench.plugin.registry import tasks
from bench.specs.declarations import is_file_name
from bench.specs.search_checks import SEQUENTIAL
from bench.specs.sweep import shipped
from results.claims.claim_model import Claim
from results.claims.claim_selection import ClaimError
from results.claims.sequential_looks import MOST, Progress, progress, were_added
from results.claims.verdict import Verdict, judge, no_data
from results.tables.fates import counted, overall


def verdict(claim: Claim, sweeps: SweepOutcomes) -> Verdict:
    """What the outcomes of its sweep say of one claim.

    Raises:
        UsageError: the claim looks at options or metrics that its sweep does not have.
    """
    reason = undecidable(claim)
    if reason is not None or claim.sweep is None:
        return no_data(claim, reason or "")
    plan, outcomes = sweeps.of(claim.sweep)
    with _named(claim):
        found = judge(claim, outcomes, _units(plan))
    found, outcomes = _with_added_replicates(claim, sweeps, found, outcomes)
    missed = alarm(plan, counted(overall(outcomes)))
    if missed and (not found.parts or any(part.comparison.obstacle for part in found.parts)):
        found = dataclasses.replace(found, detail=f"{found.detail}; {missed}")
    if found.verdict == "no data":
        return no_data(claim, f"{claim.sweep} at scale {sweeps.scale}: {found.detail}")
    behind = outcomes[outcomes["trial_id"].isin(found.trial_ids)]
    borrowed = int(behind["borrowed"].sum())
    if borrowed:
        note = f"{borrowed} of {len(found.trial_ids)} trials are reference results"
        found = dataclasses.replace(found, detail=f"{found.detail}; {note}")
    return found


def undecidable(claim: Claim) -> str | None:
    """Why no trial decides a claim here, or None."""
    if claim.proof is not None:
        return f"a theorem, which no trial decides; checked by {claim.proof}"
    if claim.task not in tasks.names():
        return f"task '{claim.task}' is not part of this pointbench"
    sweep = str(claim.sweep)
    if sweep not in shipped() and not (is_file_name(sweep) and Path(sweep).is_file()):
        return f"sweep '{sweep}' is not part of this pointbench"
    return None


def progress_of(
    claim: Claim, sweeps: SweepOutcomes, most: int = MOST, again: bool = False
) -> tuple[Plan, Progress]:
    """How far a claim is whose replicates are added until there is a verdict, and of what plan.

    Args:
        sweeps: of the sweeps' own numbers of replicates.
        most: replicates at most.
        again: failed trials count as not run.

    Raises:
        UsageError: as for `verdict`.
    """
    own = sweeps.plan(str(claim.sweep))
    planned = own.sweep.replicates or 1
    plan, outcomes = sweeps.of_replicates(str(claim.sweep), max(planned, MOST))
    if again:
        outcomes = outcomes.assign(fate=outcomes["fate"].replace("failed", "missing"))
    with _named(claim):
        return plan, progress(claim, outcomes, planned, most, _units(plan))


def no_replicates(plan: Plan) -> str | None:
    """Why a sweep has no replicates to add to, or None."""
    if plan.sweep.search in SEQUENTIAL:
        return f"sweep '{plan.sweep.name}' is a search; more of its trials, not replicates, tell"
    if plan.sweep.replicates is None:
        return f"sweep '{plan.sweep.name}' draws its trials at random; more of them (--trials) tell"
    return None


def _with_added_replicates(
    claim: Claim, sweeps: SweepOutcomes, found: Verdict, outcomes: pd.DataFrame
) -> tuple[Verdict, pd.DataFrame]:
    """The verdict by looks, and the outcomes that it rests on, where replicates were added."""
    own, name = sweeps.plan(str(claim.sweep)), str(claim.sweep)
    planned = own.sweep.replicates
    if sweeps.chosen_replicates is not None or planned is None or no_replicates(own) is not None:
        return found, outcomes
    if not sweeps.ran_beyond(name):
        return found, outcomes
    _, more = sweeps.of_replicates(name, max(planned, MOST))
    if not were_added(claim, more, planned):
        return found, outcomes
    seen = progress_of(claim, sweeps)[1]
    if seen.look is None:
        return found, outcomes
    number = seen.look.replicates
    note = f"replicates were added: the level is spent over looks up to {number} of them"
    return dataclasses.replace(seen.verdict, detail=f"{seen.verdict.detail}; {note}"), more


@contextlib.contextmanager
def _named(claim: Claim) -> Iterator[None]:
    """Name claim and sweep in an error of a declaration that does not fit."""
    try:
        yield
    except ClaimError as error:
        raise UsageError(f"claim {claim.id} and sweep '{claim.sweep}': {error}") from error


def _units(plan: Plan) -> dict[str, str]:
    return {metric.name: metric.unit for task in plan.tasks for metric in task.metrics}
