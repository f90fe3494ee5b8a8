"""The network is a convolution with probabilities."""

from __future__ import annotations

import numpy as np
import torch

from tasks.networks.impulse_filter import ImpulseFilter


def test_it_is_a_convolution() -> None:
    torch.manual_seed(0)
    network = ImpulseFilter(3)
    signal = torch.randn(2, 1, 20)
    expected = [
        np.convolve(one, network.filter.detach().numpy(), "same") for one in signal[:, 0].numpy()
    ]
    np.testing.assert_allclose(network(signal)[:, 0].detach(), expected, atol=1e-5)


def test_of_an_impulse_it_is_the_filter_there() -> None:
    network = ImpulseFilter(3)
    signal = torch.zeros(1, 1, 20)
    signal[..., 8] = 1
    p = network(signal)[0, 0].detach()
    assert torch.equal(p[5:12], network.filter.detach())
    assert p[:5].abs().sum() + p[12:].abs().sum() == 0


def test_before_training_hardly_anything_is_expected() -> None:
    torch.manual_seed(0)
    p = ImpulseFilter(32).filter.detach()
    assert 0.75 < float((1 - p).prod()) < 0.85
