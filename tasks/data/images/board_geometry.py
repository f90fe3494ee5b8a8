"""Where the corners of a board lie in a picture, and what of the board a pixel shows.

A board is measured in squares: its pattern covers ``[0, columns + 1] × [0, rows + 1]``, its inner
corners lie at whole numbers. In pictures pixel i covers ``[i, i + 1)``; x is first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_TABLE = 4096


@dataclass(frozen=True)
class Lens:
    """Radial distortion: a ray at radius r from the centre is seen at r (1 + k1 r² + k2 r⁴).

    Attributes:
        centre: ``(2,)`` in pixels.
        focal: pixels of the radius 1.
        reach: largest radius that is asked for; the distortion has to grow up to there.
    """

    centre: Numbers
    focal: float
    k1: float = 0.0
    k2: float = 0.0
    reach: float = 1.5

    def distort(self, points: Numbers) -> Numbers:
        """Where ideal points ``(…, 2)`` are seen."""
        ray = (points - self.centre) / self.focal
        square = (ray**2).sum(-1, keepdims=True)
        bent = ray * (1 + square * (self.k1 + self.k2 * square))
        return np.asarray(self.centre + self.focal * bent)

    def undistort(self, points: Numbers) -> Numbers:
        """Ideal points of seen ones, to a millionth of a pixel."""
        if not self.k1 and not self.k2:
            return points
        ideal = np.linspace(0.0, self.reach, _TABLE)
        seen = ideal * (1 + ideal**2 * (self.k1 + self.k2 * ideal**2))
        ratio = np.ones(_TABLE)
        np.divide(ideal, seen, out=ratio, where=seen > 0)
        ray = (points - self.centre) / self.focal
        radius = np.sqrt((ray**2).sum(-1))
        return np.asarray(
            self.centre + self.focal * ray * np.interp(radius, seen, ratio)[..., None]
        )

    @property
    def grows(self) -> bool:
        """Whether no two radii up to ``reach`` are seen at the same place."""
        radius = np.linspace(0.0, self.reach, 256)
        slope = 1 + radius**2 * (3 * self.k1 + 5 * self.k2 * radius**2)
        return bool(slope.min() > 0.1)


@dataclass(frozen=True)
class Projection:
    """A flat board in front of a lens.

    Attributes:
        plane: ``(3, 3)`` homography from board squares to ideal pixels.
    """

    plane: Numbers
    lens: Lens

    def seen(self, board: Numbers) -> Numbers:
        """Pixels of points ``(…, 2)`` of the board."""
        return self.lens.distort(through(self.plane, board))

    def shown(self, pixels: Numbers) -> Numbers:
        """Points of the board that are seen at ``(…, 2)`` pixels."""
        return through(np.linalg.inv(self.plane).astype(np.float64), self.lens.undistort(pixels))


def through(plane: Numbers, points: Numbers) -> Numbers:
    """Points ``(…, 2)`` under a homography."""
    x, y = points[..., 0], points[..., 1]
    across, down, depth = (row[0] * x + row[1] * y + row[2] for row in plane)
    return np.stack([across / depth, down / depth], -1)


def inner_corners(columns: int, rows: int) -> Numbers:
    """``(columns · rows, 2)`` in squares, row by row."""
    x, y = np.meshgrid(np.arange(1, columns + 1), np.arange(1, rows + 1))
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float64)


def pixel_grid(height: int, width: int) -> Numbers:
    """``(height, width, 2)`` centres of the pixels."""
    y, x = (np.arange(size) + 0.5 for size in (height, width))
    return np.stack(np.broadcast_arrays(x[None, :], y[:, None]), -1)


def spacing(corners: Numbers, columns: int) -> float:
    """Least distance of neighbouring corners of a board ``(columns · rows, 2)``."""
    grid = corners.reshape(-1, columns, 2)
    along = [np.linalg.norm(np.diff(grid, axis=axis), axis=-1) for axis in (0, 1)]
    return float(min((each.min() for each in along if each.size), default=np.inf))
