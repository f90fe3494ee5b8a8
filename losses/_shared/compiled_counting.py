"""The counting likelihood in compiled code, for autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from losses._shared import product_tree
from losses._shared.second_derivatives import graph_is_wanted, with_graph_of


class LogProb(torch.autograd.Function):
    """Compiled log-probability; the gradient is computed together with the value."""

    @staticmethod
    def forward(ctx: Any, p: Tensor, count: Tensor) -> Tensor:
        value, gradient = _evaluate(p, count, ctx.needs_input_grad[0])
        ctx.save_for_backward(p, count)
        ctx.gradient = gradient
        return value

    @staticmethod
    def backward(ctx: Any, grad_value: Tensor) -> tuple[Tensor, None]:
        # The gradient is scaled in place, which spares the largest allocation of the step; a
        # second pass through a retained graph computes it again.
        gradient, ctx.gradient = ctx.gradient, None
        if gradient is None:
            p, count = ctx.saved_tensors
            _, gradient = _evaluate(p, count, True)
        assert gradient is not None
        scale = grad_value[..., None]
        if graph_is_wanted() and gradient.numel():
            return scale * with_graph_of(_slope(*ctx.saved_tensors), gradient), None
        try:
            return gradient.mul_(scale), None
        except RuntimeError:  # a batch of scales, as in vectorised Jacobians, does not fit in place
            return scale * gradient, None


def _slope(p: Tensor, count: Tensor) -> Tensor:
    """Gradient by ``p`` as a differentiable function of it."""
    value = product_tree.log_prob(p, count).sum()
    return torch.autograd.grad(value, p, create_graph=True)[0]


def _evaluate(p: Tensor, count: Tensor, with_gradient: bool) -> tuple[Tensor, Tensor | None]:
    """Log-probability and, if asked for, its gradient by ``p``."""
    from losses._kernels import denormals  # loads numba on first use, as does
    from losses._kernels import poisson_binomial_kernel as kernels

    n, rows = p.shape[-1], count.numel()
    value = torch.empty(count.shape, dtype=p.dtype)
    gradient = torch.empty(rows if with_gradient else 0, n, dtype=p.dtype)
    if rows:  # the kernels read the first row without looking
        with denormals.flushed():
            kernels.evaluate(
                np.ascontiguousarray(p.detach().numpy()).reshape(rows, n),
                np.ascontiguousarray(count.numpy()).reshape(rows),
                value.numpy().reshape(rows),
                gradient.numpy(),
            )
    return value, gradient.view(p.shape) if with_gradient else None
