"""The regularisers of DSNT against scipy and written-out moments."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

import losses
from bench.plugin import HeatmapTarget, OptionError

torch.set_num_threads(1)

NAMES = ("variance_regularized", "gaussian_regularized")


def scene(grid, batch=2, keypoint=2):
    g = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(batch, keypoint, *grid, generator=g, dtype=torch.float64)
    position = 1 + torch.rand(batch, keypoint, len(grid), generator=g, dtype=torch.float64) * 2
    return logits, position


def moments(logits, grid):
    weight = np.exp(logits.numpy())
    weight /= weight.sum()
    cells = np.array(list(np.ndindex(*grid))) + 0.5
    mean = weight.ravel() @ cells
    return weight, cells, mean, weight.ravel() @ (cells - mean) ** 2


@pytest.mark.parametrize("grid", [(6,), (4, 6), (3, 4, 5)])
def test_equal_scipy_and_moments(grid):
    logits, position = scene(grid, keypoint=1)
    target = HeatmapTarget(position)
    variance = losses.create("variance_regularized", sigma=0.8, weight=0.7)(logits, target)
    divergence = losses.create("gaussian_regularized", sigma=0.8, weight=0.7)(logits, target)
    for b in range(2):
        weight, cells, mean, spread = moments(logits[b, 0], grid)
        unit = 2 / np.array(grid)
        label = position[b, 0].numpy()
        error = (np.abs(mean - label) * unit).sum()
        penalty = (((spread - 0.8**2) * unit**2) ** 2).sum()
        assert variance[b].item() == pytest.approx(error + 0.7 * penalty, rel=1e-10)
        goal = np.exp(-((cells - label) ** 2).sum(1) / (2 * 0.8**2))
        penalty = jensenshannon(weight.ravel(), goal / goal.sum()) ** 2
        assert divergence[b].item() == pytest.approx(error + 0.7 * penalty, rel=1e-10)


def test_divergence_vanishes_on_the_gaussian_itself():
    cells = torch.cartesian_prod(torch.arange(9.0), torch.arange(9.0)).double() + 0.5
    label = torch.tensor([4.5, 4.5]).double()
    logits = -(cells - label).square().sum(-1).view(1, 1, 9, 9) / (2 * 1.3**2)
    loss = losses.create("gaussian_regularized", sigma=1.3)
    assert loss(logits, HeatmapTarget(label.view(1, 1, 2))).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_weight_zero_is_soft_argmax_in_scaled_coordinates(name):
    logits, position = scene((4, 4))
    plain = losses.create("soft_argmax")(logits, HeatmapTarget(position))
    value = losses.create(name, weight=0.0)(logits, HeatmapTarget(position))
    torch.testing.assert_close(value, plain / 2)


def gaussian_map(width, cells=64):
    """Logits of a Gaussian map, and a label one cell off its mean along both axes."""
    centre = cells / 2 + 0.2
    squared = (torch.arange(cells, dtype=torch.float64) + 0.5 - centre).square()
    logits = -(squared[:, None] + squared).view(1, 1, cells, cells) / (2 * width**2)
    return logits, HeatmapTarget(torch.tensor([[[centre + 1, centre - 1]]], dtype=torch.float64))


def slopes(name, width, **options):
    """Norms of the gradients of the location error and of the weighted penalty."""
    logits, target = gaussian_map(width)
    logits.requires_grad_()
    location, both = (
        torch.autograd.grad(losses.create(name, **chosen)(logits, target).sum(), logits)[0]
        for chosen in ({"weight": 0.0}, options)
    )
    return location.norm().item(), (both - location).norm().item()


@pytest.mark.parametrize(
    ("name", "stated"), [("variance_regularized", 1.8), ("gaussian_regularized", 2.4)]
)
def test_the_default_penalty_acts_on_a_wide_map(name, stated):
    """At a map 6 cells wide on 64 × 64, its gradient is of the order of the main term's."""
    location, penalty = slopes(name, 6.0)
    assert penalty / location == pytest.approx(stated, abs=0.05)
    assert f"{stated} times that of" in " ".join(type(losses.create(name)).__doc__.split())


def test_the_gradient_of_the_variance_penalty_is_that_of_gaussian_moments():
    """By a logit: 2 β (s² - σ²) u⁴ π ((x - μ)² + (y - ν)² - 2 s²), s² the variance of an axis."""
    width, unit = 6.0, 2 / 64
    location, penalty = slopes("variance_regularized", width, weight=50.0)
    cell = np.arange(64) + 0.5 - 32.2
    density = np.exp(-(cell**2) / (2 * width**2))
    density /= density.sum()
    weight, squared = np.outer(density, density), cell[:, None] ** 2 + cell**2
    expected = 2 * 50 * (width**2 - 1) * unit**4 * weight * (squared - 2 * width**2)
    assert penalty == pytest.approx(np.linalg.norm(expected), rel=1e-3)
    expected = unit * weight * (cell - cell[:, None])
    assert location == pytest.approx(np.linalg.norm(expected), rel=1e-3)
    _, weak = slopes("variance_regularized", width, weight=1.0)
    assert weak < 0.02 * location


@pytest.mark.parametrize("name", NAMES)
def test_default_weights_narrow_a_wide_map(name):
    """Along the loss's own gradient the maps narrow, as they do not by soft-argmax alone."""
    logits, target = gaussian_map(6.0)
    spreads = []
    for options in ({"weight": 0.0}, {}):
        loss, leaf = losses.create(name, **options), logits.clone().requires_grad_()
        optimizer = torch.optim.Adam([leaf], lr=0.05)
        for _ in range(60):
            optimizer.zero_grad()
            loss(leaf, target).sum().backward()
            optimizer.step()
        spreads.append(moments(leaf.detach()[0, 0], (64, 64))[3].sum())
    assert spreads[1] < 0.6 * spreads[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("grid", [(5,), (3, 4)])
def test_gradcheck(name, grid):
    logits, position = scene(grid)
    loss, target = losses.create(name), HeatmapTarget(position)
    assert torch.autograd.gradcheck(lambda x: loss(x, target), logits.requires_grad_())


@pytest.mark.parametrize("name", NAMES)
def test_hostile_inputs(name):
    loss = losses.create(name)
    logits, position = scene((4, 6))
    for extreme in (logits.sign() * 1e4, torch.zeros_like(logits)):
        for dtype in (torch.float32, torch.bfloat16):
            leaf = extreme.to(dtype).requires_grad_()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
                value = loss(leaf, HeatmapTarget(position.float()))
            assert value.isfinite().all()
            assert torch.autograd.grad(value.sum(), leaf)[0].isfinite().all()
    far = HeatmapTarget(torch.full((2, 2, 2), 1e3))
    assert loss(logits.float(), far).isfinite().all()
    masked = HeatmapTarget(torch.full((2, 2, 2), float("nan")), torch.zeros(2, 2, dtype=torch.bool))
    assert loss(logits, masked).tolist() == [0.0, 0.0]
    strided = logits.transpose(2, 3).contiguous().transpose(2, 3)
    torch.testing.assert_close(
        loss(strided, HeatmapTarget(position)), loss(logits, HeatmapTarget(position))
    )


def test_options_are_checked():
    with pytest.raises(OptionError, match="'sigma' should be greater than 0 cell, got 0"):
        losses.create("variance_regularized", sigma=0.0)
