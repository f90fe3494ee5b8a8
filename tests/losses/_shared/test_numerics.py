"""Floored logarithms and widened types: first and second derivatives, at the border, too."""

from __future__ import annotations

import pytest
import torch

from losses._shared.numerics import FLOOR, at_least_float32, floored_log, log_complement

torch.set_num_threads(1)


def test_derivatives_of_logarithms():
    p = torch.rand(9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    inside = (0.05 + 0.9 * p).requires_grad_()
    for function in (floored_log, log_complement):
        torch.autograd.gradcheck(function, inside)
        torch.autograd.gradgradcheck(function, inside)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_at_the_border_the_gradient_is_finite_and_constant(dtype):
    p = torch.tensor([0.0, 0.5], dtype=dtype, requires_grad=True)
    (first,) = torch.autograd.grad(floored_log(p).sum(), p, create_graph=True)
    assert first.tolist() == pytest.approx([1 / FLOOR.value, 2.0])
    (second,) = torch.autograd.grad(first.sum(), p)
    assert second.tolist() == [0.0, -4.0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_second_derivatives_pass_through_wider_types(dtype):
    x = torch.tensor([0.5, -2.0], dtype=dtype, requires_grad=True)
    (first,) = torch.autograd.grad(at_least_float32(x).pow(3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.dtype == dtype
    assert second.tolist() == [3.0, -12.0]
