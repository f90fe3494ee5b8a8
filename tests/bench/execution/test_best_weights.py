"""The best weights of a training: which are kept, and that the ones tested are those."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import torch
from torch import nn

from bench.execution import trainer
from bench.execution.best_weights import BestWeights
from bench.plugin import Evaluation

from .toys import Toy


@pytest.mark.parametrize(
    ("direction", "values", "kept"),
    [
        ("max", [0.2, 0.9, 0.5], 1),
        ("min", [0.2, 0.9, 0.5], 0),
        ("max", [0.2, 0.9, 0.9], 2),
        ("max", [math.nan, 0.1, math.nan], 1),
        ("min", [math.nan, math.nan, math.nan], 3),
    ],
)
def test_the_best_value_of_those_defined_is_kept_and_of_equals_the_latest(
    direction: Any, values: list[float], kept: int
) -> None:
    network, best = nn.BatchNorm1d(1), BestWeights(direction)
    for number, value in enumerate(values):
        network.weight.data.fill_(number)
        network.running_mean.fill_(number)
        best.see(network, value)
    network.weight.data.fill_(3)
    network.running_mean.fill_(3)
    best.restore(network)
    assert (network.weight.item(), network.running_mean.item()) == (kept, kept)


class Fading(Toy):
    """Best on validation data at its second evaluation; the test is the last one."""

    scores: ClassVar[list[float]] = [0.2, 0.9, 0.5, 0.4]
    seen: ClassVar[list[torch.Tensor]] = []

    def evaluate(self, network: Any, loss: Any, split: Any, decoding: Any) -> Evaluation:
        self.seen.append(network[1].weight.detach().clone())
        score = self.scores[len(self.seen) - 1] if len(self.seen) <= len(self.scores) else 0.0
        return Evaluation({"score": score, "error": 1.0})


@pytest.mark.parametrize(("keep", "tested"), [("best", 1), ("last", 3)])
def test_the_weights_that_are_tested(toy_trial: Callable, keep: str, tested: int) -> None:
    Fading.seen.clear()
    trainer.run(toy_trial(Fading(), steps=8, validations=3, keep=keep))
    during, final = Fading.seen[:-2], Fading.seen[-2:]
    if keep == "last":  # the last step is not validated twice
        during.append(final[0])
    assert len(during) == 4
    assert all(torch.equal(weights, during[tested]) for weights in final)
    assert not torch.equal(during[1], during[3])
