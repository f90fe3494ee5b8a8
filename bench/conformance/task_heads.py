"""Whether a network's output and the task's target have the form of a head."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bench.plugin import HEADS, Head, Mismatch, PointPrediction
from bench.plugin.loss_input import expect_probabilities, tensors_of


def assert_fits(head: str, prediction: Any, target: Any, batch: int, upsampling: int = 1) -> None:
    """Raise AssertionError unless ``prediction`` fits ``target`` and both have the head's form.

    Args:
        upsampling: `Loss.upsampling_factor` of the loss that the network was made for.
    """
    try:
        _check(HEADS[head], prediction, target, batch, upsampling)
    except Mismatch as mismatch:
        raise AssertionError(str(mismatch)) from None


def _check(head: Head, prediction: Any, target: Any, batch: int, upsampling: int) -> None:
    if not head.takes(target):
        raise Mismatch("target", f"is {type(target).__name__}", head.target_names)
    if not head.gives(prediction):
        raise Mismatch("the output", f"is {type(prediction).__name__}", head.prediction_name)
    for tensor in tensors_of(prediction):
        finite = not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())
        assert finite, "the output is not finite"
    head.check(prediction, target, upsampling)
    if head.probabilities is not None:
        expect_probabilities(head, head.probabilities(prediction, target))
    first = prediction if isinstance(prediction, Tensor) else next(iter(tensors_of(prediction)))
    assert len(first) == batch, f"an output of shape {tuple(first.shape)} for {batch} samples"
    if isinstance(prediction, PointPrediction) and prediction.cell is not None:
        offset = prediction.position - prediction.cell
        inside = (offset >= -1e-4) & (offset <= prediction.cell_size + 1e-4)
        assert inside.all(), "candidates leave their cells"
