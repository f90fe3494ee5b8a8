"""Boards through planes and lenses: there and back, and what OpenCV's camera says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tasks.data.images.board_geometry import Lens, Projection, inner_corners, spacing, through

PLANE = np.array([[30.0, -8.0, 60.0], [9.0, 28.0, 30.0], [0.02, 0.03, 1.0]])


@pytest.mark.parametrize("bend", [(0.0, 0.0), (-0.12, 0.0), (0.16, 0.0), (-0.25, 0.08)])
def test_what_a_pixel_shows_is_seen_at_that_pixel(bend: tuple[float, float]) -> None:
    projection = Projection(PLANE, Lens(np.array([70.0, 60.0]), 200.0, *bend, reach=1.0))
    corners = inner_corners(4, 3)
    np.testing.assert_allclose(projection.shown(projection.seen(corners)), corners, atol=1e-5)


def test_a_lens_is_opencvs() -> None:
    lens = Lens(np.array([320.5, 240.0]), 500.0, -0.2, 0.05)
    points = np.random.default_rng(0).uniform(-0.4, 0.4, (20, 2))
    flat = np.column_stack([points, np.ones(20)])
    camera = np.array([[500.0, 0, 320.5], [0, 500.0, 240.0], [0, 0, 1]])
    bend = np.array([-0.2, 0.05, 0, 0])
    expected, _ = cv2.projectPoints(flat, np.zeros(3), np.zeros(3), camera, bend)
    ideal = lens.centre + lens.focal * points
    np.testing.assert_allclose(lens.distort(ideal), expected.reshape(-1, 2), atol=1e-9)


def test_planes_are_opencvs() -> None:
    points = inner_corners(5, 4)
    expected = cv2.perspectiveTransform(points[None], PLANE)[0]
    np.testing.assert_allclose(through(PLANE, points), expected, atol=1e-9)


def test_a_lens_that_folds_is_told() -> None:
    centre = np.zeros(2)
    assert Lens(centre, 1.0, -0.12).grows
    assert not Lens(centre, 1.0, -0.3).grows


def test_the_least_distance_of_neighbours() -> None:
    corners = inner_corners(3, 2) * [4.0, 7.0]
    assert spacing(corners, 3) == 4.0
    assert inner_corners(3, 2)[:4].tolist() == [[1, 1], [2, 1], [3, 1], [1, 2]]
