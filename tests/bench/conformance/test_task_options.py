"""Other values of a task's options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from bench.conformance.outcome import NotApplicable
from bench.conformance.task_case import TaskCase
from bench.conformance.task_options import (
    free_options,
    is_level,
    noise_at_work,
    other_values,
)
from bench.plugin import Ge, Le, Place, Task, Uniform, UsageError, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]


class Optional(Task):
    """Options of many types."""

    space = {"level": Uniform(0.0, 2.0)}

    size: Literal["small", "tiny"] = "tiny"
    level: Annotated[float, Ge(0)] = 0.0
    few: Annotated[int, Ge(1), Le(2)] = 2
    many: Annotated[int, Ge(1)] | None = None
    flag: bool = False
    kind: Literal["a", "b", "c"] = "b"
    text: str = "plain"
    root: Annotated[str | None, Place()] = None

    def check_data(self) -> None:
        if self.kind == "c":
            raise UsageError("there are no data of kind c")


@pytest.fixture
def case(tmp_path: Path) -> TaskCase:
    return TaskCase(Optional, {}, tmp_path)


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("level", [1.98, 1.0]),
        ("few", [1]),
        ("many", [1, 2]),
        ("flag", [True]),
        ("kind", ["a"]),
        ("text", []),
    ],
)
def test_other_values_are_valid_ones(case: TaskCase, option: str, values: list[Any]) -> None:
    assert other_values(case, option) == values


def test_places_and_the_amount_of_data_are_not_changed(case: TaskCase) -> None:
    assert free_options(case) == ["level", "few", "many", "flag", "kind", "text"]


def test_noise_is_at_work_at_its_highest_levels(case: TaskCase, tmp_path: Path) -> None:
    assert noise_at_work(TaskCase(planted.Sound, {}, tmp_path)) == {"noise": 0.99 * 12}
    assert is_level(case, "level")
    assert not is_level(case, "few")
    with pytest.raises(NotApplicable, match="declares no label noise"):
        noise_at_work(case)
