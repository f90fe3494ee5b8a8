"""Metrics of planned trials: each trial's own task says what a metric is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from bench.planning.trial import PlannedTrial
from bench.plugin import Metric, UsageError, nearest
from bench.plugin.task import Direction

VALIDATION = "validation."
"""Before the name of a metric: its value on validation data."""
_T = TypeVar("_T")


def metrics_of(trials: Iterable[PlannedTrial]) -> dict[str, list[Metric]]:
    """By name, the different metrics that the trials' tasks declare under it."""
    found: dict[str, list[Metric]] = {}
    for task in dict.fromkeys(type(planned.trial.task) for planned in trials):
        for metric in task.metrics:
            same = found.setdefault(metric.name, [])
            if metric not in same:
                same.append(metric)
    return found


def metric_of(trials: Iterable[PlannedTrial], name: str) -> Metric:
    """What the trials' tasks say of a metric, or of it on validation data (``validation.f1``).

    Where tasks differ, their metric has no common direction, unit or description.

    Raises:
        UsageError: no task has it; with the nearest name.
    """
    known = metrics_of(trials)
    found = known.get(name.removeprefix(VALIDATION))
    if not found:
        names = [*known, *(f"{VALIDATION}{metric}" for metric in known)]
        raise UsageError(f"unknown metric '{name}'{nearest(name, names)}")
    description = _common([metric.description for metric in found]) or ""
    if name.startswith(VALIDATION):
        description = f"{description}; validation data".removeprefix("; ")
    return Metric(
        name=name,
        direction=_direction(found),
        low=_common([metric.low for metric in found]),
        high=_common([metric.high for metric in found]),
        unit=_common([metric.unit for metric in found]) or "",
        description=description,
        digits=max(metric.digits for metric in found),
        optional=any(metric.optional for metric in found),
    )


def metric_label(metric: Metric) -> str:
    """Name, unit and description: ``F1 (mean of the three classes' F1)``."""
    name = "F1" if metric.name == "f1" else metric.name
    unit = f" [{metric.unit}]" if metric.unit else ""
    return name + unit + (f" ({metric.description})" if metric.description else "")


def _direction(metrics: list[Metric]) -> Direction | None:
    first = metrics[0].direction
    return first if all(metric.direction == first for metric in metrics) else None


def _common(values: list[_T]) -> _T | None:
    return values[0] if all(value == values[0] for value in values) else None
