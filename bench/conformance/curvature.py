"""Second derivatives of a loss: right, or refused with an error, but never silently wrong.

A custom backward pass that autograd cannot look into makes the gradient a constant behind
``create_graph=True``, and whoever differentiates it again gets zero, or a part of the truth.
"""

from __future__ import annotations

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout
from bench.conformance.evaluate import SEED, batch_of, gradients_of, value_of
from bench.plugin import Loss

_SMALL = 12  # bins, candidates or cells
_STEPS = {torch.float64: (1e-4, 1e-6), torch.float32: (1e-3, 2e-4)}
"""Steps of finite differences. One must agree: on the way of another there may be a kink."""
_TOLERANCE = {torch.float64: 1e-4, torch.float32: 3e-2}
_ROUNDING = 30.0  # errors of gradients, in units of their type's last place


def second_derivatives(loss: Loss, layout: Layout) -> None:
    """Products of Hessian and direction equal finite differences of gradients, or are refused.

    In float32, too, where another path may be taken.
    """
    for dtype in _STEPS:
        case = layout.random(Draw(SEED, dtype), batch_of(loss, 2), _SMALL)
        along = Draw(SEED + 1, dtype)
        direction = [along.uniform(tuple(tensor.shape), -1.0, 1.0) for tensor in case.tensors]
        try:
            product = _hessian_product(loss, case, direction)
        except RuntimeError:  # what autograd raises for what it cannot differentiate
            continue
        complaints = [_disagreement(product, loss, case, direction, step) for step in _STEPS[dtype]]
        assert not all(complaints), f"{dtype}: {complaints[0]}"


def _hessian_product(loss: Loss, case: Case, direction: list[Tensor]) -> list[Tensor]:
    """By differentiating the gradient, zero where it does not depend on the prediction.

    Raises:
        RuntimeError: the gradient refuses to be differentiated.
    """
    leaves = [tensor.clone().requires_grad_() for tensor in case.tensors]
    value = value_of(loss, case.with_tensors(*leaves)).sum()
    gradients = torch.autograd.grad(value, leaves, create_graph=True, allow_unused=True)
    slope = torch.zeros((), dtype=value.dtype)
    for gradient, own in zip(gradients, direction, strict=True):
        if gradient is not None:
            slope = slope + (gradient * own).sum()
    if not slope.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    return list(torch.autograd.grad(slope, leaves, allow_unused=True, materialize_grads=True))


def _disagreement(
    product: list[Tensor], loss: Loss, case: Case, direction: list[Tensor], step: float
) -> str:
    """What is wrong with ``product`` by central differences of this step; empty if nothing is."""
    ahead, behind = (
        gradients_of(
            loss,
            case.with_tensors(
                *(
                    tensor + side * step * own
                    for tensor, own in zip(case.tensors, direction, strict=True)
                )
            ),
        )
        for side in (1, -1)
    )
    expected = [(a - b) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    largest, steepest = _largest(expected), _largest(ahead)
    dtype = case.tensors[0].dtype
    rounding = _ROUNDING * torch.finfo(dtype).eps * steepest / step
    error = _largest([ours - theirs for ours, theirs in zip(product, expected, strict=True)])
    if error <= _TOLERANCE[dtype] * largest + rounding:
        return ""
    if not _largest(product) and largest:
        return "the graph of the gradient (create_graph=True) does not reach the prediction"
    return f"second derivatives are off by {error:.3g}, where the largest is {largest:.3g}"


def _largest(tensors: list[Tensor]) -> float:
    """Largest absolute value, NaN where any value is."""
    return float(torch.cat([tensor.detach().abs().flatten() for tensor in tensors]).max())
