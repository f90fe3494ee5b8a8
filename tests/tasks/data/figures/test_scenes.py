"""Scenes: where keypoints lie, what hides them, what is drawn there."""

from __future__ import annotations

import numpy as np

from tasks.data.figures.bodies import KEYPOINTS
from tasks.data.figures.scenes import CELL, SIDE, draw_scenes

SCENES = draw_scenes(np.random.default_rng(0), 1500)


def test_images_and_positions() -> None:
    assert SCENES.images.shape == (1500, 1, SIDE, SIDE)
    assert SCENES.images.dtype == np.uint8
    known = SCENES.position[np.isfinite(SCENES.position)]
    assert known.min() >= 0
    assert known.max() < SIDE / CELL


def test_head_and_hip_are_always_in_the_picture_and_few_hands_are_not() -> None:
    outside = np.isnan(SCENES.position).any(-1).mean(0)
    assert (outside[:2] == 0).all()
    assert (outside < 0.05).all()
    assert outside.sum() > 0


def test_some_keypoints_are_hidden_and_keep_their_position() -> None:
    share = SCENES.hidden.mean()
    assert 0.02 < share < 0.2
    assert np.isfinite(SCENES.position[SCENES.hidden]).all()


def test_something_is_drawn_where_the_hip_is() -> None:
    """The trunk stands out against what lies 5 pixels beside it, be it lighter or darker."""
    hip = (SCENES.position[:, KEYPOINTS.index("hip")] * CELL).astype(int)
    rows = np.arange(len(hip))
    images = SCENES.images[:, 0].astype(float)
    here = images[rows, hip[:, 0] - 2, hip[:, 1]]
    beside = images[rows, hip[:, 0] - 2, np.clip(hip[:, 1] + 7, 0, SIDE - 1)]
    elsewhere = images[rows, hip[:, 0] - 2, np.clip(hip[:, 1] + 8, 0, SIDE - 1)]
    assert np.abs(here - beside).mean() > 1.3 * np.abs(beside - elsewhere).mean()


def test_scenes_follow_from_the_draw() -> None:
    again, other = (draw_scenes(np.random.default_rng(seed), 20) for seed in (3, 4))
    same = draw_scenes(np.random.default_rng(3), 20)
    np.testing.assert_array_equal(again.images, same.images)
    np.testing.assert_array_equal(again.position, same.position)
    assert not np.array_equal(again.images, other.images)


def test_large_images_have_more_cells_of_the_same_pixels() -> None:
    large = draw_scenes(np.random.default_rng(0), 8, 256)
    assert large.images.shape == (8, 1, 256, 256)
    small = draw_scenes(np.random.default_rng(0), 8)
    np.testing.assert_allclose(large.position, small.position * 256 / SIDE)
