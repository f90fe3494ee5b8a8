"""What the search minimises: it falls with the probability of the true class."""

from __future__ import annotations

import math

import torch

import losses
from bench.plugin import AttackPrediction, AttackTarget


def test_its_value_is_that_of_the_true_class_and_it_trains_nothing() -> None:
    loss = losses.create("differential_evolution", pixels=3)
    assert not loss.trains
    assert loss.pixels == 3
    image = torch.zeros(2, 1, 2, 2, dtype=torch.float64)
    p = torch.tensor([[[1.0, 0.0], [0.5, 0.0]]] * 2, dtype=torch.float64)
    magnitude = torch.tensor([3.0, -3.0], dtype=torch.float64).view(2, 1, 1, 1).expand(2, 1, 2, 2)

    def classifier(images: torch.Tensor) -> torch.Tensor:
        total = images.sum((1, 2, 3))
        return torch.stack([total, torch.zeros_like(total)], -1)

    target = AttackTarget(image, torch.tensor([0, 0]), classifier)
    value = loss(AttackPrediction(p, magnitude), target)
    own = [1 / (1 + math.exp(-total)) for total in (4.5, -4.5)]
    expected = torch.tensor([-math.log(1 - one) for one in own], dtype=torch.float64)
    torch.testing.assert_close(value, expected)
    assert value[1] < value[0]
