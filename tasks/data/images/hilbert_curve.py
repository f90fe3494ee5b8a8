"""Hilbert's space-filling curve (1891): a path through all cells of a square, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def hilbert_curve(order: int) -> NDArray[np.int64]:
    """``(4 ** order, 2)`` row and column of each cell of a square, in the order of the path.

    Consecutive cells share a side. The path begins in the first cell of the first row and ends in
    the last one of that row.

    Args:
        order: the square has ``2 ** order`` cells along a side; at least 0.

    Raises:
        ValueError: ``order`` is negative.
    """
    if order < 0:
        raise ValueError(f"the order of a Hilbert curve is at least 0, got {order}")
    path = np.zeros((1, 2), np.int64)
    for level in range(order):
        side, turned = 2**level, path[:, ::-1]
        down, aside = np.array([side, 0]), np.array([0, side])
        last = np.array([side - 1, side - 1]) + aside - turned  # mirrored at the other diagonal
        path = np.concatenate([turned, path + down, path + down + aside, last])
    return path
