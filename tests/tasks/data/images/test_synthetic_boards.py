"""Drawn boards: what they promise of themselves."""

from __future__ import annotations

import numpy as np

from tasks.data.images.board_surfaces import TEXTURES, background
from tasks.data.images.synthetic_boards import INNER, SIDE, board_picture, empty_picture


def test_boards_hold_what_they_promise() -> None:
    draw = np.random.default_rng(0)
    pictures = [board_picture(draw) for _ in range(40)]
    for one in pictures:
        assert one.image.shape == (SIDE, SIDE)
        assert one.image.dtype == np.uint8
        assert ((one.corners > 0) & (one.corners < SIDE)).all()
        assert all(INNER[0] <= number < INNER[1] for number in one.pattern)
        number = one.pattern[0] * one.pattern[1]
        assert len(one.corners) < number if one.occluded else len(one.corners) == number
    assert 2 <= sum(one.occluded for one in pictures) <= 20
    assert len({one.pattern for one in pictures}) > 4


def test_the_generator_is_all_that_is_random() -> None:
    first, again, other = (board_picture(np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.corners, again.corners)
    assert not np.array_equal(first.image, other.image)


def test_a_picture_without_a_board_has_no_corner() -> None:
    empty = empty_picture(np.random.default_rng(0))
    assert empty.corners.shape == (0, 2)
    assert empty.image.std() > 1


def test_surfaces_are_about_one_and_vary() -> None:
    draw = np.random.default_rng(0)
    for make in TEXTURES:
        surface = make(draw, (64, 96))
        assert surface.shape == (64, 96)
        assert abs(float(surface.mean()) - 1) < 0.15
        assert 0.01 < float(surface.std()) < 0.3
    behind = background(draw, (64, 96))
    assert behind.min() >= 0
    assert behind.max() <= 255
