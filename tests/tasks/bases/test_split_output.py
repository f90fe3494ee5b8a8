"""Running a network over a split."""

import pytest
import torch
from torch import nn

from bench.plugin import (
    InstanceTarget,
    Loss,
    NotFinite,
    PointPrediction,
    PointTarget,
    TensorSplit,
)
from tasks.bases.split_output import finite, infer


def split_of(n):
    return TensorSplit(torch.arange(n), InstanceTarget(torch.zeros(n, dtype=torch.long)))


@pytest.mark.parametrize("n", [1, 4, 5, 9])
def test_batches_cover_all_samples_in_order(n, recorded, plain):
    network = recorded(torch.arange(float(n))[:, None])
    found = infer(network, plain, split_of(n), 4)
    assert torch.cat(found.outputs).flatten().tolist() == list(range(n))
    assert sum(len(target.count) for target in found.targets) == n
    assert max(map(len, found.outputs)) <= 4
    assert found.seconds > 0


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_left_as_it_was_and_evaluation_sees_no_dropout(training, plain):
    network = nn.Sequential(nn.Flatten(0), nn.Dropout(0.5)).train(training)
    split = TensorSplit(torch.ones(8), InstanceTarget(torch.zeros(8, dtype=torch.long)))
    found = infer(network, plain, split, 8)
    assert found.outputs[0].tolist() == [1.0] * 8
    assert network.training is training
    assert not found.outputs[0].requires_grad


def test_the_mode_is_left_as_it_was_after_an_error(recorded, plain):
    network = recorded([[float("nan")]]).train()
    with pytest.raises(NotFinite, match="1 of 1 values"):
        infer(network, plain, split_of(1), 4)
    assert network.training


def test_nan_that_a_decoder_hides_is_found(recorded, plain):
    class Hiding(type(plain)):
        def decode(self, prediction):
            return torch.nan_to_num(prediction)

    with pytest.raises(NotFinite):
        infer(recorded([[0.5], [float("nan")]]), Hiding(), split_of(2), 4)


def test_what_is_finite():
    inf = float("inf")
    points = PointPrediction(torch.zeros(1, 2, 2), torch.tensor([[[0.5], [inf]]]))
    with pytest.raises(NotFinite, match="1 of 2 values"):
        finite(points)
    logits = torch.tensor([0.0, -inf])
    assert finite(logits, impossible=True) is logits
    for bad in (torch.tensor([inf]), torch.tensor([float("nan")])):
        with pytest.raises(NotFinite):
            finite(bad, impossible=True)
    with pytest.raises(NotFinite):
        finite(logits)


def test_weights_that_are_the_positions_are_read() -> None:
    class Positions(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.position = nn.Parameter(torch.rand(3, 2))

        def forward(self, inputs: torch.Tensor) -> PointPrediction:
            position = self.position.expand(len(inputs), -1, -1)
            return PointPrediction(position, torch.full((len(inputs), 3, 1), 0.5))

    class AsItIs(Loss):
        pass

    split = TensorSplit(torch.zeros(4, 1), PointTarget(torch.zeros(4, 1, 2), torch.ones(4, 1) > 0))
    network = Positions()
    [found] = infer(network, AsItIs(), split, 8).outputs
    assert not found.position.requires_grad
    torch.testing.assert_close(found.position, network.position.detach().expand(4, -1, -1))


def test_a_decoder_of_another_shape_is_told() -> None:
    class Halved(Loss):
        plugin_name = "halved"

        def decode(self, prediction: torch.Tensor) -> torch.Tensor:
            return prediction[..., ::2]

    split = TensorSplit(torch.rand(4, 1, 6), InstanceTarget(torch.zeros(4)))
    network = nn.Sequential(nn.Linear(6, 6), nn.Sigmoid())
    with pytest.raises(ValueError, match=r"'halved' gives scores of shape \(4, 1, 3\)"):
        infer(network, Halved(), split, 8)
