"""Trials of losses with fixed settings: those that sweeps plan, and a user's own beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.artefacts.leaderboard_columns import Setting, column_key, options_key
from bench.artefacts.stale_trials import stale_trials
from bench.planning.plan import Plan
from bench.planning.trial import PlannedTrial, Trial, canonical_json
from bench.plugin import UsageError, create_loss
from bench.specs.sweep import shipped
from results.leaderboard.board import Runs, Selection
from results.store.record import TrialRecord
from results.store.trial_source import TrialSource
from results.tables.table import RUN


@dataclass
class MethodRuns:
    """A loss with its runs by column key."""

    loss: str
    options: dict[str, Any]
    selection: Selection
    runs: dict[str, Runs] = field(default_factory=dict)

    def trial_ids(self) -> Iterator[str]:
        """Finished trials behind the numbers."""
        for cell in self.runs.values():
            yield from cell.trial_ids.values()


@dataclass(frozen=True)
class Ended:
    """How a trial of a cell ended: a status of the store, ``undefined``, ``stale``, ``missing``."""

    replicate: int
    trial_id: str
    status: str
    value: float
    reason: str | None = None


def fixed_runs(
    plans: Sequence[Plan],
    settings: Mapping[str, Setting],
    ended: Mapping[str, Ended],
    source: TrialSource,
) -> tuple[list[MethodRuns], list[str]]:
    """Methods with fixed settings, planned ones first; names of losses that are not loaded here.

    Args:
        ended: how the planned trials ended, by id.
    """
    planned = [p for plan in plans if not plan.studies for p in plan.trials]
    cells: dict[tuple[str, str], list[Ended]] = {}
    methods: dict[str, MethodRuns] = {}
    for one in planned:
        loss = one.trial.loss
        key = canonical_json([loss.plugin_name, loss.options()])
        methods.setdefault(key, MethodRuns(loss.plugin_name, loss.options(), "as published"))
        cells.setdefault((key, column_key(one.trial)), []).append(ended[one.trial_id])
    known = {p.trial_id for plan in plans for p in plan.trials}
    foreign: dict[str, None] = {}
    for record, column in _others(settings, known, source):
        current = _current_id(record, settings[column])
        if current is None:
            foreign[record.loss] = None
        elif current in known:
            continue  # an older run of a planned trial, counted there
        key = canonical_json([record.loss, record.loss_options])
        methods.setdefault(key, MethodRuns(record.loss, record.loss_options, "yours"))
        is_stale = current not in (None, record.trial_id)
        cells.setdefault((key, column), []).append(_end(record, settings[column], is_stale))
    for (key, column), found in cells.items():
        methods[key].runs[column] = cell(found, settings[column].replicates)
    return list(methods.values()), list(foreign)


def ends(planned: Sequence[PlannedTrial], source: TrialSource) -> dict[str, Ended]:
    """How each planned trial ended, by id."""
    metrics = sorted({f"metric.{p.trial.task.metrics[0].name}" for p in planned})
    ids = [p.trial_id for p in planned]
    frame = source.load(ids=ids, columns=["trial_id", "status", "reason", *metrics])
    rows = {str(row["trial_id"]): row for row in frame.to_dict("records")}
    stale = stale_trials([p for p in planned if p.trial_id not in rows], source)
    found: dict[str, Ended] = {}
    for one in planned:
        replicate, row = one.trial.replicate, rows.get(one.trial_id)
        if row is not None:
            value = float(row[f"metric.{one.trial.task.metrics[0].name}"])
            status = _status(str(row["status"]), value)
            ended = Ended(replicate, one.trial_id, status, value, row["reason"])
        elif one.skip_reason is not None:
            ended = Ended(replicate, one.trial_id, "skipped", np.nan, one.skip_reason)
        else:
            status = "stale" if one.trial_id in stale else "missing"
            ended = Ended(replicate, one.trial_id, status, np.nan)
        found[one.trial_id] = ended
    return found


def cell(found: Iterable[Ended], replicates: Sequence[int]) -> Runs:
    """One cell; replicates that the column has and nothing is known of count as missing."""
    ended: dict[int, Ended] = {}
    for one in sorted(found, key=lambda e: (e.replicate, e.status != "stale")):
        ended[one.replicate] = one  # a current trial counts where a stale one is there too
    finished = {r: one for r, one in ended.items() if one.status == "finished"}
    counts = Counter(one.status for one in ended.values())
    counts["missing"] += sum(replicate not in ended for replicate in replicates)
    skipped = [one.reason for one in ended.values() if one.status == "skipped"]
    return Runs(
        values={r: one.value for r, one in finished.items()},
        trial_ids={r: one.trial_id for r, one in finished.items()},
        counts={name: number for name, number in counts.items() if number},
        unaveraged={
            name: tuple(one.trial_id for one in ended.values() if one.status == name)
            for name in RUN
            if counts[name]
        },
        reason=skipped[0] if skipped else None,
    )


def _others(
    settings: Mapping[str, Setting], known: set[str], source: TrialSource
) -> Iterator[tuple[TrialRecord, str]]:
    """Trials at the columns' settings that no sweep of the board plans, with the column's key.

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


def _end(record: TrialRecord, setting: Setting, is_stale: bool) -> Ended:
    value = record.metrics.get(setting.task.metrics[0].name)
    number = float("nan") if value is None else float(value)
    status = "stale" if is_stale else _status(record.status, number)
    return Ended(record.replicate, record.trial_id, status, number, record.reason)


def _status(status: str, value: float) -> str:
    return "undefined" if status == "finished" and not np.isfinite(value) else status
