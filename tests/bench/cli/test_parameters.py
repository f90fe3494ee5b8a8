"""Parameters that commands share: the choices they close, and ``--set``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from bench.catalogue.kinds import KINDS
from bench.cli import completion, parameters
from bench.cli.parameters import parse_sets
from bench.plugin import UsageError
from bench.specs.sweep import SCALES
from results.leaderboard.board_formats import FORMATS as BOARD_FORMATS
from results.tables.table_formats import FORMATS as TABLE_FORMATS


def choices(annotated: Any) -> tuple[str, ...]:
    return get_args(get_args(annotated)[0])


def test_closed_choices_are_those_there_are() -> None:
    assert choices(parameters.Scale) == SCALES
    assert choices(parameters.TableFormat) == tuple(TABLE_FORMATS)
    assert choices(parameters.BoardFormat) == tuple(BOARD_FORMATS)
    assert get_args(completion.Kind) == tuple(KINDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("list", "loses"), "'loses' is not one of 'losses', 'tasks', 'sweeps'"),
        (("show", "softloc", "--kind", "loss"), "'loss' is not one of 'losses', 'tasks'"),
        (("plan", "drums-noise", "--scale", "labtop"), "'labtop' is not one of 'smoke', 'laptop'"),
        (("table", "table-5.5", "--format", "markdwon"), "'markdwon' is not one of 'markdown'"),
        (("leaderboard", "--format", "jsn"), "'csv', 'html', 'json'"),
    ],
)
def test_other_choices_are_refused(
    call: Callable[..., Any], arguments: tuple[str, ...], message: str
) -> None:
    answer = call(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.errors[-1]


def test_sets_are_yaml() -> None:
    assert parse_sets(["train.steps=40", "loss=[{name: softloc}]", "task.root="]) == {
        "train.steps": 40,
        "loss": [{"name": "softloc"}],
        "task.root": None,
    }
    with pytest.raises(UsageError) as caught:
        parse_sets(["steps", "train.steps=[1"])
    assert caught.value.problems == (
        "--set needs KEY=VALUE, got 'steps'",
        "--set train.steps: '[1' is not a YAML value",
    )
