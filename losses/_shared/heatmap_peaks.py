"""Reading points from heatmaps: largest values, one after the other, with sub-cell refinement."""

from __future__ import annotations

import torch
from torch import Tensor

_SMALLEST = 1e-6  # a heatmap value below it is noise, and its logarithm no parabola


def refine(maps: Tensor, index: Tensor, grid: torch.Size) -> Tensor:
    """Offsets in [-½, ½] of the tops of Gaussians from the cells that hold their largest values.

    Along each axis, the logarithm of a Gaussian is a parabola, so the three values around the top
    give its place exactly. On the border of the grid the offset is 0.

    Args:
        maps: ``(maps, cells)``, cells in the order of ``grid``.
        index: ``(maps,)`` cell of the largest value.

    Returns:
        ``(maps, dim)``.
    """
    offsets, stride = [], maps.shape[1]
    for size in grid:
        stride //= size
        place = index // stride % size
        inside = (place > 0) & (place < size - 1)
        around = torch.stack([index - stride, index, index + stride], -1).clamp(
            0, maps.shape[1] - 1
        )
        low, top, high = maps.gather(1, around).clamp(min=_SMALLEST).log().unbind(-1)
        curvature = 2 * top - low - high
        offset = (high - low) / (2 * curvature.clamp(min=_SMALLEST))
        offsets.append(torch.where(inside, offset, 0.0).clamp(-0.5, 0.5))
    return torch.stack(offsets, -1)


def gaussian(points: Tensor, grid: torch.Size, bandwidth: float) -> Tensor:
    """``exp(-|x - g|² / bandwidth²)`` of points x ``(maps, dim)``: ``(maps, cells)``.

    g are the centres of the cells, at i + 0.5 along each axis.
    """
    kernel = points.new_ones(len(points), 1)
    for axis, size in enumerate(grid):
        cells = torch.arange(size, dtype=points.dtype, device=points.device) + 0.5
        along = torch.exp(-((points[:, axis, None] - cells) / bandwidth).square())
        kernel = (kernel[:, :, None] * along[:, None, :]).flatten(1)
    return kernel


def find(maps: Tensor, peaks: int, bandwidth: float, refined: bool) -> tuple[Tensor, Tensor]:
    """The ``peaks`` largest points of each map; each is taken off as a Gaussian of height 1.

    Args:
        maps: ``(maps, *grid)`` in [0, 1].
        bandwidth: of the Gaussians, in cells.

    Returns:
        Places ``(maps, peaks, dim)`` in cells, whose centres are at i + 0.5, and values there
        ``(maps, peaks)``.
    """
    grid, rest = maps.shape[1:], maps.flatten(1).clone()
    places, values = [], []
    for _ in range(peaks):
        value, index = rest.max(-1)
        place = torch.stack(torch.unravel_index(index, grid), -1).to(maps.dtype) + 0.5
        if refined:
            place = place + refine(rest, index, grid)
        places.append(place)
        values.append(value.clamp(min=0.0))
        rest -= gaussian(place, grid, bandwidth)
    return torch.stack(places, 1), torch.stack(values, 1)
