"""Networks of the puff task: size, initial gates, and that they look back only (trap 15)."""

import pytest
import torch

from tasks.data.sensors.sessions import FEATURES
from tasks.networks.puff_networks import LinearPuffs, PuffLSTM

NETWORKS = [PuffLSTM, LinearPuffs]


def cycles(batch=3, length=60):
    return torch.randn(batch, length, FEATURES, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", NETWORKS)
def test_outputs_are_probabilities_of_one_channel(kind):
    p = kind(FEATURES)(cycles())
    assert p.shape == (3, 1, 60)
    assert p.min() > 0
    assert p.max() < 1


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("length", [1, 17, 59])
def test_a_prefix_has_the_outputs_of_the_whole_sequence_up_to_its_end(kind, length):
    network = kind(FEATURES).eval()
    with torch.no_grad():
        whole, prefix = network(cycles()), network(cycles()[:, :length])
    # matrix products of another number of rows may round differently
    assert torch.allclose(whole[..., :length], prefix, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", NETWORKS)
def test_what_lies_behind_a_sequence_and_other_sequences_do_not_matter(kind):
    network = kind(FEATURES).eval()
    padded = torch.cat([cycles(), torch.full((3, 40, FEATURES), 7.0)], dim=1)
    with torch.no_grad():
        alone = network(cycles()[:1])
        assert torch.allclose(network(padded)[:1, :, :60], alone, atol=1e-6)


def test_the_lstm_is_the_published_one():
    network = PuffLSTM(FEATURES)
    sizes = [tuple(weight.shape) for weight in network.parameters()]
    assert sizes == [(14, 37), (14,), (56, 14), (56, 14), (56,), (56,), (1, 14), (1,)]
    gates = (network.recurrent.bias_ih_l0 + network.recurrent.bias_hh_l0).view(4, 14)
    assert gates.mean(1).tolist() == [0, 1, 0, 0]  # input, forget, cell, output
    assert network.dropout.p == 0.5


def test_the_linear_model_sees_its_own_cycle_alone():
    network = LinearPuffs(FEATURES)
    inputs = cycles().requires_grad_()
    network(inputs)[0, 0, 30].backward()
    assert inputs.grad[0].abs().sum(1).nonzero().flatten().tolist() == [30]
    assert sum(weight.numel() for weight in network.parameters()) == FEATURES + 1
