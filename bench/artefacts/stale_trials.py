"""Trials that ran with another version or text of a plugin, other data or another trainer."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

from bench.planning.trial import PlannedTrial, canonical_json
from bench.plugin import Loss, Task, TrainSettings, UsageError, create_loss, create_task
from results.store.trial_source import TrialSource

_WHO = ("task", "loss", "scale", "replicate")


def stale_trials(missing: Sequence[PlannedTrial], source: TrialSource) -> dict[str, str]:
    """Planned trials that the source has with the same options under another id.

    An id hashes options, versions and what the data are, so these ran with another version of
    something. Options are compared as the plugins read them, with their types and defaults.

    Args:
        missing: planned trials whose ids the source lacks.

    Returns:
        id of the stored trial, the latest one where there are several, by planned id.
    """
    if not missing:
        return {}
    wanted = {_of_planned(planned): planned.trial_id for planned in missing}
    index = source.load(columns=["trial_id", "status", *_WHO])
    about = {
        (p.trial.task.plugin_name, p.trial.loss.plugin_name, p.trial.scale, p.trial.replicate)
        for p in missing
    }
    rows = index[index["status"] == "finished"][["trial_id", *_WHO]]
    ids = {name for name, *who in rows.itertuples(index=False, name=None) if tuple(who) in about}
    found: dict[str, tuple[float, str]] = {}
    for record in source.records(ids) if ids else ():
        parsed = [
            _parsed("task", record.task, canonical_json(record.task_options)),
            _parsed("loss", record.loss, canonical_json(record.loss_options)),
            _parsed("train", "", canonical_json(record.train_options)),
        ]
        if None in parsed:
            continue
        planned_id = wanted.get(canonical_json([*parsed, record.scale, record.replicate]))
        if planned_id is not None:
            latest = (record.finished_at, record.trial_id)
            found[planned_id] = max(found.get(planned_id, latest), latest)
    return {planned_id: stored for planned_id, (_, stored) in found.items()}


def _of_planned(planned: PlannedTrial) -> str:
    trial = planned.trial
    parsed = _deviations(trial.task), _deviations(trial.loss), _deviations(trial.train)
    return canonical_json([*parsed, trial.scale, trial.replicate])


def _deviations(options: Task | Loss | TrainSettings) -> dict[str, Any]:
    return {"name": options.plugin_name, **options.deviations()}


@functools.lru_cache(maxsize=4096)
def _parsed(section: str, name: str, options: str) -> dict[str, Any] | None:
    """Stored options as today's plugin reads them; None where it does not take them."""
    values = json.loads(options)
    try:
        if section == "train":
            return _deviations(TrainSettings(**values))
        return _deviations((create_task if section == "task" else create_loss)(name, **values))
    except UsageError:
        return None
