"""Splits in memory, and predictions for all of a split."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from bench.plugin import EventTarget, PointTarget, TensorSplit, predict


def test_a_batch_holds_the_rows_asked_for() -> None:
    events = torch.arange(5.0)[:, None, None].expand(5, 2, 3)
    split = TensorSplit(torch.arange(5.0)[:, None], EventTarget(events, step=0.01))
    inputs, target = split.batch(np.array([4, 1]))
    assert len(split) == 5
    assert inputs.tolist() == [[4.0], [1.0]]
    assert target.events[:, 0, 0].tolist() == [4.0, 1.0]
    assert (target.step, target.mask) == (0.01, None)


def test_all_tensors_of_a_target_are_chosen_alike() -> None:
    place = torch.rand(3, 2, 1)
    mask = torch.tensor([[True, False], [True, True], [False, False]])
    _, target = TensorSplit(torch.zeros(3), PointTarget(place, mask)).batch(np.array([2]))
    assert torch.equal(target.position, place[2:])
    assert torch.equal(target.mask, mask[2:])


@pytest.mark.parametrize("batch_size", [1, 2, 7, 100])
def test_predictions_are_those_of_one_large_batch(batch_size: int) -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5))
    inputs = torch.rand(7, 3)
    split = TensorSplit(inputs, EventTarget(None, step=1.0))
    found = predict(network, split, batch_size)
    assert torch.allclose(found, network[0](inputs))
    assert not found.requires_grad
    assert network.training
