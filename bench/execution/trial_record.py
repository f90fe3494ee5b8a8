"""From a trial's configuration to the record that the store keeps, whatever happens on the way."""

from __future__ import annotations

import re
import time
import traceback
from typing import Any

from bench.execution import environment
from bench.execution.checkpoints import Checkpoints
from bench.planning.trial import Trial
from bench.plugin.source import source_digest
from results.store.record import TrialRecord

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


def execute(trial: Trial, sweep: str, checkpoints: Checkpoints | None = None) -> TrialRecord:
    """Train and evaluate; whatever ends the trial becomes a record with its reason.

    That includes ``sys.exit`` and an interrupt raised by a plugin, and results that JSON cannot
    hold.

    Args:
        checkpoints: where the training is kept while it lasts, and continued from.

    Raises:
        Stopped: somebody asked for a checkpoint; the trial has not ended.
    """
    from bench.execution import trainer

    started = time.perf_counter()
    try:
        outcome = trainer.run(trial, checkpoints)
        finished = record(trial, sweep, "finished", None, outcome=outcome)
        finished.to_json()
    except trainer.Diverged as divergence:
        return record(trial, sweep, "diverged", str(divergence), started=started)
    except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit):
        return record(trial, sweep, "failed", traceback.format_exc(), started=started)
    return finished


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
        reason=None if reason is None else _ANSI.sub("", reason),
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
            **_sources(trial),
        },
        git_revision=environment.git_revision(),
        data_name=trial.task.data_name,
        data_version=trial.task.data_version,
    )


def _sources(trial: Trial) -> dict[str, str]:
    """Hashes of the texts of plugins that do not come with pointbench."""
    found = {"task_source": source_digest(type(trial.task))}
    found["loss_source"] = source_digest(type(trial.loss))
    return {name: digest for name, digest in found.items() if digest is not None}
