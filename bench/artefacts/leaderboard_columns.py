"""Columns of the leaderboard: settings of task and training that sweeps plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.planning.axes import axis
from bench.planning.plan import Plan
from bench.planning.trial import PlannedTrial, Trial, canonical_json
from bench.plugin import Metric, Task, TrainSettings
from bench.plugin.registry import tasks
from results.leaderboard.board import Column
from results.store.trial_columns import flatten

ROPE = 0.01
"""Differences of a share up to this are equivalent in practice, as in Benavoli et al. (2017)."""


@dataclass(frozen=True)
class Setting:
    """Columns before they have labels: the planned replicates and one of their trials.

    Attributes:
        metrics: it has a column for each of them.
    """

    key: str
    plan: Plan
    example: PlannedTrial
    replicates: tuple[int, ...]
    metrics: tuple[Metric, ...]

    @property
    def task(self) -> Task:
        """The task with its options."""
        return self.example.trial.task

    def column(self, metric: Metric) -> str:
        """Key of the column of a metric."""
        return canonical_json([self.key, metric.name])


def ranked(task: Task) -> list[Metric]:
    """The metrics that a leaderboard compares."""
    return task.ranked_metrics()


def ranked_and_classes(task: Task) -> list[Metric]:
    """The same, each followed by those of single classes: ``f1``, ``f1_kick``, ``f1_snare``."""
    return [
        metric
        for one in task.ranked_metrics()
        for metric in (one, *(m for m in task.metrics if m.name.startswith(f"{one.name}_")))
        if metric == one or metric.direction == one.direction
    ]


def setting_key(trial: Trial) -> str:
    """What trials of one setting have in common: task, training and scale."""
    return options_key(
        trial.task.plugin_name, trial.task.options(), trial.train.options(), trial.scale
    )


def options_key(task: str, task_options: Any, train_options: Any, scale: str) -> str:
    """The same from the fields of a stored trial of a task that is known here."""
    options = [
        (name, value)
        for section, owner, given in (
            ("task", tasks.get(task), task_options),
            ("train", TrainSettings, train_options),
        )
        for name, value in flatten(section, owner.without_places(given))
        if value is not None
    ]
    return canonical_json([task, scale, sorted(options)])


def planned_settings(
    plans: Sequence[Plan], metrics: Callable[[Task], list[Metric]] = ranked
) -> dict[str, Setting]:
    """By key, in planned order: those of fixed settings first, then those that only tuning has.

    Args:
        metrics: of a task that are compared.
    """
    trials: dict[str, list[tuple[Plan, PlannedTrial]]] = {}
    for plan in plans:
        if not plan.studies:
            for planned in plan.trials:
                trials.setdefault(setting_key(planned.trial), []).append((plan, planned))
    for plan in plans:
        for study in plan.studies:
            if any(search.ended for search in study.searches):
                key = setting_key(study.examples[0].trial)
                trials.setdefault(key, []).extend((plan, planned) for planned in study.examples)
    return {
        key: Setting(
            key,
            *found[0],
            tuple(sorted({planned.trial.replicate for _, planned in found})),
            tuple(dict.fromkeys(metrics(found[0][1].trial.task))),
        )
        for key, found in trials.items()
    }


def label_columns(plans: Sequence[Plan], settings: dict[str, Setting]) -> list[Column]:
    """Columns labelled with the task and the options in which they differ."""
    varying: dict[str, dict[str, set[str]]] = {}
    for setting in settings.values():
        options = varying.setdefault(setting.task.plugin_name, {})
        for name, value in _options(setting).items():
            options.setdefault(name, set()).add(canonical_json(value))
    columns = []
    for setting in settings.values():
        task = setting.task
        differing = [
            _option_text(setting, name)
            for name, values in varying[task.plugin_name].items()
            if len(values) > 1 and name in _options(setting)
        ]
        several = len(varying) > 1 or not differing
        label = ", ".join([task.plugin_name, *differing] if several else differing)
        columns += [
            Column(
                key=setting.column(metric),
                task=task.plugin_name,
                label=label,
                metric="F1" if metric.name == "f1" else metric.name,
                direction=metric.best,
                data=task.data_name,
                scale=setting.example.trial.scale,
                replicates=setting.replicates,
                unit=metric.unit,
                digits=metric.digits,
                resampled=task.resampled,
                rope=ROPE if _is_share(metric) else 0.0,
            )
            for metric in setting.metrics
        ]
    return columns


def _is_share(metric: Metric) -> bool:
    return not metric.unit and (metric.low, metric.high) == (0.0, 1.0)


def _options(setting: Setting) -> dict[str, Any]:
    """Options of task and training by name, those of schedules one by one; no places."""
    trial = setting.example.trial
    found: dict[str, Any] = {}
    for section, options in (("task", trial.task), ("train", trial.train)):
        found |= dict(flatten(section, options.without_places(options.options())))
    return found


def _option_text(setting: Setting, name: str) -> str:
    return axis(setting.plan, name).text(setting.example)
