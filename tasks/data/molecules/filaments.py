"""Curved filaments, such as microtubules: smooth random curves through a field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

STEP = 0.2
"""Pixels along a filament between two of its points."""
MARGIN = 3.0
"""Pixels beyond the field that filaments go on for: light from there falls into it."""
BEND = 0.02
"""Radians per step, standard deviation of the change of direction: curved over micrometres."""
CURVE = 0.002
"""Radians per step, standard deviation over filaments of a turn that lasts."""
WIDTH = 0.25
"""Pixels across: 25 nm, the diameter of a microtubule."""


def filament(draw: np.random.Generator, side: int) -> Numbers:
    """Points ``(n, 2)`` of a filament in pixels, `STEP` apart, until it leaves the field at both
    ends.

    Args:
        side: of the square field, in pixels.
    """
    start, heading = draw.uniform(0, side, 2), draw.uniform(0, 2 * np.pi)
    most = int(3 * side / STEP)
    turn = CURVE * draw.standard_normal()
    bends = BEND * draw.standard_normal((2, most))
    halves = []
    for bend, ahead in zip(bends, (1.0, -1.0), strict=True):
        direction = heading + np.cumsum(bend + turn) * ahead
        steps = ahead * STEP * np.stack([np.sin(direction), np.cos(direction)], 1)
        path = start + np.cumsum(steps, 0)
        outside = ((path < -MARGIN) | (path > side + MARGIN)).any(1)
        halves.append(path[: int(outside.argmax()) if outside.any() else most])
    return np.concatenate([halves[1][::-1], start[None], halves[0]])


def sites(draw: np.random.Generator, side: int, length: float, count: int) -> Numbers:
    """Places ``(count, 2)`` of molecules on filaments of a total ``length``, in pixels.

    Filaments are added until so many pixels of them lie within the field. A molecule is equally
    likely everywhere along and across them.
    """
    points: list[Numbers] = []
    inside = 0.0
    while inside < length:
        points.append(filament(draw, side))
        inside += STEP * float(((points[-1] >= 0) & (points[-1] < side)).all(1).sum())
    line = np.concatenate(points)
    place = line[draw.integers(0, len(line), count)]
    return np.asarray(place + draw.uniform(-STEP, STEP, place.shape) / 2 + _across(draw, count))


def _across(draw: np.random.Generator, count: int) -> Numbers:
    """Offsets from the axis of the filament, uniform in a disc of diameter `WIDTH`."""
    angle, radius = draw.uniform(0, 2 * np.pi, count), WIDTH / 2 * np.sqrt(draw.random(count))
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], 1)
