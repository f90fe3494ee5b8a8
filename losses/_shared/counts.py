"""Reading instances and their labelled counts from any head that can be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.plugin import EventTarget, InstanceTarget, PointPrediction, PointTarget
from losses._shared.events import probabilities
from losses._shared.numerics import at_least_float32

if TYPE_CHECKING:
    from torch import Tensor

Countable = EventTarget | InstanceTarget | PointTarget


def instances(prediction: Tensor | PointPrediction, target: Countable) -> Tensor:
    """Probabilities of the instances, ``(batch, channel, n)``, at least float32, 0 on padding.

    The `instances` head has one channel.
    """
    if isinstance(prediction, PointPrediction):
        return at_least_float32(prediction.p).transpose(1, 2)
    if isinstance(target, EventTarget):
        return probabilities(prediction, target)
    if not isinstance(target, InstanceTarget):
        raise TypeError(f"a tensor of probabilities has no counts in {type(target).__name__}")
    p = at_least_float32(prediction)
    return (p if target.mask is None else p.masked_fill(~target.mask, 0.0))[:, None]


def labelled_counts(target: Countable, channels: int) -> Tensor:
    """Labelled counts, ``(batch, channel)`` integers."""
    if isinstance(target, EventTarget):
        return target.counts
    if isinstance(target, InstanceTarget):
        return target.count[:, None]
    if target.channel is None:
        if channels != 1:
            raise ValueError(f"points need a channel: the prediction has {channels} channels")
        return target.mask.sum(-1, keepdim=True)
    present = target.mask.long()
    counts = present.new_zeros(len(present), channels)
    # padding may hold any channel, valid or not
    return counts.scatter_add(1, target.channel.masked_fill(~target.mask, 0), present)
