"""The curve visits every cell once, in steps to a neighbour, as Hilbert drew it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tasks.data.images.hilbert_curve import hilbert_curve


def test_the_curves_of_hilberts_drawings() -> None:
    assert hilbert_curve(0).tolist() == [[0, 0]]
    assert hilbert_curve(1).tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
    second = [(0, 0), (0, 1), (1, 1), (1, 0), (2, 0), (3, 0), (3, 1), (2, 1)]
    mirrored = [(row, 3 - column) for row, column in reversed(second)]
    assert [tuple(cell) for cell in hilbert_curve(2).tolist()] == [*second, *mirrored]


@pytest.mark.parametrize("order", range(1, 7))
def test_every_cell_once_and_each_beside_the_last(order: int) -> None:
    path, side = hilbert_curve(order), 2**order
    assert sorted(map(tuple, path)) == [(y, x) for y in range(side) for x in range(side)]
    assert (np.abs(np.diff(path, axis=0)).sum(1) == 1).all()
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [0, side - 1]


@pytest.mark.parametrize("order", [2, 3, 4])
def test_each_quarter_is_left_once(order: int) -> None:
    quarters = (hilbert_curve(order) // 2 ** (order - 1)).tolist()
    changes = [now != then for now, then in itertools.pairwise(quarters)]
    assert sum(changes) == 3


def test_a_negative_order_is_refused() -> None:
    with pytest.raises(ValueError, match="order of a Hilbert curve is at least 0, got -1"):
        hilbert_curve(-1)
