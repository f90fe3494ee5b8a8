"""Masks and magnitudes as an attack starts with them."""

from __future__ import annotations

import pytest
import torch

from tasks.networks.perturbations import Perturbations


def test_it_starts_as_published() -> None:
    torch.manual_seed(0)
    found = Perturbations(40, 3, 16)(torch.arange(40)[:, None])
    assert found.p.shape == (40, 16, 16)
    assert found.magnitude.shape == (40, 3, 16, 16)
    no_pixel = (1 - found.p.double()).flatten(1).prod(1)
    assert no_pixel.mean().item() == pytest.approx(0.8, abs=0.005)
    assert found.p.logit().std().item() == pytest.approx(0.1, rel=0.02)
    assert found.magnitude.std().item() == pytest.approx(0.5, rel=0.02)
    assert found.magnitude.mean().item() == pytest.approx(0, abs=0.01)


def test_numbers_run_on_over_replicates_and_attacks_share_nothing() -> None:
    torch.manual_seed(0)
    network = Perturbations(5, 1, 8, unit=0.25)
    found = network(torch.tensor([[3], [13], [4]]))
    assert torch.equal(found.p[0], found.p[1])
    assert not torch.equal(found.p[0], found.p[2])
    torch.testing.assert_close(found.magnitude[2], 0.25 * network.magnitude[4])
    (found.p[2].sum() + found.magnitude[2].sum()).backward()
    assert network.mask.grad is not None
    assert network.mask.grad.flatten(1).any(1).tolist() == [False] * 4 + [True]
