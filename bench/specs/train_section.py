"""Training of a sweep: the task's own settings, and what the specification says otherwise."""

from __future__ import annotations

from typing import Any

from bench.plugin import Task, TrainSettings


def train_settings(task: Task | type[Task], section: dict[str, Any]) -> TrainSettings:
    """The settings of one trial.

    Args:
        section: the specification's ``train``, without domains.

    Raises:
        OptionError: an unknown or wrong setting.
    """
    return TrainSettings(**{**task.train.options(), **section})
