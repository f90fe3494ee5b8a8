"""Discrete heatmap matching against written-out maps and the closed form it approximates."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import losses
from bench.plugin import EventTarget, HeatmapTarget, OptionError, PointTarget
from losses.discrete_heatmap import event_heatmap, label_heatmap
from losses.heatmap_matching import distance

torch.set_num_threads(1)


def scene(grid=(6, 7), batch=2, keypoint=3):
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(batch, keypoint, *grid, generator=g, dtype=torch.float64)
    position = torch.rand(batch, keypoint, len(grid), generator=g, dtype=torch.float64) * 5
    return logits, position


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("grid", [(8,), (6, 8), (4, 6, 4)])
@pytest.mark.parametrize("upsampling", [1, 2])
def test_equals_the_written_out_maps(grid, upsampling):
    logits, position = scene(grid)
    loss = losses.create("discrete_heatmap", bandwidth=1.3, upsampling=upsampling)
    coarse = tuple(size // upsampling for size in grid)
    value = loss(logits, HeatmapTarget(position, grid=coarse))
    for b in range(2):
        errors = []
        for k in range(3):
            total = 0.0
            for cell in np.ndindex(grid):
                centre = (np.array(cell) + 0.5) / upsampling
                goal = math.exp(-((centre - position[b, k].numpy()) ** 2).sum() / 1.3**2)
                total += (sigmoid(logits[b, k][cell].item()) - goal) ** 2
            errors.append(total / upsampling ** len(grid))
        assert value[b].item() == pytest.approx(np.mean(errors), rel=1e-10)


@pytest.mark.parametrize("upsampling", [1, 4])
def test_is_a_riemann_sum_of_the_continuous_distance(upsampling):
    """With both maps far from the border and λ well above a cell, the sum is the integral."""
    g = torch.Generator().manual_seed(1)
    found = 12 + 6 * torch.rand(1, 4, 2, generator=g, dtype=torch.float64)
    truth = 12 + 6 * torch.rand(1, 3, 2, generator=g, dtype=torch.float64)
    p = 0.3 * torch.rand(1, 4, generator=g, dtype=torch.float64)
    grid = torch.Size((30 * upsampling, 30 * upsampling))
    heat = label_heatmap(found, p[:, None], grid, 2.0, upsampling)
    mask = torch.ones(1, 3, dtype=torch.bool)
    loss = losses.create("discrete_heatmap", bandwidth=2.0, upsampling=upsampling)
    value = loss(torch.logit(heat), PointTarget(truth, mask, grid=(30, 30)))
    expected = distance(found, p, truth, mask, 2.0)
    torch.testing.assert_close(value, expected, rtol=1e-7, atol=1e-9)


def test_points_share_maps_by_channel():
    logits, _ = scene(keypoint=2)
    g = torch.Generator().manual_seed(2)
    position = torch.rand(2, 5, 2, generator=g, dtype=torch.float64) * 5
    channel = torch.tensor([[0, 1, 1, 0, 0], [1, 1, 0, 0, 0]])
    mask = torch.tensor([[True] * 4 + [False], [False] * 5])
    position[~mask] = math.nan
    loss = losses.create("discrete_heatmap")
    value = loss(logits, PointTarget(position, mask, channel))
    expected = 0.0
    for c in range(2):
        heat = np.zeros((6, 7))
        for j in range(4):
            if channel[0, j] == c:
                rows, columns = np.mgrid[:6, :7]
                x, y = position[0, j].numpy()
                heat += np.exp(-((rows + 0.5 - x) ** 2 + (columns + 0.5 - y) ** 2) / 2)
        expected += ((sigmoid(logits[0, c].numpy()) - heat) ** 2).sum()
    assert value[0].item() == pytest.approx(expected, rel=1e-10)
    assert value[1].item() == pytest.approx(torch.sigmoid(logits[1]).square().sum().item())
    order = torch.randperm(5)
    shuffled = PointTarget(position[:, order], mask[:, order], channel[:, order])
    torch.testing.assert_close(loss(logits, shuffled), value)


@pytest.mark.parametrize("upsampling", [1, 2, 5])
def test_events_lie_at_the_centres_of_their_bins(upsampling):
    g = torch.Generator().manual_seed(0)
    events = (torch.rand(2, 3, 20, generator=g) < 0.2).double()
    heat = event_heatmap(events, 1.7, upsampling)
    weight = events.flatten(0, 1)[:, None]
    places = (torch.arange(20.0) + 0.5).double().view(1, 20, 1).expand(6, 20, 1)
    expected = label_heatmap(places, weight, torch.Size([20 * upsampling]), 1.7, upsampling)
    torch.testing.assert_close(heat.flatten(0, 1), expected[:, 0], rtol=1e-6, atol=1e-7)
    p = torch.rand(2, 3, 20 * upsampling, generator=g, dtype=torch.float64)
    loss = losses.create("discrete_heatmap", bandwidth=1.7, upsampling=upsampling)
    direct = (p - heat).square().sum(-1).mean(-1) / upsampling
    torch.testing.assert_close(loss(p, EventTarget(events, step=1.0)), direct)
    mask = torch.arange(24).expand(2, -1) < 20
    wide = torch.cat([events, torch.ones(2, 3, 4).double()], -1)
    padded = torch.cat([p, torch.full((2, 3, 4 * upsampling), math.nan).double()], -1)
    torch.testing.assert_close(loss(padded, EventTarget(wide, step=1.0, mask=mask)), direct)


def test_gradcheck():
    logits, position = scene((3, 4))
    loss, target = losses.create("discrete_heatmap"), HeatmapTarget(position)
    assert torch.autograd.gradcheck(lambda x: loss(x, target), logits.requires_grad_())
    events = EventTarget((torch.arange(9) % 4 == 0).double().expand(2, 2, 9), step=1.0)
    p = torch.rand(2, 2, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: loss(x, events), p)


@pytest.mark.parametrize("upsampling", [1, 3])
@pytest.mark.parametrize("dim", [2, 3])
def test_decoders_find_the_place_of_a_gaussian(upsampling, dim):
    place = torch.tensor([[[3.3, 4.8, 5.1][:dim]]], dtype=torch.float64)
    grid = torch.Size([10 * upsampling] * dim)
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    logits = torch.logit(label_heatmap(place, 0.9 * one, grid, 1.5, upsampling), eps=1e-9)
    options = {"bandwidth": 1.5, "upsampling": upsampling}
    fine = losses.create("discrete_heatmap", decoder="gaussian", **options).decode(logits)
    torch.testing.assert_close(fine.position, place, rtol=0, atol=1e-4)
    coarse = losses.create("discrete_heatmap", **options).decode(logits)
    cell = (place * upsampling).floor()
    torch.testing.assert_close(coarse.position, (cell + 0.5) / upsampling)
    assert 0.7 < coarse.p.item() <= 0.9


def test_decoder_takes_overlapping_peaks_one_by_one():
    places = torch.tensor([[[3.7, 4.6], [3.9, 7.3], [12.5, 9.8]]], dtype=torch.float64)
    weight = torch.tensor([[[0.99, 0.9, 0.8]]], dtype=torch.float64)
    heat = label_heatmap(places, weight, torch.Size([16, 16]), 1.5, 1)
    loss = losses.create("discrete_heatmap", decoder="gaussian", bandwidth=1.5, peaks=5)
    decoded = loss.decode(torch.logit(heat, eps=1e-9))
    assert decoded.position.shape == (1, 5, 2)
    assert decoded.p.shape == (1, 5, 1)
    torch.testing.assert_close(decoded.position[:, :3], places, rtol=0, atol=0.3)
    assert (decoded.p[0, :3] > 0.7).all()
    assert (decoded.p[0, 3:] < 0.2).all()


def test_decoder_on_borders_and_flat_maps():
    logits = torch.full((1, 2, 4, 5), -8.0)
    logits[0, 0, 3, 0] = 8.0
    decoded = losses.create("discrete_heatmap", decoder="gaussian").decode(logits)
    assert decoded.position[0, 0].tolist() == [3.5, 0.5]
    assert decoded.position.isfinite().all()
    saturated = losses.create("discrete_heatmap", decoder="gaussian").decode(logits * 1e4)
    assert saturated.position.isfinite().all()


def test_events_decode_to_local_maxima():
    p = torch.tensor([[[0.1, 0.6, 0.9, 0.6, 0.1, 0.0, 0.2, 0.7]]])
    scores = losses.create("discrete_heatmap", pick_radius=2).decode(p)
    expected = torch.zeros(8)
    expected[2], expected[7] = 0.9, 0.7
    torch.testing.assert_close(scores[0, 0], expected)


def test_hostile_inputs():
    logits, position = scene()
    loss = losses.create("discrete_heatmap")
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        leaf = (logits.sign() * 1e4).to(dtype).requires_grad_()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            value = loss(leaf, HeatmapTarget(position.float()))
        assert value.dtype == torch.float32
        assert value.isfinite().all()
        assert torch.autograd.grad(value.sum(), leaf)[0].isfinite().all()
    masked = HeatmapTarget(position * math.nan, torch.zeros(2, 3, dtype=torch.bool))
    assert loss(logits * math.nan, masked).tolist() == [0.0, 0.0]
    empty = PointTarget(torch.zeros(2, 0, 2), torch.zeros(2, 0, dtype=torch.bool))
    assert loss(logits[:, :1].float(), empty).isfinite().all()
    for p in (torch.zeros(2, 1, 9), torch.ones(2, 1, 9), torch.zeros(2, 1, 0)):
        assert loss(p, EventTarget(torch.ones_like(p), step=1.0)).isfinite().all()
    strided = logits.transpose(2, 3).contiguous().transpose(2, 3)
    target = HeatmapTarget(position)
    torch.testing.assert_close(loss(strided, target), loss(logits, target))
    with pytest.raises(OptionError, match="'upsampling' should be greater than or equal to 1"):
        losses.create("discrete_heatmap", upsampling=0)
