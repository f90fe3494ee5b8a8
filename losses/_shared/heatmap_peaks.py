"""Reading points from heatmaps: largest values, one after the other, with sub-cell refinement."""

from __future__ import annotations

import math

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


def find(maps: Tensor, peaks: int, bandwidth: float, refined: bool) -> tuple[Tensor, Tensor]:
    """The ``peaks`` largest points of each map; each is taken off as a Gaussian of height 1.

    Gaussians end 4.5 bandwidths from their centre, where they are below 2e-9.

    Args:
        maps: ``(maps, *grid)`` of sums of Gaussians of height 1, whose centres are the points.
        bandwidth: of the Gaussians, in cells.

    Returns:
        Places ``(maps, peaks, dim)`` in cells, whose centres are at i + 0.5, and values there
        ``(maps, peaks)``.
    """
    grid = maps.shape[1:]
    lines = maps.reshape(len(maps), -1, grid[-1]).clone()  # along the last axis
    largest = lines.amax(-1)  # of each line
    places, values = [], []
    for _ in range(peaks):
        line = largest.argmax(-1, keepdim=True)
        value, column = _rows(lines, line).squeeze(1).max(-1)
        index = line.squeeze(1) * grid[-1] + column
        place = torch.stack(torch.unravel_index(index, grid), -1).to(maps.dtype) + 0.5
        if refined:
            place = place + refine(lines.flatten(1), index, grid)
        places.append(place)
        values.append(value.clamp(min=0.0))
        _take_off(lines, largest, place, grid, bandwidth)
    return torch.stack(places, 1), torch.stack(values, 1)


def _rows(lines: Tensor, index: Tensor) -> Tensor:
    """Lines ``(maps, some, size)`` of each map by their index ``(maps, some)``."""
    return lines.gather(1, index[..., None].expand(-1, -1, lines.shape[-1]))


def _take_off(
    lines: Tensor, largest: Tensor, place: Tensor, grid: torch.Size, bandwidth: float
) -> None:
    """Subtract a Gaussian at ``place (maps, dim)`` from ``lines``, and renew ``largest``."""
    index = torch.zeros(len(place), 1, dtype=torch.long, device=place.device)
    weight = place.new_ones(len(place), 1)
    for axis, size in enumerate(grid[:-1]):
        cells, along = _window(place[:, axis], size, bandwidth)
        index = (index[:, :, None] * size + cells[:, None, :]).flatten(1)
        weight = (weight[:, :, None] * along[:, None, :]).flatten(1)
    columns = torch.arange(grid[-1], dtype=place.dtype, device=place.device) + 0.5
    across = torch.exp(-((place[:, -1:] - columns) / bandwidth).square())
    touched = _rows(lines, index) - weight[:, :, None] * across[:, None, :]
    lines.scatter_(1, index[..., None].expand_as(touched), touched)
    largest.scatter_(1, index, touched.amax(-1))


def _window(place: Tensor, size: int, bandwidth: float) -> tuple[Tensor, Tensor]:
    """Cells ``(maps, window)`` around a place along an axis, and the Gaussian at their centres."""
    width = min(size, 2 * math.ceil(4.5 * bandwidth) + 1)
    first = (place.floor().long() - width // 2).clamp(0, size - width)
    cells = first[:, None] + torch.arange(width, device=place.device)
    return cells, torch.exp(-((place[:, None] - cells - 0.5) / bandwidth).square())
