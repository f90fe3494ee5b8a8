"""What a search chooses."""

from __future__ import annotations

import random
from typing import Literal

import pytest

from results.leaderboard.tuned import choose


def test_the_best_by_validation_is_chosen() -> None:
    validation = {"a": 0.2, "b": 0.9, "c": 0.5}
    assert choose(validation, "max") == "b"
    assert choose(validation, "min") == "a"


@pytest.mark.parametrize("direction", ["max", "min"])
def test_a_setting_without_a_value_is_never_chosen(direction: Literal["max", "min"]) -> None:
    assert choose({"a": None, "b": -3.0, "c": None}, direction) == "b"
    assert choose({"a": None}, direction) is None
    assert choose({}, direction) is None


@pytest.mark.parametrize("direction", ["max", "min"])
def test_of_equals_the_first_is_chosen(direction: Literal["max", "min"]) -> None:
    settings = list("abcdefg")
    for seed in range(5):
        random.Random(seed).shuffle(settings)
        assert choose(dict.fromkeys(settings, 0.5), direction) == settings[0]
