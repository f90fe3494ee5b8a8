"""What a task says of itself: description, options, what it skips."""

from __future__ import annotations

from typing import Any

from bench.conformance.loss_options import assert_round_trip
from bench.conformance.task_case import TaskCase
from bench.plugin.registry import losses


def described(case: TaskCase) -> None:
    """A docstring, a source, heads, named data, and metrics with direction and range."""
    cls = case.cls
    assert cls.__doc__, "the class has no docstring"
    assert cls.source, "`source` is empty: name paper and section"
    assert cls.metrics, "the task declares no metrics"
    assert cls.heads, "the task offers no head"
    assert case.make().data_name, "the data have no name"
    names = [metric.name for metric in cls.metrics]
    assert len(set(names)) == len(names), f"metrics of the same name: {names}"
    for metric in cls.metrics:
        low, high = metric.low, metric.high
        empty = low is not None and high is not None and low >= high
        assert not empty, f"{metric.name}: the range [{low}, {high}] is empty"


def options_round_trip(case: TaskCase) -> None:
    """Options, default or not, survive being written out as JSON and read back."""
    for options in ({}, *_drawn(case)):
        assert_round_trip(case.cls, {**case.options, **options})


def skips(case: TaskCase) -> None:
    """Whether a loss is skipped is None or a reason."""
    for name in losses.names():
        reason = case.make().skip(losses.get(name)())
        said = reason is None or (isinstance(reason, str) and bool(reason))
        assert said, f"skip({name}) is {reason!r}, neither a reason nor None"


def _drawn(case: TaskCase) -> list[dict[str, Any]]:
    return [
        {option: domain.at(fraction) for option, domain in case.cls.space.items()}
        for fraction in (0.0, 0.5, 1 - 2.0**-53)
    ]
