"""Calling a loss on a case: its value, and its gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from bench.conformance.case import Case, Draw, Layout
from bench.plugin import Loss

SEED = 20
_GROUPS = 4


def batch_of(loss: Loss, groups: int = _GROUPS) -> int:
    """Rows of a batch with ``groups`` samples, of ``loss.views`` rows each."""
    return groups * loss.views


def usual_case(loss: Loss, layout: Layout, dtype: torch.dtype = torch.float32) -> Case:
    """Random predictions and targets of usual size."""
    return layout.random(Draw(SEED, dtype), batch_of(loss), layout.length)


def value_of(loss: Loss, case: Case, progress: float = 1.0, seed: int = SEED) -> Tensor:
    """Loss per sample; losses that sample draw from torch's global generator, seeded."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return loss(case.pack(*case.tensors), case.target, progress=progress)


def both_passes(loss: Loss, case: Case, progress: float = 1.0) -> tuple[Tensor, list[Tensor]]:
    """Value, and the gradients of its sum by each tensor of the case, zero where it has none."""
    leaves = [tensor.detach().requires_grad_() for tensor in case.tensors]
    value = value_of(loss, case.with_tensors(*leaves), progress)
    if not value.requires_grad:
        return value, [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(value.sum(), leaves, allow_unused=True)
    return value.detach(), [
        torch.zeros_like(leaf) if gradient is None else gradient
        for gradient, leaf in zip(found, leaves, strict=True)
    ]


def gradients_of(loss: Loss, case: Case) -> list[Tensor]:
    """The gradients of `both_passes`."""
    return both_passes(loss, case)[1]


def assert_usable(loss: Loss, case: Case, where: str, progress: float = 1.0) -> Tensor:
    """No NaN in the value, which may be infinite, and a finite gradient; returns the value."""
    value, gradients = both_passes(loss, case, progress)
    rows = len(case.tensors[0])
    assert value.shape == (rows,), f"{where}: shape {tuple(value.shape)} instead of ({rows},)"
    assert not torch.isnan(value).any(), f"{where}: NaN in the loss"
    for gradient in gradients:
        assert torch.isfinite(gradient).all(), f"{where}: gradient not finite"
    return value


def assert_finite(loss: Loss, case: Case, where: str, progress: float = 1.0) -> Tensor:
    """`assert_usable` with a finite value."""
    value = assert_usable(loss, case, where, progress)
    assert torch.isfinite(value).all(), f"{where}: the loss is infinite"
    return value


def close(ours: Tensor, theirs: Tensor, tolerance: float) -> bool:
    """Whether two tensors agree relative to the largest entry, or to 1 where all are smaller."""
    if not ours.numel():
        return ours.shape == theirs.shape
    largest = float(theirs.detach().double().abs().max().clamp(min=1.0))
    difference = (ours.detach().double() - theirs.detach().double()).abs().max()
    return bool(difference <= tolerance * largest)
