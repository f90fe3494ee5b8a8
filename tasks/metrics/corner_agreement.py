"""How well corners found at low resolution agree with those found at full resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.metrics.point_lists import Numbers, Points

REACH = 5.0
"""Pixels of the full resolution within which a point belongs to a corner of the board."""
FARTHEST = 6.0
"""Distances from here on are misses, not displacements."""


@dataclass(frozen=True)
class Agreement:
    """Of all corners that were found at full resolution.

    Attributes:
        displacement: ``(n,)`` distances to the nearest point at low resolution, px.
        missed: how many have none.
    """

    displacement: Numbers
    missed: int


def near_corners(found: Points, corners: Points) -> Points:
    """Points within `REACH` of a corner of their sample."""
    return found.take(_nearest(found, corners)[0] <= REACH)


def agreement(full: Points, low: Points, corners: Points) -> Agreement:
    """Distances from each point found at full resolution to the nearest one at low resolution.

    The authors' rule: both are restricted to what lies near a corner, a point may be the nearest of
    several, distances of `FARTHEST` pixels and more are left out and counted.

    Args:
        full, low, corners: in pixels of the full resolution.
    """
    distance, _ = _nearest(near_corners(full, corners), near_corners(low, corners))
    there = distance < FARTHEST
    return Agreement(distance[there], int((~there).sum()))


def whole_boards(found: Points, corners: Points, each: int) -> dict[int, Numbers]:
    """Boards of which every corner has a single point near it, and no point has another corner.

    Args:
        corners: ``each`` of every sample, in the order of the board.

    Returns:
        By sample, the points ``(each, 2)`` in the order of its corners.
    """
    distance, nearest = _nearest(found, corners)
    own = distance <= REACH
    times = np.bincount(nearest[own], minlength=len(corners)).reshape(-1, each)
    place = np.full((len(corners), 2), np.nan)
    place[nearest[own]] = found.position[own]
    boards = place.reshape(-1, each, 2)
    return {int(row): boards[row] for row in np.flatnonzero((times == 1).all(1))}


def _nearest(points: Points, others: Points) -> tuple[Numbers, NDArray[np.int64]]:
    """Of each point the nearest other one of its sample: distance, infinite without, and index."""
    from scipy.spatial import cKDTree

    if not len(others) or not len(points):
        return np.full(len(points), np.inf), np.zeros(len(points), np.int64)
    span = 10 * (1 + max(np.abs(points.position).max(), np.abs(others.position).max()))
    placed = [np.column_stack([one.position, span * one.sample]) for one in (points, others)]
    distance, index = cKDTree(placed[1]).query(placed[0])
    return np.where(distance < span / 2, distance, np.inf), index
