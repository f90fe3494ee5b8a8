"""Tasks in which something depends on the loss, or on what was asked before."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from torch import nn

from bench.plugin import Evaluation, Loss, Splits, TensorSplit, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class OwnSubset(Sound):
    """Tests some losses on fewer samples."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        if loss.plugin_name == "softloc":
            split = TensorSplit(*split.batch(np.arange(10)))
        found = super().evaluate(network, loss, split, decoding)
        return Evaluation(found.metrics)


class OwnScore(Sound):
    """Adds to the score of one loss."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        found = super().evaluate(network, loss, split, decoding)
        bonus = 0.9 if loss.plugin_name == "softloc" else 1.0
        return Evaluation({**found.metrics, "error": bonus * found.metrics["error"]})


class OwnData(Sound):
    """Remembers the loss that the network was made for, and gives it other data."""

    made_for: ClassVar[dict[int, Any]] = {}

    def network(self, head: str, loss: Loss) -> nn.Module:
        self.made_for[id(self)] = self, loss.plugin_name
        return super().network(head, loss)

    def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Any:
        if self.made_for.get(id(self)) == (self, "softloc") and len(rows) == 40:
            rows = rows[::-1].copy()
        return super().part(inputs, place, rows)


class WornSplit(Sound):
    """Evaluating changes the split."""

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        found = super().evaluate(network, loss, split, decoding)
        split.inputs.mul_(0.5)
        return found


class WornTask(Sound):
    """Evaluating changes what the task splits afterwards."""

    evaluated: ClassVar[dict[int, Any]] = {}

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        self.evaluated[id(self)] = self
        return super().evaluate(network, loss, split, decoding)

    def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Any:
        if self.evaluated.get(id(self)) is self:
            rows = rows[::-1].copy()
        return super().part(inputs, place, rows)


class InOrder(Sound):
    """The replicate asked for first is what all others get."""

    first: ClassVar[dict[int, Any]] = {}

    def splits(self, replicate: int, head: str) -> Splits:
        task, number = self.first.setdefault(id(self), (self, replicate))
        return super().splits(number if task is self else replicate, head)


class Counting(Sound):
    """What it has evaluated before counts."""

    seen: ClassVar[dict[int, Any]] = {}

    def evaluate(self, network: Any, loss: Loss, split: Any, decoding: Any) -> Evaluation:
        found = super().evaluate(network, loss, split, decoding)
        task, count = self.seen.get(id(self), (self, 0))
        count = count if task is self else 0
        self.seen[id(self)] = self, count + 1
        return Evaluation({**found.metrics, "error": found.metrics["error"] + count})


DEFECTS = {
    OwnSubset: ("independent of the loss", "'softloc' is evaluated on .* samples"),
    OwnScore: ("independent of the loss", "the same output has other metrics for 'softloc'"),
    OwnData: ("independent of the loss", "the train part is another one for 'softloc'"),
    WornSplit: ("no state", r"evaluate\(\) changes the test part"),
    WornTask: ("no state", r"evaluating, for splits\(\), changes the train part"),
    InOrder: ("no state", r"splits\(\) of another replicate changes the train part"),
    Counting: ("no state", "evaluating test data after validation data gives"),
}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
