"""A camera calibrated from corners, and how far these lie from where it would see the board."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tasks.metrics.point_lists import Numbers

MOST = 20
"""Boards of a draw, as published; at most half of the views, where these are fewer than 40."""


@dataclass(frozen=True)
class Reprojection:
    """Mean over draws of the mean over their boards, px; NaN where too few boards are whole.

    Attributes:
        error: the authors' measure, √(Σ d²) / n for n corners.
        rms: root mean square distance, √n times as large.
    """

    error: float
    rms: float


def board_plane(columns: int, rows: int) -> Numbers:
    """``(columns · rows, 3)`` corners of a board of unit squares, row by row."""
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    return np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], 1).astype(np.float64)


def draw_size(views: int) -> int:
    """Boards of a draw."""
    return min(MOST, views // 2)


def reprojection(
    boards: Mapping[int, Numbers],
    views: int,
    pattern: tuple[int, int],
    size: tuple[int, int],
    draws: int,
) -> Reprojection:
    """Calibrate on ``draws`` random sets of whole boards and see how well they fit.

    The sets come from orders of all views that are the same for every method: the first whole
    boards in an order are taken.

    Args:
        boards: corners ``(n, 2)`` by view, of the boards found whole.
        size: width and height of the photographs.
    """
    taken, order = draw_size(views), np.random.Generator(np.random.Philox(0xCA11B))
    errors: list[float] = []
    for _ in range(draws):
        chosen = [view for view in order.permutation(views).tolist() if view in boards][:taken]
        if len(chosen) < max(taken, 1):
            return Reprojection(math.nan, math.nan)
        errors.append(calibration_error([boards[view] for view in chosen], pattern, size))
    error = float(np.mean(errors)) if errors else math.nan
    return Reprojection(error, error * math.sqrt(pattern[0] * pattern[1]))


def calibration_error(
    boards: list[Numbers], pattern: tuple[int, int], size: tuple[int, int]
) -> float:
    """Mean over boards of √(Σ d²) / n after ``cv2.calibrateCamera`` with its default flags.

    Raises:
        ValueError: a corner lies outside of the photograph, as where width and height are swapped.
    """
    import cv2

    reach = np.max([board.max(0) for board in boards], 0)
    if (reach > np.array(size) + 1).any():
        raise ValueError(f"a corner at {reach.round(1)} is outside of {size[0]}×{size[1]} pixels")
    plane = board_plane(*pattern).astype(np.float32)
    seen = [np.ascontiguousarray(board, np.float32).reshape(-1, 1, 2) for board in boards]
    _, camera, distortion, turns, moves = cv2.calibrateCamera(
        [plane] * len(seen), seen, size, None, None
    )
    each = []
    for board, turn, move in zip(seen, turns, moves, strict=True):
        expected, _ = cv2.projectPoints(plane, turn, move, camera, distortion)
        residuals = np.asarray(board - expected, np.float64).reshape(-1, 2)
        each.append(norm_per_corner(residuals))
    return float(np.mean(each))


def norm_per_corner(residuals: Numbers) -> float:
    """√(Σ d²) / n of residuals ``(n, 2)``."""
    return float(np.sqrt((residuals**2).sum()) / len(residuals))
