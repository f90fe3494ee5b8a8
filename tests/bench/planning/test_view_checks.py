"""What a sweep shows is resolved for its planned trials before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.planning.plan import plan
from bench.plugin import UsageError

pytestmark = pytest.mark.usefixtures("noop")
Write = Callable[..., Path]
SURFACE = {"x": "loss.softness", "y": "task.noise", "value": "f1"}
TABLE = {"rows": "loss", "columns": "task.noise", "value": "f1"}


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        ({"surface": SURFACE | {"x": "loss.softnes"}}, "unknown parameter 'loss.softnes'; did you"),
        ({"surface": SURFACE | {"x": "task.behaviour"}}, "'task.behaviour' is 'finish'"),
        ({"surface": SURFACE | {"x": "train.lr.end"}}, "'train.lr.end' has none"),
        (
            {"surface": SURFACE | {"y": "loss.softness"}},
            "two parameters, got 'loss.softness' twice",
        ),
        ({"surface": SURFACE | {"value": "f2"}}, "unknown metric 'f2'; valid: f1,"),
        ({"table": TABLE | {"columns": "task.root"}}, "unknown parameter 'task.root'"),
        ({"table": {"rows": "loss", "columns": "task", "values": ["f1", "f2"]}}, "metric 'f2'"),
        ({"table": {"rows": "loss", "columns": "task"}}, "key 'show.0.table.values' is missing"),
        ({"table": TABLE | {"values": ["f1"]}}, "a 'value' or several 'values', not both"),
        ({"table": TABLE, "surface": SURFACE}, "either a surface or a table"),
        ({}, "either a surface or a table"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    view: dict[str, Any], problem: str, write_sweep: Write
) -> None:
    file = write_sweep(show=[view])
    with pytest.raises(UsageError) as raised:
        plan(str(file))
    assert problem in str(raised.value)
    assert all(line.startswith(f"{file}:") for line in raised.value.problems)


def test_axes_of_training_and_several_values_are_accepted(write_sweep: Write) -> None:
    table = {"rows": "train.lr.start", "columns": "replicate", "values": ["f1", "validation.f1"]}
    made = plan(str(write_sweep(show=[{"surface": SURFACE}, {"table": table}])))
    [view] = [view.table for view in made.sweep.show if view.table]
    assert (view.value, view.values) == ("f1", ["f1", "validation.f1"])
