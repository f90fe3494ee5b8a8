"""What trials cost: one processor at a time, and a reason where there is no number."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from results.leaderboard.costs import task_costs


def trials(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, columns=["method", "task", "hardware", "seconds.cpu", "seconds.train"]
    )


def test_the_median_of_cpu_seconds() -> None:
    found = task_costs(
        trials(
            ("a", "t", "x", 1.0, 9.0),
            ("a", "t", "x", 2.0, 9.0),
            ("a", "t", "x", 90.0, 9.0),
            ("b", "t", "x", 4.0, 9.0),
        )
    )
    assert (found["a", "t"].seconds, found["b", "t"].seconds) == (2.0, 4.0)
    assert (found["a", "t"].n, found["a", "t"].measured, found["a", "t"].reason) == (3, "cpu", None)


def test_one_record_without_cpu_time_makes_the_whole_task_wall_time() -> None:
    found = task_costs(
        trials(
            ("a", "t", "x", 1.0, 9.0),
            ("b", "t", "x", math.nan, 8.0),
            ("a", "u", "x", 2.0, 7.0),
        )
    )
    assert (found["a", "t"].seconds, found["a", "t"].measured) == (9.0, "train")
    assert (found["b", "t"].seconds, found["b", "t"].measured) == (8.0, "train")
    assert (found["a", "u"].seconds, found["a", "u"].measured) == (2.0, "cpu")


def test_processors_are_never_mixed() -> None:
    found = task_costs(
        trials(
            ("mixed", "t", "x", 1.0, 1.0),
            ("mixed", "t", "y", 1.0, 1.0),
            ("a", "t", "x", 2.0, 1.0),
            ("b", "t", "x", 3.0, 1.0),
            ("away", "t", "y", 4.0, 1.0),
            ("away", "u", "y", 5.0, 1.0),
        )
    )
    assert math.isnan(found["mixed", "t"].seconds)
    assert found["mixed", "t"].reason == "timed on several processors: x, y"
    assert math.isnan(found["away", "t"].seconds)
    assert found["away", "t"].reason == "timed on y, most others on x"
    assert [found[key, "t"].seconds for key in "ab"] == [2.0, 3.0]
    assert found["away", "u"].seconds == 5.0, "on another task it is with the most"


def test_trials_that_nobody_timed_cost_nothing_known() -> None:
    assert task_costs(trials(("a", "t", "x", math.nan, math.nan))) == {}
    assert task_costs(trials()) == {}


@pytest.mark.parametrize("hardware", [("x", "y"), ("y", "x")])
def test_where_all_are_mixed_none_has_a_number(hardware: tuple[str, str]) -> None:
    found = task_costs(trials(*(("a", "t", one, 1.0, 1.0) for one in hardware)))
    assert math.isnan(found["a", "t"].seconds)
