"""Adaptive surfaces: rounds as a pure function of earlier results, failures, mistakes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.planning.plan import Plan, PlannedTrial, plan

pytestmark = pytest.mark.usefixtures("noop")

VIEW = {"x": "loss.softness", "y": "task.noise", "value": "f1", "bandwidth": [0.02, 0.02]}
SWEEP: dict[str, Any] = {
    "task": {"name": "noop", "noise": {"uniform": [0.0, 0.1]}},
    "loss": {"name": "noop", "softness": {"uniform": [0.0, 0.2]}},
    "show": [{"surface": VIEW}],
    "search": "surface",
    "trials": 17,
    "initial": 6,
    "batch": 4,
}


def plateau(planned: PlannedTrial) -> float | None:
    trial = planned.trial
    return min(0.9, 0.9 + trial.loss.softness - trial.task.noise)


class Known:
    def __init__(self) -> None:
        self.known: dict[str, float | None] = {}

    def values(self, metric: str) -> dict[str, float | None]:
        assert metric == "f1"
        return self.known


def stages(
    file: Path, objective: Callable[[PlannedTrial], float | None] = plateau, **options: Any
) -> Iterator[Plan]:
    results = Known()
    planned = plan(str(file), results=results, **options)
    yield planned
    while planned.open:
        before = len(results.known)
        results.known = {p.trial_id: objective(p) for p in planned.trials}
        assert len(results.known) > before, "a plan that stalls"
        planned = planned.after(results)
        yield planned


def place(planned: PlannedTrial) -> tuple[float, float]:
    return planned.trial.loss.softness, planned.trial.task.noise


def test_rounds_grow_and_never_change(write_sweep: Callable) -> None:
    found = list(stages(write_sweep(**SWEEP)))
    assert [len(stage.trials) for stage in found] == [6, 10, 14, 17]
    assert [stage.unplanned for stage in found] == [11, 7, 3, 0]
    for before, after in itertools.pairwise(found):
        assert after.ids[: len(before.ids)] == before.ids
    last = found[-1]
    assert [p.trial.replicate for p in last.trials] == list(range(17))
    assert len(set(last.ids)) == 17
    assert all(0 <= x <= 0.2 and 0 <= y <= 0.1 for x, y in map(place, last.trials))


def test_the_first_round_is_that_of_a_random_sweep(write_sweep: Callable) -> None:
    random = {key: SWEEP[key] for key in ("task", "loss")}
    drawn = plan(str(write_sweep(**random, trials=6)))
    assert plan(str(write_sweep(**SWEEP))).ids == drawn.ids


def test_later_rounds_depend_on_results(write_sweep: Callable) -> None:
    file = write_sweep(**SWEEP)
    *_, one = stages(file)
    *_, same = stages(file)
    *_, other = stages(file, lambda p: hash(p.trial_id) % 7 / 7 if p.trial.replicate < 3 else 0.5)
    assert one.ids == same.ids
    assert other.ids[:6] == one.ids[:6]


def test_runs_without_a_value_are_left_out_and_stall_nothing(write_sweep: Callable) -> None:
    file = write_sweep(**SWEEP)
    *_, some = stages(file, lambda p: plateau(p) if p.trial.replicate % 3 else None)
    *_, none = stages(file, lambda p: None)
    assert len(some.trials) == len(none.trials) == 17


def test_more_trials_go_on(write_sweep: Callable) -> None:
    file = write_sweep(**SWEEP)
    *_, shorter = stages(file)
    *_, longer = stages(file, trials=25)
    assert len(longer.trials) == 25
    assert longer.ids[:17] == shorter.ids


def test_parameters_inside_schedules(write_sweep: Callable) -> None:
    alpha = {"schedule": "linear", "start": {"uniform": [0.1, 0.2]}, "end": 0.9}
    task = {"name": "drums", "size": "tiny", "noise": {"log_uniform": [0.001, 0.1]}}
    view = VIEW | {"x": "loss.alpha.start"}
    sweep = SWEEP | {"loss": {"name": "softloc", "alpha": alpha}, "task": [task]}
    file = write_sweep(**sweep | {"show": [{"surface": view}], "trials": 8})
    *_, last = stages(file, lambda p: 0.5)
    assert len({p.trial.loss.alpha.start for p in last.trials}) > 5


@pytest.mark.parametrize("scale", ["smoke", "laptop", "paper"])
def test_the_shipped_sweep_plans_at_every_scale(scale: str) -> None:
    planned = plan("softness-noise-adaptive", scale)
    assert planned.open
    assert len(planned.trials) == (4 if scale == "smoke" else 40)


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no surface": ({"show": []}, "search 'surface' needs one surface under 'show', got 0"),
    "two surfaces": (
        {"show": [{"surface": VIEW}] * 2},
        "search 'surface' needs one surface under 'show', got 2",
    ),
    "no budget": ({"trials": None}, "search 'surface' needs 'trials', the number of runs"),
    "replicates": ({"replicates": 2}, "'replicates' has no effect with search 'surface'"),
    "two losses": (
        {"loss": [SWEEP["loss"], SWEEP["loss"]]},
        "search 'surface' takes one loss, got 2",
    ),
    "a third parameter": (
        {"task": SWEEP["task"] | {"number": {"int": [0, 9]}}},
        "search 'surface' draws the surface's x and y; 'task.number' is neither",
    ),
    "a grid": (
        {"task": {"name": "noop", "noise": {"grid": [0.0, 0.1]}}},
        "search 'surface' needs 'task.noise' to be uniform or log_uniform",
    ),
    "a fixed parameter": (
        {"loss": {"name": "noop", "softness": 0.1}},
        "search 'surface' draws 'loss.softness', which has no domain",
    ),
    "scheduler": (
        {"scheduler": {"asha": {"min_steps": 1}}},
        "'scheduler' has no effect without search 'optuna'",
    ),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_one_mistake_gives_one_line(kind: str, call: Callable, write_sweep: Callable) -> None:
    changes, message = MISTAKES[kind]
    keys = {key: value for key, value in (SWEEP | changes).items() if value is not None}
    file = write_sweep(**keys)
    answer = call("plan", file)
    assert (answer.code, answer.out) == (2, "")
    [line] = answer.errors
    where, _, said = line.removeprefix(f"error: {file}:").partition(": ")
    assert where.isdigit()
    assert said.startswith(message)


def test_a_logarithmic_axis_is_filled_in_decades(write_sweep: Callable) -> None:
    """Where every place tells the same, runs spread evenly over the decades of an axis."""
    view = {**VIEW, "bandwidth": [0.15, 0.02]}
    loss = {"name": "noop", "softness": {"log_uniform": [0.0001, 0.1]}}
    file = write_sweep(**{**SWEEP, "loss": loss, "show": [{"surface": view}], "trials": 46})
    *_, last = stages(file, lambda planned: 0.5)
    placed = [place(planned)[0] for planned in last.trials[6:]]
    assert all(0.0001 <= softness <= 0.1 for softness in placed)
    lower = sum(softness < 0.00316 for softness in placed)
    assert 13 <= lower <= 27, "half of the decades hold about half of the runs"
