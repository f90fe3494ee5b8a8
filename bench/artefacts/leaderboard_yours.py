"""A user's own losses on the leaderboard: trials at its settings that its sweeps do not plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.artefacts.leaderboard_columns import Setting, options_key
from bench.planning.trial import Trial
from bench.plugin import UsageError, create_loss
from bench.plugin.registry import losses
from bench.specs.sweep import shipped
from results.store.record import TrialRecord
from results.store.trial_source import TrialSource
from results.tables.convergence import SPARSE


@dataclass(frozen=True)
class Yours:
    """What the source has beside the plans.

    Attributes:
        outcomes: a row per trial, as of planned ones (`bench.artefacts.outcomes.join`).
        trials: key of the setting, and the trial.
        foreign: losses that are not loaded here, so that their version is unchecked.
    """

    outcomes: pd.DataFrame
    trials: list[tuple[str, TrialRecord]]
    foreign: list[str]


def your_trials(
    settings: Mapping[str, Setting], known: Collection[str], source: TrialSource
) -> Yours:
    """Trials at the board's settings that nothing plans.

    More replicates of a planned loss are among them.

    Args:
        known: ids of the planned trials.
    """
    rows: list[dict[str, Any]] = []
    trials = []
    foreign: dict[str, None] = {}
    for record, place in _others(settings, known, source):
        current = _current_id(record, settings[place])
        if current is None:
            foreign[record.loss] = None
        elif current in known:
            continue  # an older run of a planned trial, counted there
        trials.append((place, record))
        rows.append(_outcome(record, is_stale=current not in (None, record.trial_id)))
    outcomes = pd.DataFrame(rows)
    if rows:
        borrowed = source.borrowed(list(outcomes["trial_id"]))
        outcomes["borrowed"] = outcomes["trial_id"].isin(borrowed)
    return Yours(outcomes, trials, list(foreign))


def _others(
    settings: Mapping[str, Setting], known: Collection[str], source: TrialSource
) -> Iterator[tuple[TrialRecord, str]]:
    """Trials with the key of their setting.

    Those of other shipped sweeps are left out: a search leaves many settings with a trial each.
    """
    tasks = {setting.task.plugin_name for setting in settings.values()}
    scales = {setting.example.trial.scale for setting in settings.values()}
    elsewhere = set(shipped()) - {setting.plan.sweep.name for setting in settings.values()}
    frame = source.load(columns=["trial_id", "task", "scale", "sweep"])
    frame = frame[
        frame["task"].isin(tasks)
        & frame["scale"].isin(scales)
        & ~frame["sweep"].isin(elsewhere)
        & ~frame["trial_id"].isin(known)
    ]
    for record in source.records(set(frame["trial_id"])):
        key = options_key(record.task, record.task_options, record.train_options, record.scale)
        if key in settings:
            yield record, key


def _current_id(record: TrialRecord, setting: Setting) -> str | None:
    """Id that the trial would have today; None if its loss is not loaded."""
    example = setting.example.trial
    try:
        loss = create_loss(record.loss, **record.loss_options)
    except UsageError:
        return None
    return Trial(
        example.task, loss, example.train, example.scale, record.replicate, example.head
    ).trial_id


def _outcome(record: TrialRecord, is_stale: bool) -> dict[str, Any]:
    return {
        "trial_id": record.trial_id,
        "replicate": record.replicate,
        "fate": "stale" if is_stale else record.status,
        "reason": record.reason,
        "stored": True,
        "hardware": record.hardware,
        SPARSE: record.loss in losses.names() and getattr(losses.get(record.loss), SPARSE, False),
        "versions.pointbench": record.versions.get("pointbench"),
        **{f"metric.{name}": value for name, value in record.metrics.items()},
        **{f"seconds.{name}": value for name, value in record.seconds.items()},
    }
