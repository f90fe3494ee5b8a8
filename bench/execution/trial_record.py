"""From a trial's configuration to the record that the store keeps, whatever happens on the way."""

from __future__ import annotations

import time
import traceback
from typing import Any

from bench.execution import environment
from bench.planning.trial import Trial
from results.store.record import TrialRecord


def execute(trial: Trial, sweep: str) -> TrialRecord:
    """Train and evaluate; a crash or divergence becomes a record with its reason."""
    from bench.execution import trainer as training

    started = time.perf_counter()
    try:
        outcome = training.run(trial)
    except training.Diverged as divergence:
        return record(trial, sweep, "diverged", str(divergence), started=started)
    except Exception:
        return record(trial, sweep, "failed", traceback.format_exc(), started=started)
    return record(trial, sweep, "finished", None, outcome=outcome)


def record(
    trial: Trial,
    sweep: str,
    status: str,
    reason: str | None,
    *,
    outcome: Any = None,
    started: float | None = None,
) -> TrialRecord:
    """The store's row for a trial that ended as ``status``."""
    seconds = {"total": 0.0 if started is None else time.perf_counter() - started}
    return TrialRecord(
        trial_id=trial.trial_id,
        sweep=sweep,
        scale=trial.scale,
        task=trial.task.plugin_name,
        loss=trial.loss.plugin_name,
        replicate=trial.replicate,
        status=status,
        reason=reason,
        task_options=trial.task.options(),
        loss_options=trial.loss.options(),
        train_options=trial.train.options(),
        metrics=outcome.metrics if outcome else {},
        details=outcome.details if outcome else {},
        curve=outcome.curve if outcome else [],
        seconds=outcome.seconds if outcome else seconds,
        finished_at=time.time(),
        host=environment.host(),
        device=outcome.device if outcome else "",
        hardware=environment.hardware(),
        versions={
            **environment.versions(),
            "task": trial.task.version,
            "loss": trial.loss.version,
        },
        git_revision=environment.git_revision(),
        data_name=trial.task.data_name,
        data_version=trial.task.data_version,
    )
