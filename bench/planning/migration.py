"""Trials that were stored under the ids of before, under the ids of today.

An id was a hash of all options; now options at their default are left out, so that a new option
changes no id. Results are those that were kept: nothing is trained again. Left alone are trials
whose configuration would give another result today: those of plugins or options that are not known
here, or of another version of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from bench.planning.trial import Trial, head_of
from bench.plugin import TrainSettings, UsageError, create_loss, create_task
from results.store import TrialRecord


def migrated(records: Iterable[TrialRecord]) -> Iterator[TrialRecord]:
    """The records that are valid today, with today's id and options."""
    for record in records:
        trial = _trial(record)
        if trial is not None:
            yield dataclasses.replace(
                record,
                trial_id=trial.trial_id,
                task_options=trial.task.options(),
                loss_options=trial.loss.options(),
                train_options=trial.train.options(),
            )


def _trial(record: TrialRecord) -> Trial | None:
    try:
        task = create_task(record.task, **record.task_options)
        loss = create_loss(record.loss, **record.loss_options)
        train = TrainSettings(**record.train_options)
    except UsageError:
        return None
    versions = record.versions.get("task"), record.versions.get("loss"), record.data_version
    if versions != (task.version, loss.version, task.data_version):
        return None
    return Trial(task, loss, train, record.scale, record.replicate, head_of(task, loss))
