"""Cumulative log-sum-exp: torch's bits, and second derivatives where torch's own are NaN."""

from __future__ import annotations

import pytest
import torch

from losses._shared.log_cumsum import log_cumsum_exp

torch.set_num_threads(1)


def draw(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def sparse_weights(*shape, dtype=torch.float64):
    """Of both signs and of one, half of them zero, and all of them."""
    weight = draw(*shape, seed=1, dtype=dtype) * (draw(*shape, seed=2) < 0)
    weight[0] = 0
    weight[1] = weight[1].abs()
    return weight


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1.0, 50.0, 1e5])
def test_value_and_gradient_have_the_bits_of_torch(dtype, scale):
    x = (draw(3, 4, 200, dtype=dtype) * scale).requires_grad_()
    weight = sparse_weights(3, 4, 200, dtype=dtype)
    ours, theirs = log_cumsum_exp(x), torch.logcumsumexp(x, -1)
    assert torch.equal(ours, theirs)
    gradients = [torch.autograd.grad((weight * y).sum(), x)[0] for y in (ours, theirs)]
    assert torch.equal(*gradients)


def test_second_derivatives_where_gradients_are_zero():
    x, weight = draw(3, 7), sparse_weights(3, 7)
    x[:, 2] = x[2, :4] = -1e5  # what cannot be
    torch.autograd.gradgradcheck(lambda x: weight * log_cumsum_exp(x), x.requires_grad_())


def test_second_derivatives_of_the_last_sum_are_those_of_a_softmax():
    x = draw(6)
    hessian = torch.autograd.functional.hessian(lambda x: log_cumsum_exp(x)[-1], x)
    weight = x.softmax(0)
    torch.testing.assert_close(hessian, weight.diag() - weight.outer(weight))
