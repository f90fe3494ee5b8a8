"""What outcomes say of the papers' claims."""

from __future__ import annotations

import dataclasses

import pandas as pd

from bench.artefacts.outcomes import SweepOutcomes
from bench.planning.next_command import alarm
from bench.planning.plan import Plan
from bench.plugin import UsageError
from bench.plugin.registry import tasks
from bench.specs.sweep import shipped
from results.claims.claim_model import Claim
from results.claims.claim_selection import ClaimError
from results.claims.verdict import Verdict, judge, no_data
from results.tables.fates import counted, overall


def verdict(claim: Claim, sweeps: SweepOutcomes) -> Verdict:
    """What the outcomes of its sweep say of one claim.

    Raises:
        UsageError: the claim looks at options or metrics that its sweep does not have.
    """
    if claim.sweep is None:
        return judge(claim, pd.DataFrame())
    if claim.task not in tasks.names():
        return no_data(claim, f"task '{claim.task}' is not part of this pointbench")
    if claim.sweep not in shipped():
        return no_data(claim, f"sweep '{claim.sweep}' is not part of this pointbench")
    plan, outcomes = sweeps.of(claim.sweep)
    try:
        found = judge(claim, outcomes, _units(plan))
    except ClaimError as error:
        raise UsageError(f"claim {claim.id} and sweep '{claim.sweep}': {error}") from error
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


def _units(plan: Plan) -> dict[str, str]:
    return {metric.name: metric.unit for task in plan.tasks for metric in task.metrics}
