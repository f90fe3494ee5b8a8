"""Training that the task decides or the sweep draws, and methods that go by a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from bench.planning.axes import axis
from bench.planning.method_names import methods
from bench.planning.plan import plan
from bench.plugin import TrainSettings, UsageError, constant

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def own_training(noop: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noop.Noop, "train", TrainSettings(steps=7, batch_size=4))


def test_without_train_the_tasks_own_holds(write_sweep: Write) -> None:
    [planned] = plan(str(write_sweep(train={}))).trials
    assert planned.trial.train == TrainSettings(steps=7, batch_size=4)


def test_train_replaces_single_settings_of_the_task(write_sweep: Write) -> None:
    [planned] = plan(str(write_sweep(train={"steps": 3}))).trials
    assert planned.trial.train == TrainSettings(steps=3, batch_size=4)


def test_a_setting_said_twice_gives_the_same_trial(write_sweep: Write) -> None:
    assert plan(str(write_sweep(train={}))).ids == plan(str(write_sweep(train={"steps": 7}))).ids


def test_training_may_hold_a_grid_and_is_an_axis(write_sweep: Write) -> None:
    made = plan(str(write_sweep(train={"steps": {"grid": [3, 5]}, "lr": 0.1}, replicates=2)))
    steps = axis(made, "train.steps")
    assert [steps.value(planned) for planned in made.trials] == [3, 3, 5, 5]
    assert len(set(made.ids)) == 4


def test_training_may_be_drawn_as_a_part_of_a_schedule(write_sweep: Write) -> None:
    lr = {"schedule": "linear", "start": {"log_uniform": [0.001, 0.1]}, "end": 0.0}
    made = plan(str(write_sweep(train={"lr": lr}, trials=5)))
    starts = [planned.trial.train.lr.start for planned in made.trials]
    assert len(set(starts)) == 5
    assert all(0.001 <= start < 0.1 for start in starts)
    text = axis(made, "train.lr.start").text(made.trials[0])
    assert text == f"lr start = {starts[0]:g}"


def test_wrong_training_is_found_at_the_ends_of_its_domain(write_sweep: Write) -> None:
    file = write_sweep(train={"lr": {"uniform": [-1, 1]}, "momentum": 2.0, "step": 1}, trials=2)
    with pytest.raises(UsageError) as raised:
        plan(str(file))
    text = str(raised.value)
    assert "train: option 'lr'" in text
    assert "train: option 'momentum'" in text
    assert "unknown option 'step'; did you mean 'steps'" in text


def test_a_surface_may_be_searched_over_training(write_sweep: Write) -> None:
    surface = {"x": "train.lr", "y": "loss.softness", "value": "f1"}
    file = write_sweep(
        train={"lr": {"log_uniform": [0.001, 0.1]}},
        loss={"name": "noop", "softness": {"uniform": [0, 0.2]}},
        search="surface",
        trials=6,
        initial=4,
        show=[{"surface": surface}],
    )
    made = plan(str(file))
    rates = {planned.trial.train.lr for planned in made.trials}
    assert len(rates) == 4
    assert constant(3e-3) not in rates


def test_tuning_takes_training_as_it_is_or_as_a_grid(write_sweep: Write) -> None:
    keys = {"loss": {"name": "noop"}, "search": "optuna", "trials": 2, "initial": 2}
    made = plan(str(write_sweep(train={"steps": {"grid": [3, 5]}}, **keys)))
    assert [study.trials[0].trial.train.steps for study in made.studies] == [3, 5]
    with pytest.raises(UsageError, match="'train' takes values or a grid"):
        plan(str(write_sweep(train={"lr": {"uniform": [0.1, 0.2]}}, **keys)))


def test_a_method_has_its_own_settings_on_each_task(write_sweep: Write) -> None:
    file = write_sweep(
        loss=[{"name": "noop", "softness": 0.05, "as": "Ours"}, {"name": "noop"}], replicates=2
    )
    made = plan(str(file))
    assert [planned.method for planned in made.trials] == ["Ours", "Ours", None, None]
    assert list(methods(made.trials).values()) == ["Ours", "Ours", "noop", "noop"]


def test_a_name_is_no_part_of_a_trials_identity(write_sweep: Write) -> None:
    named = plan(str(write_sweep("named", loss={"name": "noop", "as": "Ours"})))
    assert named.ids == plan(str(write_sweep("bare"))).ids


@pytest.mark.parametrize(
    ("loss", "problem"),
    [
        ([{"as": "A"}, {"as": "B"}], "goes by two names, 'A' and 'B'"),
        ([{"as": "A"}, {}], "goes by two names, 'A' and 'noop'"),
        ([{"as": "A"}, {"as": "A", "softness": 0.05}], "'A' names several losses of one task"),
        ([{"as": "A", "softness": {"grid": [0.05, 0.1]}}], "'A' names several losses of one task"),
        ([{"as": 3}], "'as' names a method, got 3"),
        ([{"as": " "}], "'as' names a method, got ' '"),
    ],
)
def test_names_that_mislead_are_refused(loss: list, problem: str, write_sweep: Write) -> None:
    file = write_sweep(loss=[{"name": "noop", **entry} for entry in loss])
    with pytest.raises(UsageError, match=problem) as raised:
        plan(str(file))
    assert str(file) in str(raised.value)


def test_a_tuned_method_keeps_its_name(write_sweep: Write) -> None:
    loss = {"name": "noop", "as": "Ours"}
    made = plan(str(write_sweep(loss=loss, search="optuna", trials=2, initial=2)))
    assert {planned.method for planned in made.trials} == {"Ours"}
    assert [study.method for study in made.studies] == ["Ours"]
