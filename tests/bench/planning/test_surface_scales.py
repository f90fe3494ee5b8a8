"""Logarithmic axes: those that a sweep draws log_uniform, or says to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.planning.plan import plan
from bench.planning.surface_scales import logarithmic
from bench.plugin import UsageError

pytestmark = pytest.mark.usefixtures("noop")
SURFACE = {"x": "loss.softness", "y": "task.noise", "value": "f1"}
LOG = {"log_uniform": [0.01, 0.1]}


def scales(path: Path) -> tuple[bool, bool]:
    made = plan(str(path))
    [view] = [view.surface for view in made.sweep.show if view.surface]
    return logarithmic(made.sweep, view, made.trials)


@pytest.mark.parametrize(
    ("softness", "noise", "view", "expected"),
    [
        (LOG, {"uniform": [0.01, 0.1]}, {}, (True, False)),
        (LOG, LOG, {}, (True, True)),
        (LOG, LOG, {"log": []}, (False, False)),
        ({"uniform": [0.01, 0.1]}, {"grid": [0.01, 0.1]}, {"log": ["y"]}, (False, True)),
        (0.1, {"grid": [0.0, 0.1]}, {}, (False, False)),
    ],
)
def test_axes(
    softness: Any,
    noise: Any,
    view: dict[str, Any],
    expected: tuple[bool, bool],
    write_sweep: Callable[..., Path],
) -> None:
    random = {"trials": 3} if "uniform" in str([softness, noise]) else {}
    path = write_sweep(
        task={"name": "noop", "noise": noise},
        loss={"name": "noop", "softness": softness},
        show=[{"surface": SURFACE | view}],
        **random,
    )
    assert scales(path) == expected


def test_all_losses_must_agree_and_be_above_zero(write_sweep: Callable[..., Path]) -> None:
    def sweep(other: Any) -> Path:
        losses = [{"name": "noop", "softness": value} for value in (LOG, other)]
        return write_sweep(loss=losses, show=[{"surface": SURFACE}], trials=3)

    assert scales(sweep({"log_uniform": [0.001, 0.1]})) == (True, False)
    assert scales(sweep(0.05)) == (True, False)
    assert scales(sweep(0.0)) == (False, False)
    assert scales(sweep({"uniform": [0.001, 0.1]})) == (False, False)


def test_a_part_of_a_schedule_is_drawn_with_it(write_sweep: Callable[..., Path]) -> None:
    path = write_sweep(
        train={"steps": 1, "lr": {"log_uniform": [1e-4, 1e-2]}},
        show=[{"surface": SURFACE | {"x": "train.lr.start"}}],
        trials=3,
    )
    assert scales(path) == (True, False)


@pytest.mark.parametrize(
    ("noise", "view", "problem"),
    [
        ([0.0, 0.1], {"log": ["y"]}, "'task.noise' is logarithmic and has 0, not above 0"),
        (
            [0.01, 0.1],
            {"log": ["y"], "extent": [[0, 1], [0, 1]]},
            "'task.noise' is logarithmic: its extent must be above 0, got 0",
        ),
        ([0.01, 0.1], {"log": ["z"]}, "'show.0.surface.log.0' should be 'x' or 'y', got 'z'"),
        ([0.01, 0.1], {"bandwidth": "wide"}, "is 'auto' or two numbers, [along x, along y]"),
        ([0.01, 0.1], {"bandwidth": [0.1, 0]}, "'show.0.surface.bandwidth.1' should be greater"),
        ([0.01, 0.1], {"extent": [[0, 1], [1, 0]]}, "needs [low, high] with low < high"),
        ([0.01, 0.1], {"extent": [[0, 1]]}, "'show.0.surface.extent' List should have at least 2"),
        ([0.01, 0.1], {"color_range": [1, 1]}, "'show.0.surface.color_range' needs [low, high]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    noise: list[float], view: dict[str, Any], problem: str, write_sweep: Callable[..., Path]
) -> None:
    path = write_sweep(
        task={"name": "noop", "noise": {"grid": noise}}, show=[{"surface": SURFACE | view}]
    )
    with pytest.raises(UsageError) as raised:
        plan(str(path))
    assert problem in str(raised.value)
    assert str(raised.value).startswith(f"{path}:")
