"""Products of truncated polynomials, differentiable any number of times.

Coefficients come first, ``(bin, *rest)``, so that each operation runs over long stretches of
memory: one product of all bins per coefficient. The gradient of a product is a pair of
correlations and that of a correlation a product and a correlation; both are linear in either
operand.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from losses._shared.numerics import values_are_hidden


def multiply(left: Tensor, right: Tensor, bins: int) -> Tensor:
    """First ``bins`` coefficients of the product: ``out[k] = Σ_j left[j] right[k - j]``."""
    if values_are_hidden():
        return _multiply_without_writing(left, right, bins)
    result: Tensor = _Multiply.apply(left, right, bins)  # type: ignore[no-untyped-call]
    return result


def _multiply_without_writing(left: Tensor, right: Tensor, bins: int) -> Tensor:
    """`multiply` with its gradients left to torch, for compilers and function transforms."""
    terms = [left[j] * right[: bins - j] for j in range(min(left.shape[0], bins))]
    placed = [with_bins(torch.cat([_zeros(term, j), term]), bins) for j, term in enumerate(terms)]
    return torch.stack(placed).sum(0)


def correlate(long: Tensor, short: Tensor, bins: int) -> Tensor:
    """First ``bins`` correlations: ``out[j] = Σ_k long[j + k] short[k]``."""
    result: Tensor = _Correlate.apply(long, short, bins)  # type: ignore[no-untyped-call]
    return result


def with_bins(coefficients: Tensor, bins: int) -> Tensor:
    """``coefficients`` with zeros appended up to ``bins``."""
    missing = bins - coefficients.shape[0]
    if missing <= 0:
        return coefficients
    return torch.cat([coefficients, _zeros(coefficients, missing)])


def _zeros(like: Tensor, bins: int) -> Tensor:
    return torch.zeros_like(like[:1]).expand(bins, *like.shape[1:])


class _Multiply(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(left: Tensor, right: Tensor, bins: int) -> Tensor:
        out = with_bins(left[0] * right[:bins], bins)
        for j in range(1, min(left.shape[0], bins)):
            kept = min(right.shape[0], bins - j)
            out[j : j + kept] += left[j] * right[:kept]
        return out

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, int], output: Tensor) -> None:
        ctx.save_for_backward(*inputs[:2])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        left, right = ctx.saved_tensors
        return correlate(grad, right, left.shape[0]), correlate(grad, left, right.shape[0]), None


class _Correlate(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(long: Tensor, short: Tensor, bins: int) -> Tensor:
        out = with_bins(long[:bins] * short[0], bins)
        for k in range(1, min(short.shape[0], long.shape[0])):
            kept = min(bins, long.shape[0] - k)
            out[:kept] += long[k : k + kept] * short[k]
        return out

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, int], output: Tensor) -> None:
        ctx.save_for_backward(*inputs[:2])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        long, short = ctx.saved_tensors
        return multiply(grad, short, long.shape[0]), correlate(long, grad, short.shape[0]), None
