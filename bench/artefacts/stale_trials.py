"""Trials that ran with another version of a plugin, of the data or of the trainer: never mixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.planning.plan import PlannedTrial
from bench.planning.trial import canonical_json
from results.store.trial_columns import flatten
from results.store.trial_source import TrialSource

_WHO = ("task", "loss", "scale", "replicate")


def stale_trials(missing: Sequence[PlannedTrial], source: TrialSource) -> dict[str, str]:
    """Planned trials that the source has with the same options under another id.

    An id hashes options and versions, so these ran with another version.

    Args:
        missing: planned trials whose ids the source lacks.

    Returns:
        id of the stored trial by planned id.
    """
    if not missing:
        return {}
    wanted = {canonical_json(_setting(planned)): planned.trial_id for planned in missing}
    options = sorted({key for planned in missing for key in _setting(planned)} - set(_WHO))
    frame = source.load(columns=["trial_id", "status", *_WHO, *options])
    names = {planned.trial.task.plugin_name for planned in missing}
    frame = frame[(frame["status"] == "finished") & frame["task"].isin(names)]
    found = {}
    for row in frame.to_dict("records"):
        setting = {
            str(k): v for k, v in row.items() if _given(v) and k not in ("trial_id", "status")
        }
        planned_id = wanted.get(canonical_json(setting))
        if planned_id is not None:
            found[planned_id] = str(row["trial_id"])
    return found


def _setting(planned: PlannedTrial) -> dict[str, Any]:
    trial = planned.trial
    options = {
        name: value
        for section, owner in (("task", trial.task), ("loss", trial.loss), ("train", trial.train))
        for name, value in flatten(section, owner.options())
        if name.split(".")[1] not in owner.places()
    }
    return {
        "task": trial.task.plugin_name,
        "loss": trial.loss.plugin_name,
        "scale": trial.scale,
        "replicate": trial.replicate,
        **{name: value for name, value in options.items() if value is not None},
    }


def _given(value: Any) -> bool:
    return value is not None and value == value
