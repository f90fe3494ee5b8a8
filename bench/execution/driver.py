"""Running a plan: drop what the store has, train the rest on Ray Tune, keep each as it ends."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.execution import environment
from bench.execution.mlflow_mirror import BackgroundMirror, Mirror, default_uri
from bench.execution.progress_line import Progress
from bench.execution.run_log import Session
from bench.execution.trial_queue import Agenda
from bench.execution.trial_record import record
from bench.planning.earlier_results import StoredResults
from bench.planning.plan import Plan, PlannedTrial
from bench.plugin import UsageError
from bench.plugin.source import sources_of
from results.store.trial_store import Store

_WORKER_DEATHS = 3
"""A trial whose worker dies is started again so many times before it counts as failed."""
_MIRROR_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        planned, done_before, run: number of trials; ``run`` are those of this run, not of another
            that was at work on the same store.
        statuses: trials of the plan by status, after the run.
        seconds: wall time of the run.
        mirror_problem: what kept MLflow from being complete, or None.
    """

    planned: int
    done_before: int
    run: int
    statuses: dict[str, int]
    seconds: float
    mirror_problem: str | None = None

    @property
    def failed(self) -> int:
        """Trials that failed."""
        return self.statuses.get("failed", 0)


def missing_trials(plan: Plan, ended: Collection[str]) -> list[PlannedTrial]:
    """Trials of the plan that have not ended."""
    return [planned for planned in plan.trials if planned.trial_id not in ended]


def run(
    plan: Plan,
    store: Store,
    *,
    address: str | None = None,
    failed: bool = False,
    plugins: Sequence[Path] = (),
    verbose: bool = False,
) -> Summary:
    """Run what is missing of ``plan``, and what a sequential search plans as results come in.

    Args:
        address: of a Ray cluster; None starts Ray on this machine unless ``RAY_ADDRESS`` is set.
        failed: run failed trials again.
        plugins: files whose losses and tasks the workers need.
        verbose: show Ray's own output.
    """
    started = time.monotonic()
    results = StoredResults(store, again=failed)
    before, plan = frozenset(results.ended), plan.after(results)
    missing = missing_trials(plan, results.ended)
    ended, problem = 0, None
    after = results.statuses
    if missing:
        plan, ended, problem = _run_missing(
            plan, missing, results, store, address, plugins, verbose
        )
        store.compact()
        after = store.statuses()
    counts: dict[str, int] = {}
    for trial_id in plan.ids:
        status = after.get(trial_id, "missing")
        counts[status] = counts.get(status, 0) + 1
    return Summary(
        planned=len(plan.trials),
        done_before=len(plan.trials) - len(missing_trials(plan, before)),
        run=ended,
        statuses=counts,
        seconds=time.monotonic() - started,
        mirror_problem=problem,
    )


def _run_missing(
    plan: Plan,
    missing: list[PlannedTrial],
    results: StoredResults,
    store: Store,
    address: str | None,
    plugins: Sequence[Path],
    verbose: bool,
) -> tuple[Plan, int, str | None]:
    """The plan at the end, how many trials ended here, what kept MLflow from being complete."""
    sweep = plan.sweep.name
    total = len(plan.trials) + plan.unplanned
    session = Session(store, sweep, plan.scale, total, len(missing) + plan.unplanned)
    mirror = BackgroundMirror(lambda: Mirror(store, default_uri(store)))
    sinks: list[Any] = [_StoreSink(store), session, mirror]

    def skip(planned: PlannedTrial) -> None:
        for sink in sinks:
            sink.add(record(planned.trial, sweep, "skipped", planned.skip_reason))

    # Two drivers meet in the middle of a round instead of racing for each trial.
    agenda = Agenda(plan, results, backwards=session.is_second(), skip=skip)
    sinks.append(agenda)
    try:
        agenda.take(missing)
        if agenda.has_next():
            _tune(agenda, sinks, session, address, plugins, verbose)
    finally:
        session.close()
        mirror.close(_MIRROR_PATIENCE_SECONDS)
    if mirror.problem is None:
        return agenda.plan, session.ended, None
    problem = f"{mirror.missed} trials not mirrored to MLflow ({mirror.problem})"
    return agenda.plan, session.ended, problem


def _tune(
    agenda: Agenda,
    sinks: list[Any],
    session: Session,
    address: str | None,
    plugins: Sequence[Path],
    verbose: bool,
) -> None:
    from bench.execution.ray_session import connect

    plan = agenda.plan
    with ExitStack() as stack:
        ray = stack.enter_context(connect(address, verbose))
        from ray import tune

        from bench.execution.ray_actor import TrialActor
        from bench.execution.ray_callback import Collector
        from bench.execution.ray_searcher import Feed

        cluster = ray.cluster_resources()
        cores, gpus = cluster.get("CPU", 0.0), cluster.get("GPU", 0.0)
        slots = _slots(plan, cores, gpus, may_grow=bool(address or os.environ.get("RAY_ADDRESS")))
        session.start(cores)
        metric = plan.tasks[0].metrics[0]
        progress = Progress(plan.sweep.name, agenda.total, slots, metric.name, metric.best)
        stack.enter_context(progress)
        agenda.changed = lambda: progress.expect(agenda.total, agenda.passed_over)
        feed = Feed(agenda)
        collector = Collector(feed, plan.sweep.name, [*sinks, progress])
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pointbench-tune-"))
        try:
            tune.run(
                tune.with_parameters(
                    TrialActor,
                    sweep=plan.sweep.name,
                    plugins=tuple((it.path, it.text) for it in sources_of(plugins)),
                    versions=environment.versions(),
                ),
                name=plan.sweep.name,
                storage_path=folder,
                search_alg=feed,
                num_samples=-1,  # the feed says when there are no more
                resources_per_trial=_bundle(tune, plan),
                callbacks=[collector],
                reuse_actors=True,
                max_failures=_WORKER_DEATHS,
                checkpoint_config=tune.CheckpointConfig(
                    checkpoint_frequency=0, checkpoint_at_end=False
                ),
                trial_dirname_creator=lambda trial: trial.trial_id,
                raise_on_failed_trial=False,
                verbose=2 if verbose else 0,
                # With Ray Client too, the store and the terminal are on this side.
                _remote=False,
            )
        except tune.TuneError:
            if collector.problem is not None:
                raise collector.problem from None
            raise


def _bundle(tune: Any, plan: Plan) -> Any:
    bundle = {"CPU": plan.resources.cpu}
    if plan.resources.gpu:
        bundle["GPU"] = plan.resources.gpu
    return tune.PlacementGroupFactory([bundle])


def _slots(plan: Plan, cores: float, gpus: float, may_grow: bool) -> int:
    """Trials that run at once; a cluster that has none yet may still start nodes that can."""
    slots = int(cores / plan.resources.cpu)
    if plan.resources.gpu:
        slots = min(slots, int(gpus / plan.resources.gpu))
    nothing_yet = cores == 0 or (plan.resources.gpu > 0 and gpus == 0)
    if slots < 1 and not (may_grow and nothing_yet):
        raise UsageError(
            f"a trial needs {plan.resources.cpu:g} CPU and {plan.resources.gpu:g} GPU, "
            f"the cluster has {cores:g} and {gpus:g}"
        )
    return max(slots, 1)


class _StoreSink:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, ended: Any) -> None:
        self._store.append(ended)


def prepare_data(plan: Plan) -> None:
    """Prepare the plan's data on this machine, once; trials then only map them into memory."""
    for task in plan.tasks:
        task.prepared()
