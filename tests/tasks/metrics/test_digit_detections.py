"""Detections on canvases: known answers."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.metrics.digit_detections import compare, expected_class
from tasks.metrics.point_lists import Points


def points(*places: tuple[int, int, float, float]) -> Points:
    """Points given as canvas, class, y, x; three canvases, two classes."""
    rows = np.array(places, float).reshape(-1, 4)
    sample, channel = rows[:, 0].astype(int), rows[:, 1].astype(int)
    return Points(sample, channel, rows[:, 2:], samples=3, channels=2)


def test_a_second_detection_of_a_digit_is_a_duplicate() -> None:
    truth = points((0, 0, 10, 10), (0, 1, 40, 40))
    found = points((0, 0, 10, 13), (0, 0, 18, 10), (0, 1, 40, 44))
    compared = compare(truth, found, 14)
    assert compared.repeated == 1
    values = compared.measures
    assert values["duplicates"] == 0.5
    assert values["center_distance"] == pytest.approx((3 + 4) / 2)
    assert values["recall"] == 1.0
    assert values["precision"] == pytest.approx((0.5 + 1.0) / 2)


def test_neighbours_of_one_class_are_no_duplicates() -> None:
    truth = points((0, 0, 10, 10), (0, 0, 10, 22))
    compared = compare(truth, points((0, 0, 10, 12), (0, 0, 10, 20)), 14)
    assert (compared.repeated, compared.matches.tp.sum()) == (0, 2)
    assert compared.measures["center_distance"] == 2.0


def test_far_detections_are_wrong_and_count_in_the_distance_in_full() -> None:
    compared = compare(points((1, 1, 5, 5)), points((1, 1, 35, 45)), 14)
    values = compared.measures
    assert (values["f1"], values["duplicates"]) == (0.0, 0.0)
    assert values["center_distance"] == pytest.approx(50.0)


def test_another_class_or_canvas_is_no_pair() -> None:
    compared = compare(points((0, 0, 5, 5)), points((0, 1, 5, 5), (1, 0, 5, 5)), 14)
    assert compared.matches.tp.sum() == 0
    assert compared.matches.fp.sum() == 2
    assert np.isnan(compared.measures["center_distance"])


@pytest.mark.parametrize("there", [points(), points((2, 0, 1, 1))])
def test_nothing_found(there: Points) -> None:
    values = compare(there, points(), 14).measures
    assert values["duplicates"] == values["f1"] == 0.0
    assert np.isnan(values["center_distance"])


def test_exactly_the_tolerance_is_a_hit() -> None:
    values = compare(points((0, 0, 4, 4)), points((0, 0, 4, 18)), 14)
    assert values.matches.tp.sum() == 1


def test_the_class_with_the_largest_expected_count() -> None:
    p = np.zeros((2, 3, 5), np.float32)
    p[0, 0, 2] = 0.9  # the likeliest cell
    p[0, 1] = 0.2  # five times .2 is more
    p[1, 2, 4] = 1e-3
    assert expected_class(p).tolist() == [1, 2]
