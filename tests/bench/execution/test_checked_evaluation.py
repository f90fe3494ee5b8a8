"""What a task returned: plain numbers, or one error that names metric and type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from bench.execution.checked_evaluation import PluginError, checked, undefined
from bench.plugin import Evaluation

from .toys import Toy


@pytest.mark.parametrize(
    "value",
    [0.25, np.float32(0.25), np.float64(0.25), np.array(0.25), torch.tensor(0.25)],
    ids=lambda value: type(value).__name__,
)
def test_single_numbers_become_floats(value: Any) -> None:
    found = checked(Toy(), Evaluation({"score": value, "error": 3}, samples={"tp": [value]}))
    assert found.metrics == {"score": 0.25, "error": 3.0}
    assert found.samples == {"tp": [0.25]}
    assert {type(number) for number in found.metrics.values()} == {float}


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ({"score": "0.5", "error": 0}, "metric 'score' is a str ('0.5'), not a number"),
        ({"score": [0.5], "error": 0}, "metric 'score' is a list ([0.5]), not a number"),
        ({"score": None, "error": 0}, "metric 'score' is a NoneType (None), not a number"),
        ({"score": True, "error": 0}, "metric 'score' is a bool (True), not a number"),
        (
            {"score": torch.zeros(3), "error": 0},
            "metric 'score' is a Tensor of shape (3,), not a number",
        ),
        (
            {"score": np.zeros((1, 1)), "error": 0},
            "metric 'score' is a ndarray of shape (1, 1), not a number",
        ),
        ({"error": 0}, "evaluate lacks the metric 'score'"),
        ({"score": 0.5, "error": 0, "f2": 1}, "does not declare the metric 'f2'"),
    ],
)
def test_anything_else_is_named(metrics: dict[str, Any], said: str) -> None:
    with pytest.raises(PluginError) as caught:
        checked(Toy(), Evaluation(metrics))
    assert str(caught.value).startswith("task 'toy'")
    assert str(caught.value).endswith(said)


def test_what_is_no_evaluation_is_named() -> None:
    with pytest.raises(PluginError, match="evaluate returned dict, not an Evaluation"):
        checked(Toy(), {"score": 0.5})


def test_metrics_are_finite_unless_optional() -> None:
    nan, infinite = float("nan"), float("inf")
    assert undefined(Toy(), Evaluation({"score": 0.5, "error": nan})) is None
    assert undefined(Toy(), Evaluation({"score": nan, "error": 0.0})) == "score"
    assert undefined(Toy(), Evaluation({"score": infinite, "error": 0.0})) == "score"
