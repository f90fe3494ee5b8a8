"""What several tasks say of a metric of one name."""

from __future__ import annotations

from typing import ClassVar

import pytest

from bench.planning.metric_choice import metric_label, metric_of
from bench.planning.trial import PlannedTrial, Trial
from bench.plugin import Loss, Metric, Task, TrainSettings, UsageError


class Near(Task):
    plugin_name = "near"
    metrics: ClassVar = (Metric("error", "min", 0.0, unit="mm", description="mean distance"),)


class Far(Task):
    plugin_name = "far"
    metrics: ClassVar = (
        Metric("error", "min", 0.0, unit="px", description="mean distance", digits=1),
        Metric("f1", "max", 0.0, 1.0),
    )


def trials(*tasks: Task) -> list[PlannedTrial]:
    made = [Trial(task, Loss(), TrainSettings(), "laptop", 0, "events") for task in tasks]
    return [PlannedTrial(one, one.trial_id) for one in made]


def test_a_metric_of_the_second_task_is_found() -> None:
    found = metric_of(trials(Near(), Far()), "f1")
    assert (found.direction, metric_label(found)) == ("max", "F1")


def test_what_tasks_agree_on_holds_and_what_they_differ_in_does_not() -> None:
    found = metric_of(trials(Near(), Far()), "error")
    assert (found.direction, found.unit, found.digits) == ("min", "", 3)
    assert metric_label(found) == "error (mean distance)"
    assert metric_label(metric_of(trials(Near()), "error")) == "error [mm] (mean distance)"


def test_validation_data_are_named() -> None:
    found = metric_of(trials(Near()), "validation.error")
    assert (found.name, found.description) == ("validation.error", "mean distance; validation data")


def test_an_unknown_metric_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown metric 'eror'; did you mean 'error'"):
        metric_of(trials(Near()), "eror")
