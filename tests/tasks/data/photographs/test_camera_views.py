"""Cameras: pixels and distances become the places that they were projected from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tasks.data.photographs.camera_views import CameraViews, read_views

DRAW = np.random.default_rng(0)
JOINT = np.array([100.0, 50.0, 4000.0]) + DRAW.normal(0, 300, (3, 17, 3))
VIEWS = CameraViews(JOINT, np.full((3, 2), 1145.0), np.full((3, 2), 512.0))


def test_projected_joints_come_back() -> None:
    pixels = 1145 * JOINT[..., :2] / JOINT[..., 2:] + 512
    depth = JOINT[..., 2] - JOINT[:, :1, 2]
    np.testing.assert_allclose(VIEWS.in_space(pixels, depth), JOINT)


def test_the_centre_of_the_image_lies_straight_ahead() -> None:
    place = VIEWS.in_space(np.full((3, 17, 2), 512.0), np.zeros((3, 17)))
    assert not place[..., :2].any()
    np.testing.assert_allclose(place[..., 2], np.broadcast_to(JOINT[:, :1, 2], (3, 17)))


def test_kept_views_are_read_again(tmp_path: Path) -> None:
    VIEWS.write(tmp_path, "test")
    np.testing.assert_array_equal(read_views(tmp_path, "test").joint, JOINT)
    assert VIEWS.rows(np.array([True, False, True])).joint.shape == (2, 17, 3)
