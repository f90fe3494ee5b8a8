"""One Ray Tune session: it takes trials from a queue until there are no more."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from bench.execution import environment, ray_session
from bench.execution.progress_line import Progress
from bench.execution.worker_stop import stop_workers
from bench.plugin import Metric, UsageError
from bench.plugin.source import sources_of
from bench.specs.resources import Resources

if TYPE_CHECKING:
    from bench.execution.checkpoints import Checkpoints
    from bench.execution.recorder import Recorder
    from bench.execution.run_log import Session
    from bench.execution.run_settings import RunSettings
    from bench.execution.trial_queue import TrialQueue
    from bench.planning.plan import Plan

_WORKER_DEATHS = 3
"""A trial whose worker dies is started again so many times before it counts as failed."""


def tune_queue(
    queue: TrialQueue,
    recorder: Recorder,
    session: Session,
    settings: RunSettings,
    checkpoints: Checkpoints,
) -> None:
    """Run the queue's trials on Ray.

    Raises:
        UsageError: no trial fits on the cluster, or there is no cluster at the address.
        StoreError: the store could not take a record.
    """
    plan = queue.plan
    with ExitStack() as stack:
        ray = stack.enter_context(ray_session.connect(settings.address, settings.verbose))
        from ray import tune

        from bench.execution.ray_actor import TrialActor
        from bench.execution.ray_callback import RecordCallback
        from bench.execution.ray_searcher import QueueSearcher

        cluster = ray.cluster_resources()
        may_grow = bool(settings.address or os.environ.get("RAY_ADDRESS"))
        slots = _slots(plan.resources, cluster, may_grow)
        session.start(cluster.get("CPU", 0.0))
        progress = Progress(plan.sweep.name, queue, slots, _shown_metric(plan))
        stack.enter_context(progress)
        searcher = QueueSearcher(queue)
        callback = RecordCallback(searcher, plan.sweep.name, recorder.also(progress))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pointbench-tune-"))
        try:
            tune.run(
                tune.with_parameters(
                    TrialActor,
                    sweep=plan.sweep.name,
                    plugins=tuple((it.path, it.text) for it in sources_of(settings.plugins)),
                    versions=environment.versions(),
                    checkpoints=checkpoints,
                ),
                name=plan.sweep.name,
                storage_path=folder,
                search_alg=searcher,
                num_samples=-1,  # the searcher says when there are no more
                resources_per_trial=_bundle(tune, plan.resources),
                callbacks=[callback],
                reuse_actors=True,
                max_failures=_WORKER_DEATHS,
                checkpoint_config=tune.CheckpointConfig(
                    checkpoint_frequency=0, checkpoint_at_end=False
                ),
                trial_dirname_creator=lambda trial: trial.trial_id,
                raise_on_failed_trial=False,
                verbose=2 if settings.verbose else 0,
                # With Ray Client too, the store and the terminal are on this side.
                _remote=False,
            )
        except KeyboardInterrupt:
            stop_workers()
            raise
        except tune.TuneError:
            if callback.problem is not None:
                raise callback.problem from None
            raise


def _shown_metric(plan: Plan) -> Metric | None:
    """The first metric that is ranked, if all tasks of the plan share it."""
    first = {task.ranked_metrics()[0] for task in plan.tasks}
    return first.pop() if len(first) == 1 else None


def _bundle(tune: Any, resources: Resources) -> Any:
    bundle = {"CPU": resources.cpu}
    if resources.gpu:
        bundle["GPU"] = resources.gpu
    return tune.PlacementGroupFactory([bundle])


def _slots(resources: Resources, cluster: dict[str, float], may_grow: bool) -> int:
    """Trials that run at once; a cluster that has none yet may still start nodes that can."""
    cores, gpus = cluster.get("CPU", 0.0), cluster.get("GPU", 0.0)
    slots = int(cores / resources.cpu)
    if resources.gpu:
        slots = min(slots, int(gpus / resources.gpu))
    nothing_yet = cores == 0 or (resources.gpu > 0 and gpus == 0)
    if slots < 1 and not (may_grow and nothing_yet):
        raise UsageError(
            f"a trial needs {resources.cpu:g} CPU and {resources.gpu:g} GPU, "
            f"the cluster has {cores:g} and {gpus:g}"
        )
    return max(slots, 1)
