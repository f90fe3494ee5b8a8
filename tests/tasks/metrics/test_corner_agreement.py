"""Agreement across resolutions and whole boards, on cases done by hand."""

from __future__ import annotations

import numpy as np

from tasks.metrics.corner_agreement import agreement, whole_boards
from tasks.metrics.point_lists import Points


def points(places: list[tuple[float, float]], sample: list[int], samples: int = 1) -> Points:
    index = np.array(sample, np.int64)
    return Points(index, np.zeros_like(index), np.array(places, float).reshape(-1, 2), samples)


CORNERS = points([(10, 10), (40, 10), (10, 40), (40, 40)], [0, 0, 0, 0])


def test_displacements_are_to_the_nearest_point_near_a_corner() -> None:
    full = points([(10, 10), (40, 11), (10, 40), (90, 90)], [0] * 4)
    low = points([(10.5, 10), (40, 10), (13, 45.5), (91, 90)], [0] * 4)
    found = agreement(full, low, CORNERS)
    # (90, 90) is near no corner; (13, 45.5) is 6.3 px from its corner, so nothing is near (10, 40)
    np.testing.assert_allclose(np.sort(found.displacement), [0.5, 1.0])
    assert found.missed == 1


def test_points_of_other_views_are_no_neighbours() -> None:
    corners = points([(10, 10), (10, 10)], [0, 1], 2)
    found = agreement(points([(10, 10)], [0], 2), points([(10, 10)], [1], 2), corners)
    assert len(found.displacement) == 0
    assert found.missed == 1
    assert agreement(points([], [], 2), points([], [], 2), corners).missed == 0


def test_a_board_is_whole_with_each_corner_once() -> None:
    moved = (CORNERS.position + 1).tolist()
    assert whole_boards(points(moved, [0] * 4), CORNERS, 4).keys() == {0}
    assert not whole_boards(points(moved[:3], [0] * 3), CORNERS, 4)
    assert not whole_boards(points([*moved, (11, 9)], [0] * 5), CORNERS, 4)
    twice = [*moved[:3], moved[0]]  # as many points as corners, one of them found twice
    assert not whole_boards(points(twice, [0] * 4), CORNERS, 4)
    far = whole_boards(points([*moved, (90, 90)], [0] * 5), CORNERS, 4)
    assert far.keys() == {0}


def test_whole_boards_are_in_the_order_of_the_corners() -> None:
    shuffled = [3, 1, 0, 2]
    found = points((CORNERS.position[shuffled] + 0.5).tolist(), [0] * 4)
    np.testing.assert_allclose(whole_boards(found, CORNERS, 4)[0], CORNERS.position + 0.5)
