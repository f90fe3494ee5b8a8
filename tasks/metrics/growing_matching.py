"""How many pairs can be made when detections are added one by one."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray


def largest_matchings(near: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Sizes ``(columns + 1,)`` of the largest matchings of all rows and the first 0, 1, … columns.

    One search for an augmenting path per column keeps the matching the largest (Berge 1957). What
    a search without success has seen leads to no free row, now or later, and is left out from then
    on, so that all searches together look at each pair about once for each row that it frees.

    Args:
        near: ``(row, column)`` which pairs may be made.
    """
    columns = [np.flatnonzero(column).tolist() for column in near.T]
    partner: dict[int, int] = {}  # of rows
    dead: set[int] = set()
    sizes = [0]
    for column in range(len(columns)):
        sizes.append(sizes[-1] + _augment(column, columns, partner, dead))
    return np.array(sizes, np.int64)


def _augment(
    column: int, columns: list[list[int]], partner: dict[int, int], dead: set[int]
) -> bool:
    """Find a partner for ``column``, if others can be paired anew to free one."""
    reached: dict[int, tuple[int, int | None]] = {}  # row: from which column, and its old row
    queue: deque[tuple[int, int | None]] = deque([(column, None)])
    while queue:
        current = queue.popleft()
        for row in columns[current[0]]:
            if row in reached or row in dead:
                continue
            reached[row] = current
            if row in partner:
                queue.append((partner[row], row))
                continue
            step: int | None = row
            while step is not None:  # back along the path, pairing anew
                partner[step], step = reached[step]
            return True
    dead.update(reached)
    return False
