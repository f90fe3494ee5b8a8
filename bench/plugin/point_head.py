"""Prediction and target of the `points` head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.plugin.on_device import OnDevice

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class PointPrediction(OnDevice):
    """Dense offset regression: candidate points with their probabilities.

    Attributes:
        position: ``(batch, n, dim)``, in cells of the input grid (pixels or frames): cell i covers
            ``[i, i + 1)`` and its centre is at i + 0.5.
        p: ``(batch, n, channel)`` probabilities.
        cell: ``(n, dim)`` lower corner of the cell each candidate lies in, or None when candidates
            may lie anywhere. A candidate never leaves its cell ``[cell, cell + cell_size]``.
        cell_size: side of a cell, in the unit of ``position``.
    """

    position: Tensor
    p: Tensor
    cell: Tensor | None = None
    cell_size: float = 1.0


@dataclass(frozen=True)
class PointTarget(OnDevice):
    """A padded set of labelled points.

    Attributes:
        position: ``(batch, m, dim)`` in the unit of the prediction.
        mask: ``(batch, m)`` bool, True for real points; padding may hold anything, NaN included.
        channel: ``(batch, m)`` integer class of each point; None when there is one class.
        grid: cells along each axis of the input grid. Needed where maps are finer than that grid,
            and checked where given: a map of another size is an error. The `points` head draws no
            map and does not need it.
    """

    position: Tensor
    mask: Tensor
    channel: Tensor | None = None
    grid: tuple[int, ...] | None = None
