"""Scores of boards by what is in front of them, and of views."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tasks.metrics.corner_scores import by_occlusion, view_scores, without_views
from tasks.metrics.point_lists import Points


def test_occluded_boards_are_scored_apart() -> None:
    samples = {"tp": [4.0, 2.0, 3.0], "fp": [0.0, 1.0, 0.0], "fn": [0.0, 2.0, 0.0]}
    values, details = by_occlusion(samples, np.array([False, True, False]))
    assert values["f1_clear"] == 1.0
    assert values["f1_occluded"] == pytest.approx(4 / 7)
    assert values["recall_occluded"] == 0.5
    assert values["complete"] == pytest.approx(2 / 3)
    assert details["occluded"]["boards"] == 1


def test_without_a_detection_views_have_no_displacement_and_no_board() -> None:
    index = np.repeat([0, 1], 4)
    place = np.tile([[10.0, 10], [40, 10], [10, 40], [40, 40]], (2, 1))
    corners = Points(index, np.zeros_like(index), place, 2)
    none = corners.take(np.zeros(8, bool))
    values, details = view_scores(none, none, corners, (2, 2), (50, 50), 1)
    assert values["boards_found"] == 0
    assert math.isnan(values["displacement"])
    assert math.isnan(values["reprojection_error"])
    assert details["view_corners"] == 8
    assert set(values) | {"ms_per_image"} == set(without_views())
