"""What a task's evaluation returned, as plain numbers, or an error that names what is wrong."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from bench.plugin import Evaluation, Task
from bench.plugin.plain_number import plain_number


class PluginError(Exception):
    """A plugin returned what its contract does not allow."""


def checked(task: Task, evaluation: Any) -> Evaluation:
    """The evaluation with metrics, seconds and samples as plain numbers.

    Raises:
        PluginError: a metric that is missing or unknown, is no single number, or is not finite
            although it is not optional.
    """
    name = task.plugin_name
    if not isinstance(evaluation, Evaluation):
        raise PluginError(
            f"task '{name}': evaluate returned {type(evaluation).__name__}, not an Evaluation"
        )
    declared = {metric.name for metric in task.metrics} - {"steps"}
    missing, unknown = declared - set(evaluation.metrics), set(evaluation.metrics) - declared
    if missing:
        raise PluginError(f"task '{name}': evaluate lacks the metric '{min(missing)}'")
    if unknown:
        raise PluginError(f"task '{name}' does not declare the metric '{min(unknown)}'")
    return dataclasses.replace(
        evaluation,
        metrics={key: _number(name, f"metric '{key}'", v) for key, v in evaluation.metrics.items()},
        seconds={key: _number(name, f"time '{key}'", v) for key, v in evaluation.seconds.items()},
        samples={
            key: [_number(name, f"sample count '{key}'", v) for v in values]
            for key, values in evaluation.samples.items()
        },
    )


def undefined(task: Task, evaluation: Evaluation) -> str | None:
    """The first metric that is not a finite number although it must be; None if there is none."""
    for metric in task.metrics:
        value = evaluation.metrics.get(metric.name)
        if value is not None and not metric.optional and not math.isfinite(value):
            return metric.name
    return None


def _number(task: str, what: str, value: Any) -> float:
    try:
        return plain_number(what, value)
    except TypeError as error:
        raise PluginError(f"task '{task}': {error}") from None
