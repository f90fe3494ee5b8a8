"""Canvases: boxes inside, none over another, ink and labels where they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.data.images.digit_canvases import (
    LAYOUTS,
    Layout,
    compose,
    ink_boxes,
    joined,
    one_each,
    place_boxes,
)

SMALL = LAYOUTS["small"]


def some_digits(n: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Full boxes of different sizes, off the middle; digit k has brightness 10 (k + 1)."""
    images = np.zeros((n, 28, 28), np.uint8)
    for k in range(n):
        images[k, 3 : 12 + k % 9, 5 : 9 + k] = 10 * (k + 1)
    return images, np.arange(n) % 10


def test_boxes_of_ink() -> None:
    images, _ = some_digits(3)
    corner, size = ink_boxes(np.concatenate([images, np.zeros_like(images[:1])]))
    assert corner[:3].tolist() == [[3, 5]] * 3
    assert size.tolist() == [[9, 4], [10, 5], [11, 6], [0, 0]]


@pytest.mark.parametrize("layout", LAYOUTS.values())
def test_digits_lie_inside_and_apart_with_their_centres_known(layout: Layout) -> None:
    images, labels = some_digits()
    made = compose(np.random.default_rng(0), images, labels, 200, layout)
    size = ink_boxes(images)[1][made.source]
    corner = (made.position - size / 2).astype(int)
    assert corner.min() >= 0
    assert (corner + size).max() <= layout.side
    expected = np.zeros_like(made.images, dtype=np.int64)
    for canvas, source, (y, x), (h, w) in zip(made.canvas, made.source, corner, size, strict=True):
        expected[canvas, y : y + h, x : x + w] += 10 * (source + 1)
    np.testing.assert_array_equal(made.images, expected)  # an overlap would add up
    np.testing.assert_array_equal(made.label, labels[made.source])


def test_all_numbers_of_digits_are_equally_likely() -> None:
    images, labels = some_digits()
    made = compose(np.random.default_rng(1), images, labels, 4000, SMALL)
    numbers = np.bincount(np.bincount(made.canvas, minlength=4000))
    assert (numbers[0], len(numbers)) == (0, 4)
    np.testing.assert_allclose(numbers[1:] / 4000, 1 / 3, atol=0.03)


def test_arrangements_are_uniform_over_those_without_overlap() -> None:
    """Two boxes of 2 and 1 cells in a row of 4: every free arrangement as often as any other."""
    size = np.tile([[[4, 2], [4, 1]]], (6000, 1, 1))
    place = place_boxes(np.random.default_rng(2), size, 4)
    arrangements, times = np.unique(place[..., 1], axis=0, return_counts=True)
    assert arrangements.tolist() == [[0, 2], [0, 3], [1, 0], [1, 3], [2, 0], [2, 1]]
    np.testing.assert_allclose(times / 6000, 1 / 6, atol=0.02)


def test_a_single_digit_on_each_canvas_anywhere() -> None:
    images, labels = some_digits()
    many = one_each(
        np.random.default_rng(3), np.repeat(images[:1], 3000, 0), labels[:1].repeat(3000), SMALL
    )
    np.testing.assert_array_equal(many.canvas, np.arange(3000))
    np.testing.assert_array_equal(many.images.any((1, 2)), True)
    corner = many.position - np.array([9, 4]) / 2
    for axis, last in ((0, 64 - 9), (1, 64 - 4)):
        assert (corner[:, axis].min(), corner[:, axis].max()) == (0, last)
        assert abs(corner[:, axis].mean() - last / 2) < 1.5


def test_no_canvas_and_blank_digits() -> None:
    images, labels = some_digits()
    assert compose(np.random.default_rng(0), images, labels, 0, SMALL).images.shape == (0, 64, 64)
    blank = one_each(np.random.default_rng(0), np.zeros_like(images), labels, SMALL)
    assert not blank.images.any()


def test_a_box_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="a box of 9 px does not fit into 8 px"):
        place_boxes(np.random.default_rng(0), np.full((1, 1, 2), 9), 8)


def test_joining_keeps_digits_with_their_canvases() -> None:
    images, labels = some_digits()
    draw = np.random.default_rng(4)
    first, second = compose(draw, images, labels, 5, SMALL), one_each(draw, images, labels, SMALL)
    both = joined(first, second)
    assert len(both.images) == 15
    later = both.canvas >= 5
    np.testing.assert_array_equal(both.canvas[later], np.arange(5, 15))
    np.testing.assert_array_equal(both.label[later], labels)
    np.testing.assert_array_equal(both.position[later], second.position)
    np.testing.assert_array_equal(both.source[later], second.source)
    np.testing.assert_array_equal(both.images[5:], second.images)
