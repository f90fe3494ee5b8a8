"""Outputs and weights that training does not move."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bench.plugin import Loss, TensorSplit, load_file

planted = sys.modules[load_file(Path(__file__).parents[1] / "plugins" / "planted.py")]
Sound = planted.Sound


class Unused(planted.Clicks):
    """A layer that nothing depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(2, 2)


class HalfDead(Sound):
    """Part of its network is never trained."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        return Unused()


class TwoChannels(planted.Clicks):
    """Two channels; the second one has no weights."""

    def forward(self, inputs: Tensor) -> Tensor:
        p = super().forward(inputs)
        return torch.cat([p, 0.3 * torch.ones_like(p)], 1)


class Detached(nn.Module):
    """Candidates whose positions are cut off from the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.candidates = planted.Candidates()

    def forward(self, inputs: Tensor) -> Any:
        found = self.candidates(inputs)
        return planted.PointPrediction(
            found.position.detach(), found.p, found.cell, found.cell_size
        )


class FixedPositions(planted.Points):
    """The positions of its candidates are never trained."""

    def network(self, head: str, loss: Loss) -> nn.Module:
        return Detached()


class Deaf(Sound):
    """Cannot train one of the losses that it does not skip."""

    def augment(self, inputs: Any, target: Any, draw: np.random.Generator) -> tuple[Any, Any]:
        return inputs, planted.EventTarget(None, target.step, known_counts=target.counts)


DEFECTS = {
    HalfDead: ("gradients", "weight unused.bias gets no gradient from any loss .*softloc"),
}


def test_positions_that_no_loss_moves_are_named(findings: Any) -> None:
    assert "position of the output depends on no weight" in findings(FixedPositions)["gradients"]


def test_a_loss_that_fails_on_the_batches_is_named(findings: Any) -> None:
    message = findings(Deaf)["gradients"]
    assert "loss 'cross_entropy' fails on a training batch" in message
    assert "needs event locations" in message


def test_a_constant_channel_does_not_pass_for_a_trained_one(findings: Any) -> None:
    class Stereo(Sound):
        """Two channels."""

        def part(self, inputs: np.ndarray, place: np.ndarray, rows: np.ndarray) -> Any:
            own = super().part(inputs, place, rows)
            both = planted.EventTarget(own.target.events.repeat(1, 2, 1), own.target.step)
            return TensorSplit(own.inputs, both)

        def network(self, head: str, loss: Loss) -> nn.Module:
            return TwoChannels()

    found = findings(Stereo)["gradients"]
    assert found == "channel 1 of the map of the output depends on no weight"


@pytest.mark.usefixtures("registries")
def test_a_loss_of_a_third_party_is_tried_too(findings: Any) -> None:
    @planted.register_loss("constant", heads={"events"}, space={})
    class Constant(Loss):
        """Its gradient is zero."""

        def __call__(self, prediction: Any, target: Any, progress: float = 1.0) -> Tensor:
            return (0 * prediction).sum((1, 2))

    assert findings(Sound) == {"gradients": "the output gets no gradient from 'constant'"}


@pytest.mark.parametrize("cls", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_fails_the_fitting_check_and_no_other(cls: Any, assert_found: Any) -> None:
    assert_found(cls, DEFECTS[cls])
