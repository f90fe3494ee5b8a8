"""The verdicts of a store on the papers' claims."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pandas as pd

from bench.planning.plan import Plan, plan
from bench.plugin import UsageError
from bench.plugin.registry import tasks
from bench.specs.sweep import load, shipped
from results.claims.claim_model import Claim
from results.claims.claim_selection import ClaimError
from results.claims.verdict import Verdict, judge, no_data
from results.store.trial_columns import flatten

if TYPE_CHECKING:
    from results.store.trial_source import TrialSource


@dataclasses.dataclass
class Judge:
    """Gives verdicts from one store; plans and reads each sweep once.

    Attributes:
        replicates: of sweeps that have replicates, instead of their own number.
    """

    store: TrialSource
    scale: str = "laptop"
    replicates: int | None = None

    def __post_init__(self) -> None:
        self._frames: dict[str, tuple[pd.DataFrame, dict[str, str]]] = {}

    def verdict(self, claim: Claim) -> Verdict:
        """The verdict on one claim."""
        if claim.sweep is None:
            return judge(claim, pd.DataFrame())
        if claim.task not in tasks.names():
            return no_data(claim, f"task '{claim.task}' is not part of this pointbench")
        if claim.sweep not in shipped():
            return no_data(claim, f"sweep '{claim.sweep}' is not part of this pointbench")
        if claim.sweep not in self._frames:
            planned = self._plan(claim.sweep)
            self._frames[claim.sweep] = trials_frame(planned, self.store), _units(planned)
        frame, units = self._frames[claim.sweep]
        try:
            found = judge(claim, frame, units)
        except ClaimError as error:
            raise UsageError(f"claim {claim.id} and sweep '{claim.sweep}': {error}") from error
        if found.verdict == "no data":
            return no_data(claim, f"{claim.sweep} at scale {self.scale}: {found.detail}")
        borrowed = len(self.store.borrowed(found.trial_ids))
        if borrowed:
            note = f"{borrowed} of {len(found.trial_ids)} trials are reference results"
            found = dataclasses.replace(found, detail=f"{found.detail}; {note}")
        return found

    def _plan(self, sweep: str) -> Plan:
        repeated = load(sweep, self.scale).sweep.replicates is not None
        return plan(sweep, self.scale, replicates=self.replicates if repeated else None)


def trials_frame(plan: Plan, store: TrialSource) -> pd.DataFrame:
    """The planned trials as claims see them (`results.claims.claim_selection`)."""
    rows = [
        {
            "trial_id": planned.trial_id,
            "replicate": planned.trial.replicate,
            "task": planned.trial.task.plugin_name,
            "loss": planned.trial.loss.plugin_name,
            **dict(flatten("task", planned.trial.task.options())),
            **dict(flatten("loss", planned.trial.loss.options())),
        }
        for planned in plan.trials
    ]
    metrics = [f"metric.{name}" for name in _units(plan)]
    stored = store.load(ids=plan.ids, columns=["trial_id", "status", "reason", *metrics])
    frame = pd.DataFrame(rows).merge(stored, on="trial_id", how="left")
    skips = {planned.trial_id: planned.skip_reason for planned in plan.trials}
    frame["status"] = frame["status"].astype(object).where(frame["status"].notna(), "missing")
    planned_skips = frame["trial_id"].map(skips)
    unrun = (frame["status"] == "missing") & planned_skips.notna()
    frame.loc[unrun, "status"] = "skipped"
    frame["reason"] = frame["reason"].astype(object).where(~unrun, planned_skips)
    return frame


def _units(plan: Plan) -> dict[str, str]:
    return {metric.name: metric.unit for task in plan.tasks for metric in task.metrics}
