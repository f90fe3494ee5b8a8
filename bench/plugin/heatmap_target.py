"""Target of the `heatmap` head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.plugin.on_device import OnDevice

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class HeatmapTarget(OnDevice):
    """One coordinate per keypoint.

    Attributes:
        position: ``(batch, keypoint, dim)`` in cells of the input grid, axis order as the grid's
            axes: cell i covers ``[i, i + 1)`` and its centre is at i + 0.5, whatever the resolution
            of the maps.
        mask: ``(batch, keypoint)`` bool, True where the keypoint is labelled; None means all.
        grid: cells along each axis of the input grid. Needed where maps are finer than that grid,
            and checked where given: a map of another size is an error.
    """

    position: Tensor
    mask: Tensor | None = None
    grid: tuple[int, ...] | None = None
