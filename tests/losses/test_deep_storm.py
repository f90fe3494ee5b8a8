"""Deep-STORM's loss against written-out maps, its published scale, and points read from spikes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.signal import fftconvolve

import losses
from bench.plugin import HeatmapTarget, PointTarget
from losses.deep_storm import blurred

torch.set_num_threads(1)


def gaussian(shape, place, width):
    cells = np.indices(shape) + 0.5
    return np.exp(-sum((c - x) ** 2 for c, x in zip(cells, place, strict=True)) / width**2)


@pytest.mark.parametrize("grid", [(9,), (8, 11), (5, 6, 4)])
def test_blurring_is_a_convolution_with_a_gaussian(grid):
    g = torch.Generator().manual_seed(0)
    maps = torch.rand(2, 1, *grid, generator=g, dtype=torch.float64)
    reach = 12
    shape = (2 * reach + 1,) * len(grid)
    kernel = gaussian(shape, (reach + 0.5,) * len(grid), 1.3)
    for found, one in zip(blurred(maps, 1.3), maps, strict=True):
        expected = fftconvolve(one[0].numpy(), kernel, mode="full")
        inside = tuple(slice(reach, reach + size) for size in grid)
        np.testing.assert_allclose(found[0].numpy(), expected[inside], atol=1e-6)


@pytest.mark.parametrize("upsampling", [1, 2])
def test_equals_the_published_loss_up_to_its_scale(upsampling):
    """Mean squared error of maps of 100 G / 2π, spikes of 50 a molecule, and their mean."""
    g = torch.Generator().manual_seed(1)
    logits = torch.randn(1, 1, 12, 16, generator=g, dtype=torch.float64)
    place = torch.tensor([[[2.2, 3.1], [4.4, 1.7]]], dtype=torch.float64)
    width = math.sqrt(2) / upsampling  # a standard deviation of one cell of the map
    loss = losses.create(
        "deep_storm", upsampling=upsampling, bandwidth=width, weight=50 * (2 * math.pi / 100) ** 2
    )
    grid = (12 // upsampling, 16 // upsampling)
    ours = loss(logits, PointTarget(place, torch.ones(1, 2, dtype=torch.bool), grid=grid)).item()
    spikes = 50 / (1 + np.exp(-logits[0, 0].numpy()))
    unit = gaussian((41, 41), (20.5, 20.5), math.sqrt(2)) / (2 * math.pi)  # sums to one
    heat = fftconvolve(spikes, 2 * unit, mode="full")[20:32, 20:36]
    labels = sum(
        gaussian((12, 16), upsampling * one, math.sqrt(2)) / (2 * math.pi)
        for one in place[0].numpy()
    )
    published = np.square(heat - 100 * labels).mean() + np.abs(spikes).mean()
    scale = (2 * math.pi / 100) ** 2 * 12 * 16 / upsampling**2
    assert ours == pytest.approx(scale * published, rel=1e-6)


def test_the_default_weight_is_the_published_one():
    assert losses.create("deep_storm").weight == pytest.approx(
        50 * (2 * math.pi / 100) ** 2, abs=5e-4
    )


def test_one_keypoint_a_map_and_one_point_a_channel_are_the_same():
    g = torch.Generator().manual_seed(2)
    logits = torch.randn(3, 1, 6, 7, generator=g)
    place = 1 + 4 * torch.rand(3, 1, 2, generator=g)
    loss = losses.create("deep_storm")
    several = PointTarget(place, torch.ones(3, 1, dtype=torch.bool))
    torch.testing.assert_close(loss(logits, HeatmapTarget(place)), loss(logits, several))


def test_spikes_are_read_where_they_are():
    """Also two of them next to each other; where many are at one place, the score is one."""
    logits = torch.full((1, 1, 40, 40), -30.0)
    spikes = {(10, 10): 0.9, (10, 14): 0.7, (30, 21): 0.95}
    for (row, column), value in spikes.items():
        logits[0, 0, row, column] = math.log(value / (1 - value))
    loss = losses.create("deep_storm", upsampling=4, bandwidth=math.sqrt(2) / 4, peaks=6)
    found = loss.decode(logits)
    assert found.position.shape == (1, 6, 2)
    places = [tuple(place) for place in (4 * found.position[0] - 0.5).round().int().tolist()]
    assert places[0] == (30, 21)
    assert {(10, 10), (10, 14)} <= set(places)
    assert found.p[0, 0, 0] == pytest.approx(0.95, abs=0.01)
    assert found.p[0, places.index((10, 14)), 0] == pytest.approx(0.7, abs=0.02)
    assert loss.decode(torch.full((1, 1, 40, 40), 5.0)).p.max() == 1.0
