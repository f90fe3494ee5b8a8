"""Arithmetic that stays finite at the border: logarithms of zero, gradients of half precision."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from losses._kernels import limits


class _Floor(NamedTuple):
    value: float
    log: float


FLOOR = _Floor(limits.FLOOR, math.log(limits.FLOOR))


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


class _Log(torch.autograd.Function):
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


def log_of_small(x: Tensor) -> Tensor:
    """``log(x)``, twice differentiable where 1 / x² overflows: in float32, below 1e-19."""
    result: Tensor = _Log.apply(x)  # type: ignore[no-untyped-call]
    return result


class _FlooredLog(torch.autograd.Function):
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


def floored_log(x: Tensor, floor: float = FLOOR.value) -> Tensor:
    """``log(max(x, floor))`` with gradient ``1 / max(x, floor)``: a push away from zero, finite."""
    result: Tensor = _FlooredLog.apply(x, floor)  # type: ignore[no-untyped-call]
    return result


def values_are_hidden() -> bool:
    """Whether a compiler or a function transform hides the values of tensors from Python."""
    return torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active()


def complement_floor(dtype: torch.dtype) -> float:
    """Least distance from 1 that a probability is read at: half the spacing of floats there.

    Nothing smaller is known of 1 - p, and the gradient 1 / (1 - p) of a p that was rounded to 1
    would swamp the other classes of a softmax.
    """
    return torch.finfo(dtype).eps / 2


def log_complement(p: Tensor) -> Tensor:
    """``log(1 - p)``, at least log 2^-24 = -16.6 in float32 (-36.7 in float64)."""
    return floored_log(1 - p, complement_floor(p.dtype))


class _Widen(torch.autograd.Function):
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


def at_least_float32(x: Tensor) -> Tensor:
    """``x`` in float32 when it is half precision or bfloat16, with a gradient that cannot overflow.

    A gradient of a logarithm near zero exceeds half precision's 65,504; the infinity would become
    NaN in the sigmoid before it.
    """
    if x.dtype in (torch.float16, torch.bfloat16):
        result: Tensor = _Widen.apply(x)  # type: ignore[no-untyped-call]
        return result
    return x
