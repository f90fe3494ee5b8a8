"""Autograd functions behind `losses._shared.numerics`: gradients that stay finite."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class _Quotient(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, divisor: Tensor) -> Tensor:
        return x / divisor

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(inputs[1], output)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        divisor, result = ctx.saved_tensors
        by_x = _quotient(grad, divisor)
        return by_x, -by_x * result


def _quotient(x: Tensor, divisor: Tensor) -> Tensor:
    """``x / divisor``, whose gradient never holds the square of a small divisor."""
    if not torch.is_grad_enabled():
        return x / divisor
    result: Tensor = _Quotient.apply(x, divisor)  # type: ignore[no-untyped-call]
    return result


class Log(torch.autograd.Function):
    """``log(x)``, whose second derivative is finite where 1 / x² overflows."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.log()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return _quotient(grad, ctx.saved_tensors[0])


class FlooredLog(torch.autograd.Function):
    """``log(max(x, floor))``, with the gradient ``1 / max(x, floor)``."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, floor: float) -> Tensor:
        return x.clamp_min(floor).log_()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, float], output: Tensor) -> None:
        ctx.save_for_backward(inputs[0])
        ctx.floor = inputs[1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        x: Tensor = ctx.saved_tensors[0]
        return _quotient(grad, x.clamp_min(ctx.floor)), None


class Widen(torch.autograd.Function):
    """float32 of half precision, with a gradient that half precision can hold."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.float()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.dtype = inputs[0].dtype

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        largest = torch.finfo(ctx.dtype).max
        return grad.clamp(-largest, largest).to(ctx.dtype)
