"""Soft-argmax against sums written out in numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import losses
from bench.plugin import HeatmapTarget

torch.set_num_threads(1)


def scene(grid, batch=2, keypoint=3, seed=0):
    g = torch.Generator().manual_seed(seed)
    logits = torch.randn(batch, keypoint, *grid, generator=g, dtype=torch.float64)
    position = torch.rand(batch, keypoint, len(grid), generator=g, dtype=torch.float64) * 3
    return logits, position


@pytest.mark.parametrize("grid", [(5,), (4, 6), (3, 4, 5)])
def test_equals_the_written_out_sum(grid):
    logits, position = scene(grid)
    value = losses.create("soft_argmax")(logits, HeatmapTarget(position))
    for b in range(2):
        errors = []
        for k in range(3):
            weight = np.exp(logits[b, k].numpy())
            weight /= weight.sum()
            mean = sum(weight[cell] * (np.array(cell) + 0.5) for cell in np.ndindex(grid))
            errors.append(np.abs(mean - position[b, k].numpy()).sum())
        assert value[b].item() == pytest.approx(np.mean(errors), rel=1e-12)


@pytest.mark.parametrize("grid", [(5,), (4, 6), (3, 2, 3)])
def test_gradcheck(grid):
    logits, position = scene(grid)
    loss = losses.create("soft_argmax")
    target = HeatmapTarget(position)
    assert torch.autograd.gradcheck(lambda x: loss(x, target), logits.requires_grad_())


def test_says_nothing_about_the_shape_of_the_map():
    """Two maps of one mean cost the same (figure 1)."""
    narrow, wide = torch.full((1, 1, 5), -1e4), torch.full((1, 1, 5), -1e4)
    narrow[..., 2], wide[..., [0, 4]] = 0.0, 0.0
    loss = losses.create("soft_argmax")
    target = HeatmapTarget(torch.tensor([[[2.5]]]))
    assert loss(narrow, target).item() == pytest.approx(loss(wide, target).item(), abs=1e-6)


def test_masked_keypoints_take_no_part():
    logits, position = scene((4, 6))
    mask = torch.tensor([[True, False, True], [False, False, False]])
    logits[0, 1], position[0, 1], position[1] = math.nan, math.nan, math.nan
    logits.requires_grad_()
    loss = losses.create("soft_argmax")
    value = loss(logits, HeatmapTarget(position, mask))
    sliced = loss(logits[:1, [0, 2]], HeatmapTarget(position[:1, [0, 2]]))
    torch.testing.assert_close(value, torch.cat([sliced, torch.zeros(1)]).double())
    (gradient,) = torch.autograd.grad(value.sum(), logits)
    assert gradient.isfinite().all()
    assert gradient[0, 1].eq(0).all()


@pytest.mark.parametrize("name", ["soft_argmax", "expected_error"])
def test_hostile_inputs(name):
    loss = losses.create(name)
    logits, position = scene((4, 6))
    target = HeatmapTarget(position.float())
    for extreme in (logits.float().sign() * 1e4, torch.zeros(2, 3, 4, 6)):
        extreme.requires_grad_()
        value = loss(extreme, target)
        assert value.isfinite().all()
        assert torch.autograd.grad(value.sum(), extreme)[0].isfinite().all()
    none = HeatmapTarget(torch.zeros(2, 0, 2))
    assert loss(torch.zeros(2, 0, 4, 6), none).tolist() == [0.0, 0.0]
    strided = logits.transpose(0, 1).contiguous().transpose(0, 1)
    torch.testing.assert_close(loss(strided, target), loss(logits, target))
    spoiled = logits.clone()
    spoiled[0, 0, 0, 0] = math.nan
    assert loss(spoiled, target).isnan().tolist() == [True, False]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_under_autocast(dtype):
    logits, position = scene((4, 6))
    half = logits.to(dtype).requires_grad_()
    with torch.autocast("cpu", dtype=dtype):
        value = losses.create("soft_argmax")(half, HeatmapTarget(position.float()))
    exact = losses.create("soft_argmax")(half.double(), HeatmapTarget(position))
    torch.testing.assert_close(value.double(), exact, rtol=1e-5, atol=1e-5)
    assert torch.autograd.grad(value.sum(), half)[0].isfinite().all()


def test_decodes_to_mean_and_peak_mass():
    logits = torch.full((1, 1, 3, 4), -1e4)
    logits[0, 0, 1, 2], logits[0, 0, 2, 2] = math.log(0.75), math.log(0.25)
    for name in ("soft_argmax", "expected_error", "sampling_argmax", "variance_regularized"):
        decoded = losses.create(name).decode(logits)
        torch.testing.assert_close(decoded.position, torch.tensor([[[1.75, 2.5]]]))
        torch.testing.assert_close(decoded.p, torch.tensor([[[0.75]]]))
