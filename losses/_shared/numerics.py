"""Arithmetic that stays finite at the border: logarithms of zero, gradients of half precision."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from losses._kernels import limits

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class _Floor(NamedTuple):
    value: float
    log: float


FLOOR = _Floor(limits.FLOOR, math.log(limits.FLOOR))


def log_of_small(x: Tensor) -> Tensor:
    """``log(x)``, twice differentiable where 1 / x² overflows: in float32, below 1e-19."""
    from losses._shared.finite_gradients import Log

    result: Tensor = Log.apply(x)  # type: ignore[no-untyped-call]
    return result


def floored_log(x: Tensor, floor: float = FLOOR.value) -> Tensor:
    """``log(max(x, floor))`` with gradient ``1 / max(x, floor)``: a push away from zero, finite."""
    from losses._shared.finite_gradients import FlooredLog

    result: Tensor = FlooredLog.apply(x, floor)  # type: ignore[no-untyped-call]
    return result


def values_are_hidden() -> bool:
    """Whether a compiler or a function transform hides the values of tensors from Python."""
    import torch

    return torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active()


def complement_floor(dtype: torch.dtype) -> float:
    """Least distance from 1 that a probability is read at: half the spacing of floats there.

    Nothing smaller is known of 1 - p, and the gradient 1 / (1 - p) of a p that was rounded to 1
    would swamp the other classes of a softmax.
    """
    import torch

    return torch.finfo(dtype).eps / 2


def log_complement(p: Tensor) -> Tensor:
    """``log(1 - p)``, at least log 2^-24 = -16.6 in float32 (-36.7 in float64)."""
    return floored_log(1 - p, complement_floor(p.dtype))


def at_least_float32(x: Tensor) -> Tensor:
    """``x`` in float32 when it is half precision or bfloat16, with a gradient that cannot overflow.

    A gradient of a logarithm near zero exceeds half precision's 65,504; the infinity would become
    NaN in the sigmoid before it.
    """
    import torch

    if x.dtype in (torch.float16, torch.bfloat16):
        from losses._shared.finite_gradients import Widen

        result: Tensor = Widen.apply(x)  # type: ignore[no-untyped-call]
        return result
    return x
