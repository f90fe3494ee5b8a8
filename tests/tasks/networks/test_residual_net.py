"""Residual networks: as many weights as published, and a 32nd of the image."""

from __future__ import annotations

import pytest
import torch

from tasks.networks.residual_net import ResidualNet


@pytest.mark.parametrize(
    ("layers", "features", "weights"), [(18, 512, 11_176_512), (50, 2048, 23_508_032)]
)
def test_the_published_number_of_weights(layers: int, features: int, weights: int) -> None:
    """11.69 and 25.56 million with the layer of 1,000 classes that is left out here."""
    net = ResidualNet(3, layers)
    assert net.features == features
    assert sum(weight.numel() for weight in net.parameters()) == weights
    with torch.no_grad():
        assert net.eval()(torch.zeros(1, 3, 64, 32)).shape == (1, features, 2, 1)
