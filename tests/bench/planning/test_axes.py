"""Axes over trials of several plugins: names, units, values, and what some of them lack."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from bench.planning.axes import Axis, axis, diagonal, parameters
from bench.planning.trial import PlannedTrial, Trial
from bench.plugin import (
    Loss,
    Place,
    Schedule,
    Scheduled,
    Symbol,
    Task,
    TrainSettings,
    Unit,
    UsageError,
    constant,
    linear,
)


class Sounds(Task):
    plugin_name = "sounds"
    noise: Annotated[float, Unit("s"), Symbol("σ", "label noise")] = 0.0
    root: Annotated[str | None, Place()] = None


class Pictures(Task):
    plugin_name = "pictures"
    noise: Annotated[float, Unit("px"), Symbol("σ", "label noise")] = 0.0
    shape: str | None = None


class Soft(Loss):
    plugin_name = "soft"
    softness: Annotated[float, Unit("s"), Symbol("S_M")] = 0.1
    hard: bool = False


class Hot(Loss):
    plugin_name = "hot"
    temperature: Annotated[Scheduled, Unit("cell"), Symbol("τ")] = constant(0.5)
    softness: Annotated[float, Unit("s")] = 0.2


def trial(task: Task, loss: Loss, replicate: int = 0, **train: Any) -> PlannedTrial:
    made = Trial(task, loss, TrainSettings(**train), "laptop", replicate, "events")
    return PlannedTrial(made, made.trial_id)


SOUND, PICTURE = trial(Sounds(noise=0.05), Soft()), trial(Pictures(noise=3.0), Hot())


def test_an_option_has_the_name_symbol_and_unit_that_its_plugin_gives_it() -> None:
    noise = axis([SOUND], "task.noise")
    assert (noise.label, noise.mathtext) == ("label noise σ [ms]", r"label noise $\sigma$ [ms]")
    assert (noise.unit, noise.factor) == ("ms", 1000.0)
    assert (noise.value(SOUND), noise.text(SOUND)) == (0.05, "σ = 50 ms")


def test_an_option_without_symbol_goes_by_its_own_name() -> None:
    softness = axis([PICTURE], "loss.softness")
    assert (softness.label, softness.text(PICTURE)) == ("softness [ms]", "softness = 200 ms")


def test_where_plugins_differ_in_unit_each_trial_has_its_own_and_the_axis_none() -> None:
    noise = axis([SOUND, PICTURE], "task.noise")
    assert (noise.label, noise.unit, noise.factor) == ("label noise σ", "", 1.0)
    assert [noise.text(SOUND), noise.text(PICTURE)] == ["σ = 50 ms", "σ = 3 px"]


def test_where_plugins_differ_in_symbol_there_is_none() -> None:
    softness = axis([SOUND, PICTURE], "loss.softness")
    assert [softness.text(SOUND), softness.text(PICTURE)] == [
        "softness = 100 ms",
        "softness = 200 ms",
    ]


@pytest.mark.parametrize("parameter", ["loss.temperature", "loss.temperature.start"])
def test_an_option_of_one_loss_is_a_dash_for_the_others(parameter: str) -> None:
    temperature = axis([SOUND, PICTURE], parameter)
    assert (temperature.value(SOUND), temperature.text(SOUND)) == (None, "–")
    assert temperature.value(PICTURE) == 0.5
    assert temperature.unit == "cell"


def test_parts_of_schedules() -> None:
    cooling = trial(Sounds(), Hot(temperature=linear(2.0, 0.25, finish=0.5)))
    shown = {
        part: axis([cooling, PICTURE], f"loss.temperature.{part}") for part in ("end", "finish")
    }
    assert shown["end"].text(cooling) == "τ end = 0.25 cell"
    assert shown["end"].text(PICTURE) == "–"  # a constant schedule has no end
    assert (shown["finish"].text(cooling), shown["finish"].unit) == ("τ finish = 0.5", "")
    whole = axis([cooling, PICTURE], "loss.temperature")
    assert whole.text(PICTURE) == "τ = 0.5 cell"
    assert whole.text(cooling) == "τ = linear from 2 to 0.25 between progress 0 and 0.5"


def test_training_and_replicate_are_axes() -> None:
    long = trial(Sounds(), Soft(), replicate=3, steps=7, lr=Schedule(start=0.01))
    assert axis([long], "train.steps").text(long) == "steps = 7"
    assert axis([long], "train.lr.start").value(long) == 0.01
    assert axis([long], "replicate").text(long) == "replicate = 3"


@pytest.mark.parametrize(
    ("option", "text"), [("task.shape", "shape = none"), ("loss.hard", "hard = true")]
)
def test_values_that_are_no_numbers(option: str, text: str) -> None:
    planned = trial(Pictures(), Soft(hard=True))
    assert axis([planned], option).text(planned) == text


@pytest.mark.parametrize(
    ("parameter", "hint"),
    [
        ("loss.softnes", "did you mean 'loss.softness'"),
        ("loss.temperature.stat", "did you mean 'loss.temperature.start'"),
        ("loss.softness.start", "did you mean 'loss.softness'"),
        ("task.root", "did you mean"),  # a place
        ("softness", "did you mean 'loss.softness'"),
        ("trial.loss", "did you mean"),
    ],
)
def test_an_unknown_parameter_is_named_with_the_nearest(parameter: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"unknown parameter '{parameter}'") as raised:
        axis([SOUND, PICTURE], parameter)
    assert hint in str(raised.value)


def test_every_parameter_is_an_axis() -> None:
    names = parameters([SOUND, PICTURE])
    assert {"loss", "task.noise", "loss.temperature.finish", "train.lr.end"} <= set(names)
    assert "train.device" not in names
    for name in names:
        found = axis([SOUND, PICTURE], name)
        assert isinstance(found, Axis)
        assert found.label
        assert all(map(found.text, (SOUND, PICTURE)))


def test_the_diagonal_is_where_two_parameters_of_one_unit_are_equal() -> None:
    noise, softness = axis([SOUND], "task.noise"), axis([SOUND], "loss.softness")
    line = diagonal(softness, noise)
    assert line is not None
    assert (line.plain, line.mathtext) == ("S_M = σ", r"$S_M$ = $\sigma$")
    assert diagonal(softness, axis([SOUND], "train.steps")) is None
    assert diagonal(softness, axis([PICTURE], "task.noise")) is None
