"""The likelihood of noisy labels in compiled code, for autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from losses._shared import misaligned_labels
from losses._shared.numerics import complement_floor
from losses._shared.second_derivatives import graph_is_wanted, with_graph_of


class LogLikelihood(torch.autograd.Function):
    """Compiled log-likelihood; the gradient is computed together with the value."""

    @staticmethod
    def forward(ctx: Any, p: Tensor, events: Tensor, sigma: float) -> Tensor:
        value, gradient = _evaluate(p, events, sigma, ctx.needs_input_grad[0])
        ctx.save_for_backward(p, events, gradient)
        ctx.sigma = sigma
        return value

    @staticmethod
    def backward(ctx: Any, grad_value: Tensor) -> tuple[Tensor, None, None]:
        p, events, gradient = ctx.saved_tensors
        if graph_is_wanted() and p.numel():
            gradient = with_graph_of(_slope(p, events, ctx.sigma), gradient)
        return grad_value[..., None] * gradient, None, None


def _slope(p: Tensor, events: Tensor, sigma: float) -> Tensor:
    """Gradient by ``p`` as a differentiable function of it."""
    value = misaligned_labels.log_likelihood(p, events, sigma).sum()
    return torch.autograd.grad(value, p, create_graph=True)[0]


def _evaluate(
    p: Tensor, events: Tensor, sigma: float, with_gradient: bool
) -> tuple[Tensor, Tensor | None]:
    """Log-likelihood and, if asked for, its gradient by ``p``."""
    from losses._kernels import denormals  # loads numba on first use, as does
    from losses._kernels import misaligned_labels_kernel as kernels

    n, shape = p.shape[-1], p.shape[:-1]
    rows = shape.numel()
    value = p.new_empty(shape)
    gradient = p.new_empty(rows if with_gradient else 0, n)
    shift = torch.arange(-n, n, dtype=torch.float64)
    with denormals.flushed():
        kernels.evaluate(
            np.ascontiguousarray(p.detach().numpy()).reshape(rows, n),
            np.ascontiguousarray(events.detach().numpy()).reshape(rows, n),
            misaligned_labels.log_noise(shift, sigma).numpy(),
            misaligned_labels.IMPOSSIBLE,
            complement_floor(p.dtype),
            value.numpy().reshape(rows),
            gradient.numpy(),
        )
    return value, gradient.view(p.shape) if with_gradient else None
