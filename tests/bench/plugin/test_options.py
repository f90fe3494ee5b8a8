"""Units, ranges, schedules and domains of options."""

from __future__ import annotations

import json
import math
from typing import Annotated

import pytest
from scipy import stats

from bench.plugin import (
    Choice,
    Ge,
    Gt,
    IntUniform,
    Le,
    LogUniform,
    OptionError,
    Options,
    Scheduled,
    Uniform,
    Unit,
    constant,
    cosine,
    describe_options,
    exponential,
    linear,
    warmup,
)
from bench.specs.domains import draw, parse_domain


class Example(Options):
    plugin_name = "example"

    softness: Annotated[float, Unit("s"), Gt(0), Le(1)] = 0.1
    shift: Annotated[float, Unit("px")] = 0.0
    weight: Annotated[Scheduled, Ge(0)] = linear(0.2, 0.9)
    count: Annotated[int, Ge(1)]


@pytest.mark.parametrize(
    ("text", "symbol", "value"),
    [
        ("100 ms", "s", 0.1),
        ("100ms", "s", 0.1),
        (" 1.5e3 us ", "s", 0.0015),
        ("2 min", "s", 120.0),
        ("0.1 s", "ms", 100.0),
        ("-3 px", "px", -3.0),
        (".5 kHz", "Hz", 500.0),
        ("250 nm", "um", 0.25),
    ],
)
def test_quantities(text: str, symbol: str, value: float) -> None:
    assert Unit(symbol).parse(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3 px", "'3 px' is in the wrong unit: expected s"),
        ("3 parsec", "'3 parsec' is in the wrong unit: expected s"),
        ("3", "'3' is not a number of s such as '3 s'"),
        ("fast", "'fast' is not a number of s"),
        ("1 2 s", "'1 2 s' is not a number of s"),
        ("nan s", "'nan s' is not a number of s"),
    ],
)
def test_wrong_quantities(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        Unit("s").parse(text)


def test_unknown_unit() -> None:
    with pytest.raises(ValueError, match="unknown unit 'parsec'; known units: s, ms"):
        Unit("parsec")


def test_options_take_numbers_and_quantities() -> None:
    assert Example(count=1, softness="50 ms") == Example(count=1, softness=0.05)
    assert Example(count=1, softness=1) == Example(count=1, softness=1.0)


def test_every_problem_is_one_line_with_its_path() -> None:
    with pytest.raises(OptionError) as caught:
        Example(
            softness="3 px",
            shift=True,
            weight={"schedule": "linear", "strat": 1, "begin": 2},
            sofness=1,
        )
    assert dict(zip(caught.value.paths, caught.value.problems, strict=True)) == {
        ("softness",): "example: option 'softness': '3 px' is in the wrong unit: expected s",
        ("shift",): "example: option 'shift' should be a valid number px, got True",
        ("weight", "begin"): (
            "example: option 'weight': schedule: option 'begin' should be less than or equal to 1, "
            "got 2"
        ),
        ("weight", "strat"): (
            "example: option 'weight': schedule: unknown option 'strat'; did you mean 'start'?"
        ),
        ("count",): "example: option 'count' is missing",
        ("sofness",): "example: unknown option 'sofness'; did you mean 'softness'?",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"softness": 0.0}, "option 'softness' should be greater than 0 s, got 0.0"),
        ({"softness": "2 s"}, "option 'softness' should be less than or equal to 1 s, got 2.0"),
        ({"softness": math.nan}, "option 'softness' should be a finite number s, got nan"),
        ({"count": 0}, "option 'count' should be greater than or equal to 1, got 0"),
        ({"count": 1.5}, "option 'count' should be a valid integer, got 1.5"),
        ({"weight": -1}, "option 'weight' should be greater than or equal to 0, got "),
        ({"weight": {"schedule": "linear", "start": 1, "end": -1}}, "option 'weight' should be"),
    ],
)
def test_ranges(options: dict, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        Example(**{"count": 1, **options})
    [problem] = caught.value.problems
    assert problem.startswith(f"example: {message}")


def test_options_are_immutable_and_survive_json() -> None:
    example = Example(count=3, weight=exponential(0.1, 0.5))
    with pytest.raises(ValueError, match="frozen"):
        example.count = 4  # type: ignore[misc]
    assert Example(**json.loads(json.dumps(example.options()))) == example


def test_description_tells_units_and_ranges() -> None:
    rows = {row["name"]: row for row in describe_options(Example)}
    assert rows["softness"]["unit"] == "s"
    assert rows["softness"]["range"] == "> 0, <= 1"
    assert rows["softness"]["default"] == 0.1
    assert rows["count"]["required"]
    json.dumps(list(rows.values()))


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (constant(3), [3, 3, 3, 3, 3]),
        (linear(1, 2), [1, 1.25, 1.5, 1.75, 2]),
        (linear(1, 2, begin=0.25, finish=0.75), [1, 1, 1.5, 2, 2]),
        (linear(1, 2, begin=0.5, finish=0.5), [1, 1, 2, 2, 2]),
        (exponential(1, 16), [1, 2, 4, 8, 16]),
        (cosine(0, 2), [0, 1 - math.sqrt(0.5), 1, 1 + math.sqrt(0.5), 2]),
        (warmup(2, begin=0.5), [0, 0, 0, 1, 2]),
    ],
)
def test_schedules(schedule, values: list[float]) -> None:
    assert [schedule(k / 4) for k in range(5)] == pytest.approx(values)
    assert schedule(-1) == schedule(0)
    assert schedule(2) == schedule(1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: linear(1, 2, begin=0.8, finish=0.2), "begins at 0.8, after it finishes"),
        (lambda: exponential(0, 1), "needs positive 'start' and 'end'"),
        (lambda: Example(count=1, weight={"schedule": "warmup"}), "'warmup' needs 'end'"),
    ],
)
def test_wrong_schedules(make, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        make()


@pytest.mark.parametrize(
    ("domain", "low", "middle", "high"),
    [
        (Uniform(1, 3), 1, 2, 3),
        (LogUniform(0.01, 1), 0.01, 0.1, 1),
        (IntUniform(1, 4), 1, 3, 4),
        (Choice("a", "b", "c"), "a", "b", "c"),
    ],
)
def test_domains(domain, low, middle, high) -> None:
    almost_one = 1 - 2.0**-53
    assert domain.at(0.0) == low
    assert domain.at(0.5) == (pytest.approx(middle) if isinstance(middle, float) else middle)
    assert domain.at(almost_one) == (high if isinstance(high, str) else pytest.approx(high))
    assert parse_domain(domain.describe()) == domain


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"uniform": [1, 1]}, "uniform needs two finite bounds, low < high"),
        ({"uniform": ["a", "b"]}, "uniform needs two numbers"),
        ({"uniform": 1}, "uniform needs a list, got 1"),
        ({"log_uniform": [0, 1]}, "log_uniform needs positive bounds"),
        ({"int": [0.5, 1]}, "int needs two integers"),
        ({"int": [2, 1]}, "int needs two integers, low <= high"),
        ({"choice": []}, "choice needs at least one value"),
        ({"grid": []}, "grid needs at least one value"),
    ],
)
def test_wrong_domains(value: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_domain(value)


def test_what_is_no_domain() -> None:
    for value in (3, "grid", [1, 2], {"schedule": "linear"}, {"grid": [1], "choice": [2]}, {}):
        assert parse_domain(value) is None


def test_draws_are_uniform_and_independent() -> None:
    first = [draw("sweep", "loss.softness", index) for index in range(2000)]
    second = [draw("sweep", "task.noise", index) for index in range(2000)]
    assert all(0 <= value < 1 for value in first)
    assert stats.kstest(first, "uniform").pvalue > 0.01
    assert abs(stats.pearsonr(first, second)[0]) < 0.06
    assert abs(stats.pearsonr(first[1:], first[:-1])[0]) < 0.06


@pytest.mark.parametrize(
    ("unit", "shown", "factor"),
    [
        (Unit("s"), "ms", 1000.0),
        (Unit("s", shown="min"), "min", 1 / 60),
        (Unit("nm"), "nm", 1.0),
        (Unit("m", shown="nm"), "nm", 1e9),
    ],
)
def test_a_unit_says_how_it_is_shown(unit: Unit, shown: str, factor: float) -> None:
    assert unit.shown == shown
    assert unit.factor == pytest.approx(factor, rel=1e-15)


def test_what_has_another_dimension_cannot_be_shown() -> None:
    with pytest.raises(ValueError, match="given in s cannot be shown in px"):
        Unit("s", shown="px")
