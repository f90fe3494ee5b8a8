"""Columns of the leaderboard: settings of task and training that sweeps plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.planning.axes import axis
from bench.planning.plan import Plan
from bench.planning.trial import PlannedTrial, Trial, canonical_json
from bench.plugin import Metric, Task, TrainSettings
from bench.plugin.registry import tasks
from results.leaderboard.board import Column
from results.store.trial_columns import flatten


@dataclass(frozen=True)
class Setting:
    """Columns before they have labels: the planned replicates and one of their trials.

    A setting has a column for each metric that its task ranks.
    """

    key: str
    plan: Plan
    example: PlannedTrial
    replicates: tuple[int, ...]

    @property
    def task(self) -> Task:
        """The task with its options."""
        return self.example.trial.task

    @property
    def metrics(self) -> list[Metric]:
        """What is ranked."""
        return self.task.ranked_metrics()

    def column(self, metric: Metric) -> str:
        """Key of the column of a ranked metric."""
        return canonical_json([self.key, metric.name])


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


def planned_settings(plans: Sequence[Plan]) -> dict[str, Setting]:
    """By key, in planned order: those of fixed settings first, then those that only tuning has."""
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
            )
            for metric in setting.metrics
        ]
    return columns


def _options(setting: Setting) -> dict[str, Any]:
    """Options of task and training by name, those of schedules one by one; no places."""
    trial = setting.example.trial
    found: dict[str, Any] = {}
    for section, options in (("task", trial.task), ("train", trial.train)):
        found |= dict(flatten(section, options.without_places(options.options())))
    return found


def _option_text(setting: Setting, name: str) -> str:
    return axis(setting.plan, name).text(setting.example)
