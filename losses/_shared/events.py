"""What losses of the `events` head share: reading predictions and labels behind a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.plugin import EventTarget
from losses._shared.numerics import at_least_float32

if TYPE_CHECKING:
    from torch import Tensor


def probabilities(prediction: Tensor, target: EventTarget) -> Tensor:
    """Predicted probabilities ``(batch, channel, time)``, at least float32, 0 on padding."""
    return target.masked(at_least_float32(prediction))


def labels(target: EventTarget, like: Tensor) -> Tensor:
    """Labelled events ``(batch, channel, time)`` in the type of ``like``, 0 on padding."""
    return target.located.to(like.dtype)


def sum_over_time(terms: Tensor, target: EventTarget) -> Tensor:
    """Loss per sample: ``terms (batch, channel, time)`` summed over real bins, channel mean."""
    return target.masked(terms).sum(-1).mean(-1)
