"""Both networks: shapes, gradients, start, causality of the recurrent part."""

import pytest
import torch

from tasks.networks.drum_networks import ZERO_MASS, Compact, Thesis, ThesisBranch

NETWORKS = [pytest.param(Compact, 40, id="compact"), pytest.param(Thesis, 80, id="thesis")]


@pytest.mark.parametrize(("cls", "bands"), NETWORKS)
@pytest.mark.parametrize("batch", [1, 3])
def test_probabilities_and_gradients(cls, bands, batch):
    torch.manual_seed(0)
    network = cls(bands, 3, 60)
    p = network(torch.randn(batch, 2 * bands, 60))
    assert p.shape == (batch, 3, 60)
    assert ((p > 0) & (p < 1)).all()
    p.sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


@pytest.mark.parametrize(("cls", "bands"), NETWORKS)
def test_any_length(cls, bands):
    network = cls(bands, 3, 60).eval()
    assert network(torch.randn(2, 2 * bands, 47)).shape == (2, 3, 47)


@pytest.mark.parametrize(("cls", "bands"), NETWORKS)
def test_sees_only_a_few_bins_ahead(cls, bands):
    torch.manual_seed(0)
    network = cls(bands, 3, 60).eval()
    features = torch.randn(1, 2 * bands, 60)
    changed = features.clone()
    changed[:, :, 40:] = 0
    torch.testing.assert_close(network(features)[..., :33], network(changed)[..., :33])


@pytest.mark.parametrize(("cls", "bands"), NETWORKS)
def test_starts_with_few_expected_events(cls, bands):
    torch.manual_seed(0)
    network = cls(bands, 3, 150).eval()
    for output in (m.output for m in network.modules() if hasattr(m, "output")):
        torch.nn.init.zeros_(output.weight)
    empty = (1 - network(torch.randn(2, 2 * bands, 150))).prod(-1)
    torch.testing.assert_close(empty, torch.full_like(empty, ZERO_MASS))


def test_thesis_layout():
    filters = [m.out_channels for m in ThesisBranch(10).modules() if hasattr(m, "out_channels")]
    assert filters == [8, 16, 16, 16, 16, 16]
