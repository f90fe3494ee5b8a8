"""Names of methods: no two settings of one loss share a name, and a given name wins."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from bench.planning.method_names import Names, methods
from bench.planning.trial import PlannedTrial, Trial
from bench.plugin import Loss, Place, Scheduled, Task, TrainSettings, constant, linear


class Data(Task):
    plugin_name = "data"
    size: int = 1
    root: Annotated[str | None, Place()] = None


class Bell(Loss):
    plugin_name = "bell"
    width: float = 1.0
    height: Scheduled = constant(1.0)


class Box(Loss):
    plugin_name = "box"
    width: float = 1.0


def trial(loss: Loss, task: Task | None = None) -> PlannedTrial:
    made = Trial(task or Data(), loss, TrainSettings(), "laptop", 0, "events")
    return PlannedTrial(made, made.trial_id)


def test_losses_are_told_apart_by_what_differs_within_each() -> None:
    trials = [trial(Bell()), trial(Bell(height=linear(1.0, 2.0))), trial(Box(width=3.0))]
    assert list(methods(trials).values()) == [
        "bell (height=1)",
        "bell (height=linear from 1 to 2)",
        "box",
    ]


def test_a_given_name_wins_and_tells_nobody_else_apart() -> None:
    named = dataclasses.replace(trial(Bell(width=2.0)), method="Best")
    assert list(methods([named, trial(Bell())]).values()) == ["Best", "bell"]


def test_where_data_lie_is_no_difference() -> None:
    trials = [trial(Box(), Data(root="/a")), trial(Box(), Data(root="/b", size=2))]
    name = Names(trials, "task")
    assert [name(planned) for planned in trials] == ["data (size=1)", "data (size=2)"]
