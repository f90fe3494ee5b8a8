"""What a task's evaluation returned, as plain numbers, or an error that names what is wrong."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from bench.plugin import Evaluation, Task


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
        metrics={key: _number(name, "metric", key, v) for key, v in evaluation.metrics.items()},
        seconds={key: _number(name, "time", key, v) for key, v in evaluation.seconds.items()},
        samples={
            key: [_number(name, "sample count", key, v) for v in values]
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


def _number(task: str, kind: str, key: str, value: Any) -> float:
    if isinstance(value, bool | np.bool_):
        raise PluginError(f"task '{task}': {kind} '{key}' is a bool ({value}), not a number")
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # an array or tensor
        return _number(task, kind, key, value.item())
    shape = f" of shape {tuple(value.shape)}" if hasattr(value, "shape") else f" ({value!r:.60})"
    raise PluginError(
        f"task '{task}': {kind} '{key}' is a {type(value).__name__}{shape}, not a number"
    )
