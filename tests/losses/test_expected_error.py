"""Expected error against the sum over cells, and the form of its gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import losses
from bench.plugin import HeatmapTarget

torch.set_num_threads(1)


@pytest.mark.parametrize("grid", [(5,), (4, 6), (3, 4, 5)])
def test_equals_the_sum_over_cells(grid):
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 1, *grid, generator=g, dtype=torch.float64)
    position = torch.rand(2, 1, len(grid), generator=g, dtype=torch.float64) * 3
    value = losses.create("expected_error")(logits, HeatmapTarget(position))
    for b in range(2):
        weight = np.exp(logits[b, 0].numpy())
        weight /= weight.sum()
        error = sum(
            weight[cell] * np.abs(np.array(cell) + 0.5 - position[b, 0].numpy()).sum()
            for cell in np.ndindex(grid)
        )
        assert value[b].item() == pytest.approx(error, rel=1e-12)


def test_gradient_is_the_score_function_form():
    """Eq 5 with the softmax's own score: ∂L/∂l_i = π_i (d_i - L)."""
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(1, 1, 7, generator=g, dtype=torch.float64).requires_grad_()
    value = losses.create("expected_error")(logits, HeatmapTarget(torch.tensor([[[2.3]]]).double()))
    (gradient,) = torch.autograd.grad(value.sum(), logits)
    probability = logits.detach().flatten().softmax(0)
    distance = (torch.arange(7).double() + 0.5 - torch.tensor(2.3).double()).abs()
    expected = probability * (distance - (probability * distance).sum())
    torch.testing.assert_close(gradient.flatten(), expected, rtol=1e-6, atol=1e-7)


def test_gradcheck_and_mask():
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 4, 5, generator=g, dtype=torch.float64)
    position = torch.rand(2, 3, 2, generator=g, dtype=torch.float64) * 3
    mask = torch.tensor([[True, False, True], [False, False, False]])
    position[~mask] = float("nan")
    loss, target = losses.create("expected_error"), HeatmapTarget(position, mask)
    assert torch.autograd.gradcheck(lambda x: loss(x, target), logits.requires_grad_())
    sliced = loss(logits[:1, [0, 2]], HeatmapTarget(position[:1, [0, 2]]))
    torch.testing.assert_close(loss(logits, target), torch.cat([sliced, sliced.new_zeros(1)]))
