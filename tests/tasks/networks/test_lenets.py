"""LeNets as published: layers, weights, sizes they take."""

from __future__ import annotations

import pytest
import torch

from tasks.networks.lenets import Architecture, lenet


@pytest.mark.parametrize("architecture", ["lenet_1989", "lenet_5"])
@pytest.mark.parametrize(("channels", "side"), [(1, 16), (1, 32), (3, 32)])
def test_pictures_in_logits_out_and_back(
    architecture: Architecture, channels: int, side: int
) -> None:
    torch.manual_seed(0)
    network = lenet(architecture, channels, side)
    images = torch.rand(2, channels, side, side, requires_grad=True)
    logits = network(images)
    assert logits.shape == (2, 10)
    logits.square().sum().backward()
    assert images.grad is not None
    assert images.grad.flatten(1).any(1).all()


def weights(architecture: Architecture, channels: int, side: int) -> int:
    return sum(weight.numel() for weight in lenet(architecture, channels, side).parameters())


def test_weights_are_as_many_as_published() -> None:
    # LeNet-5 on 32 x 32 in its usual form: 156 + 2,416 + 48,120 + 10,164 + 850.
    assert weights("lenet_5", 1, 32) == 61_706
    # 1989: 312 + 3,612 (each map sees 12) + 5,790 + 310, with one bias a map.
    assert weights("lenet_1989", 1, 16) == 312 + 3_612 + 5_790 + 310
