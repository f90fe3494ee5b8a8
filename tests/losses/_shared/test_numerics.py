"""Floored logarithms and widened types: first and second derivatives, at the border, too."""

from __future__ import annotations

import pytest
import torch

from losses._shared.numerics import (
    FLOOR,
    at_least_float32,
    floored_log,
    log_complement,
    log_of_small,
)

torch.set_num_threads(1)


def test_derivatives_of_logarithms():
    p = torch.rand(9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    inside = (0.05 + 0.9 * p).requires_grad_()
    for function in (floored_log, log_complement, log_of_small):
        torch.autograd.gradcheck(function, inside)
        torch.autograd.gradgradcheck(function, inside)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_at_the_border_the_gradient_is_finite_and_constant(dtype):
    p = torch.tensor([0.0, 0.5], dtype=dtype, requires_grad=True)
    (first,) = torch.autograd.grad(floored_log(p).sum(), p, create_graph=True)
    assert first.tolist() == pytest.approx([1 / FLOOR.value, 2.0])
    (second,) = torch.autograd.grad(first.sum(), p)
    assert second.tolist() == [0.0, -4.0]


@pytest.mark.parametrize("function", [floored_log, log_of_small])
def test_second_derivatives_by_logits_where_squares_of_probabilities_underflow(function):
    """log σ(z) has the derivatives σ(-z) and -σ(z) σ(-z)."""
    z = torch.tensor([-66.0, -60.0, -45.0, -3.0, 2.0], requires_grad=True)
    p = torch.sigmoid(z)
    (first,) = torch.autograd.grad((function(p) + z).sum(), z, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), z)
    expected = -torch.sigmoid(z.detach().double()) * torch.sigmoid(-z.detach().double())
    assert first.tolist() == pytest.approx((1 + torch.sigmoid(-z)).tolist())
    torch.testing.assert_close(second.double(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_second_derivatives_pass_through_wider_types(dtype):
    x = torch.tensor([0.5, -2.0], dtype=dtype, requires_grad=True)
    (first,) = torch.autograd.grad(at_least_float32(x).pow(3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.dtype == dtype
    assert second.tolist() == [3.0, -12.0]
