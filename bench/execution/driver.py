"""Running a plan: drop what the store has, train the rest on Ray Tune, keep each as it ends."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.execution.checkpoints import Checkpoints
from bench.execution.mlflow_mirror import BackgroundMirror, Mirror, default_uri
from bench.execution.recorder import Recorder
from bench.execution.run_log import Session
from bench.execution.run_settings import RunSettings
from bench.execution.trial_queue import TrialQueue, missing_trials
from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, PlannedTrial
from bench.planning.plan_size import trials_text
from results.store.trial_store import Store

_MIRROR_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        plan: as far as its results allow.
        run: number of trials that ended in this run, not in another one on the same store.
        statuses: trials of the plan by status, after the run.
        seconds: wall time of the run.
        mirror_problem: what kept MLflow from being complete, or None.
    """

    plan: Plan
    run: int
    statuses: dict[str, int]
    seconds: float
    mirror_problem: str | None = None

    @property
    def failed(self) -> int:
        """Trials that failed."""
        return self.statuses.get("failed", 0)


@dataclass(frozen=True)
class Job:
    """A plan to run, with what is known of its trials.

    Attributes:
        plan: as far as the results allow.
        store: where its trials are kept.
        results: of the store, kept up to date while it runs.
    """

    plan: Plan
    store: Store
    results: StoredResults
    settings: RunSettings

    @property
    def missing(self) -> list[PlannedTrial]:
        """Trials to run or to record as skipped."""
        return missing_trials(self.plan, self.results.ended)

    def run(self) -> Summary:
        """Run what is missing, and what a sequential search plans as results come in."""
        started = time.monotonic()
        if not self.missing:
            return _summary(self.plan, self.results.statuses, 0, started)
        plan, ended, problem = self._run_missing()
        self.store.compact()
        return _summary(plan, self.store.statuses(), ended, started, problem)

    def _checkpoints(self) -> Checkpoints:
        """Where workers keep unfinished trainings."""
        url = self.settings.checkpoints or self.store.url
        found = Checkpoints(url, self.settings.checkpoint_every)
        found.offer()
        return found

    def _run_missing(self) -> tuple[Plan, int, str | None]:
        """The plan at the end, how many trials ended here, what kept MLflow from being complete."""
        from bench.execution.ray_sweep import tune_queue

        plan, store = self.plan, self.store
        session = Session(
            store,
            plan.sweep.name,
            plan.scale,
            planned=len(plan.trials) + plan.unplanned,
            missing=len(self.missing) + plan.unplanned,
        )
        mirror = BackgroundMirror(lambda: Mirror(store, default_uri(store)))
        checkpoints = self._checkpoints()
        recorder = Recorder(store, [session, mirror, self.results, checkpoints])

        def skip(planned: PlannedTrial) -> None:
            recorder.add(record(planned.trial, plan.sweep.name, "skipped", planned.skip_reason))

        try:
            # Two drivers meet in the middle of a round instead of racing for each trial.
            queue = TrialQueue(plan, self.results, skip, backwards=session.is_second())
            if queue.has_next():
                tune_queue(queue, recorder, session, self.settings, checkpoints)
        finally:
            checkpoints.clear(self.results.ended)
            session.close()
            mirror.close(_MIRROR_PATIENCE_SECONDS)
        problem = mirror.problem
        if problem is not None:
            problem = f"{trials_text(mirror.missed)} not mirrored to MLflow ({problem})"
        return queue.plan, session.ended, problem


def _summary(
    plan: Plan,
    statuses: Mapping[str, str],
    ended: int,
    started: float,
    problem: str | None = None,
) -> Summary:
    counts: dict[str, int] = {}
    for trial_id in plan.ids:
        status = statuses.get(trial_id, "missing")
        counts[status] = counts.get(status, 0) + 1
    return Summary(plan, ended, counts, time.monotonic() - started, problem)


def prepare_data(trials: Iterable[PlannedTrial]) -> None:
    """Prepare the trials' data on this machine, once; trials then only map them into memory."""
    done: set[tuple[str, int]] = set()
    for trial in (planned.trial for planned in trials if planned.skip_reason is None):
        data = trial.task.data_version, trial.task.world(trial.replicate)
        if data not in done:
            done.add(data)
            trial.task.prepared(data[1])
