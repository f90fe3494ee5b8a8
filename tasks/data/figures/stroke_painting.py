"""Rounded strokes painted over images, one after the other."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def paint(images: Floats, start: Floats, end: Floats, radius: Floats, light: Floats) -> None:
    """Paint strokes over images, in place and in their order.

    A pixel takes on as much of a stroke's light as the stroke covers of it, about; a stroke thinner
    than a pixel covers a part of it. A stroke of radius 0 is none.

    Args:
        images: ``(n, height, width)``.
        start, end: ``(n, stroke, 2)`` pixels ``(y, x)``: pixel i covers [i, i + 1).
        radius, light: ``(n, stroke)``.
    """
    strokes = (np.ascontiguousarray(part, np.float32) for part in (start, end, radius, light))
    _compiled()(images, *strokes)


def _paint(images: Floats, start: Floats, end: Floats, radius: Floats, light: Floats) -> None:
    half, one = np.float32(0.5), np.float32(1)
    height, width = images.shape[1], images.shape[2]
    for n in range(images.shape[0]):
        for s in range(start.shape[1]):
            if radius[n, s] <= 0:
                continue
            from_y, from_x = start[n, s, 0], start[n, s, 1]
            along_y, along_x = end[n, s, 0] - from_y, end[n, s, 1] - from_x
            square = max(along_x * along_x + along_y * along_y, np.float32(1e-6))
            reach = max(radius[n, s], half) + half
            most = min(2 * radius[n, s], one)
            top = max(0, int(np.floor(min(from_y, end[n, s, 0]) - reach)))
            bottom = min(height, int(np.ceil(max(from_y, end[n, s, 0]) + reach)) + 1)
            left = max(0, int(np.floor(min(from_x, end[n, s, 1]) - reach)))
            right = min(width, int(np.ceil(max(from_x, end[n, s, 1]) + reach)) + 1)
            for row in range(top, bottom):
                for column in range(left, right):
                    y, x = row + half - from_y, column + half - from_x
                    share = (x * along_x + y * along_y) / square
                    share = min(max(share, np.float32(0)), one)
                    y, x = y - share * along_y, x - share * along_x
                    away = np.sqrt(x * x + y * y)
                    cover = most * min(max(reach - away, np.float32(0)), one)
                    images[n, row, column] += cover * (light[n, s] - images[n, row, column])


@functools.cache
def _compiled() -> Callable[..., None]:
    from numba import njit  # loading it takes a second

    compiled: Callable[..., None] = njit(cache=True)(_paint)
    return compiled
