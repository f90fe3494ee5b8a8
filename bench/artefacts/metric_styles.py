"""How the numbers of a metric or a time are shown."""

from __future__ import annotations

from collections.abc import Iterable

from bench.planning.metric_choice import metric_of
from bench.planning.trial import PlannedTrial
from results.tables.number_style import NumberStyle


def number_style(trials: Iterable[PlannedTrial], name: str, percent: bool = False) -> NumberStyle:
    """Digits, unit and direction of a metric of the trials' tasks, or of a time.

    Args:
        percent: whether in per cent, where the metric has no unit.

    Raises:
        UsageError: no task has it.
    """
    if name.startswith("seconds."):
        return NumberStyle(unit="s", direction="min")
    metric = metric_of(trials, name)
    if percent and not metric.unit:
        return NumberStyle(1, 100.0, "", "%", metric.direction)
    return NumberStyle(metric.digits, unit=metric.unit, direction=metric.direction)
