"""Networks of the microscopy task: shapes, cells, biases, fine maps."""

import numpy as np
import pytest
import torch

from tasks.networks.microscopy_networks import (
    BIAS,
    POINTS,
    Candidates,
    CompactFineMap,
    DeepStormNetwork,
    PixelMap,
)

torch.set_num_threads(1)
ARCHITECTURES = ["compact", "thesis"]


def silent(network):
    for weight in network.parameters():
        weight.data.zero_()
    return network


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("shape", [(8, 8), (9, 7)])
def test_candidates_cover_their_pixels_and_nothing_else(architecture, shape):
    network = silent(Candidates(architecture))
    found = network(torch.rand(2, 1, *shape))
    rows, columns = np.indices(shape)
    centres = np.stack([rows, columns], -1).reshape(-1, 2) + 0.5
    for k in range(POINTS):
        own = found.position[0, k * len(centres) : (k + 1) * len(centres)]
        np.testing.assert_allclose(own.detach().numpy(), centres)
    assert found.cell.shape == (POINTS * len(centres), 2)
    assert found.p.shape == (2, POINTS * len(centres), 1)
    # the last half pixel is reachable
    for weight in network.parameters():
        weight.data.fill_(50.0)
    assert network(torch.ones(1, 1, *shape)).position.amax(1)[0].tolist() == list(map(float, shape))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_output_belongs_to_the_pixel_that_it_stands_for(architecture):
    """A spot moved by two pixels moves the output by two pixels."""
    torch.manual_seed(0)
    network = PixelMap(architecture)
    image = torch.zeros(1, 1, 32, 32)
    image[0, 0, 12, 16] = 5.0
    with torch.no_grad():
        here, there = (network(one) for one in (image, image.roll(2, 3)))
    torch.testing.assert_close(there[..., 8:24, 10:26], here[..., 8:24, 8:24], rtol=0, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_candidates_are_unlikely_at_first(architecture):
    torch.manual_seed(0)
    with torch.no_grad():
        p = Candidates(architecture)(torch.zeros(1, 1, 16, 16)).p
        pixels = PixelMap(architecture)(torch.zeros(1, 1, 16, 16))
        fine = CompactFineMap(4)(torch.zeros(1, 1, 16, 16))
    low = 1 / (1 + np.exp(-BIAS))
    assert p.mean().item() == pytest.approx(low, abs=0.03)
    assert pixels.mean().item() == pytest.approx(BIAS, abs=0.5)
    # Sixteen cells share the probability of a pixel.
    assert np.exp(fine.mean().item()) * 16 == pytest.approx(np.exp(BIAS), rel=0.5)


def test_candidates_of_one_pixel_see_the_same_but_are_two():
    torch.manual_seed(0)
    with torch.no_grad():
        found = Candidates("compact")(torch.rand(1, 1, 8, 8)).position[0]
    first, second = found[:64], found[64:]
    assert (first.floor() == second.floor()).all()
    assert (first != second).any(1).all()


@pytest.mark.parametrize("shape", [(16, 16), (9, 10)])
def test_fine_maps_have_cells_of_an_eighth_of_a_pixel(shape):
    found = CompactFineMap(8)(torch.rand(2, 1, *shape))
    assert found.shape == (2, 1, 8 * shape[0], 8 * shape[1])


def test_the_published_network_forward_and_backward():
    torch.manual_seed(0)
    network = DeepStormNetwork(8)
    found = network(torch.rand(2, 1, 6, 6))
    assert found.shape == (2, 1, 48, 48)
    found.square().sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())
    assert sum(weight.numel() for weight in network.parameters()) > 1_000_000
