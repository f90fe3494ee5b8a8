"""Softness: width of the Gaussian filter, from the loss or from the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.plugin import EventTarget

if TYPE_CHECKING:
    from torch import Tensor


def softness_in_bins(softness: float, target: EventTarget) -> float | Tensor:
    """Standard deviation of the filter in bins.

    ``target.softness``, per sample or per sample and channel, replaces the loss's own (thesis
    §5.5.3).
    """
    if target.softness is not None:
        return target.softness / target.step
    return softness / target.step
