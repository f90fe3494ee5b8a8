"""Cumulative log-sum-exp that can be differentiated twice."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def log_cumsum_exp(x: Tensor) -> Tensor:
    """``out[t] = log Σ_{s <= t} exp(x[s])`` along the last axis, with torch's values and gradient.

    torch's own second derivative is NaN wherever a first one is zero.
    """
    result: Tensor = _LogCumSumExp.apply(x)  # type: ignore[no-untyped-call]
    return result


class _LogCumSumExp(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.logcumsumexp(-1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """Σ_{t >= s} grad[t] exp(x[s] - out[t]), of each sign in logarithms, as torch does it."""
        x, total = ctx.saved_tensors
        # 1 in the place of 0, whose logarithm has no derivative
        size = torch.where(grad == 0, 1.0, grad.abs()).log()
        nothing = torch.finfo(grad.dtype).min

        def part(wanted: Tensor) -> Any:
            terms = torch.where(wanted, size, nothing) - total
            return (log_cumsum_exp(terms.flip(-1)).flip(-1) + x).exp()

        gradient: Tensor = part(grad > 0) - part(grad < 0)
        return gradient
