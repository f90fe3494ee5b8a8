"""Strokes: what they cover, in which order, and that they stop at the border."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.data.figures.stroke_painting import paint


def painted(*strokes: tuple[tuple[float, float], tuple[float, float], float, float]) -> np.ndarray:
    images = np.zeros((1, 12, 16), np.float32)
    start, end, radius, light = (np.array([[one[k] for one in strokes]]) for k in range(4))
    paint(images, start, end, radius, light)
    return images[0]


def test_a_stroke_covers_the_area_of_a_capsule() -> None:
    image = painted(((6, 4), (6, 11), 2.0, 1.0))
    assert image.sum() == pytest.approx(4 * 7 + np.pi * 4, rel=0.03)
    rows, columns = np.indices(image.shape) + 0.5
    assert (image * rows).sum() / image.sum() == pytest.approx(6.0, abs=1e-5)
    assert (image * columns).sum() / image.sum() == pytest.approx(7.5, abs=1e-5)


def test_later_strokes_lie_over_earlier_ones() -> None:
    image = painted(((6, 4), (6, 11), 2.0, 1.0), ((6, 8), (6, 8), 2.0, -1.0))
    assert image[6, 8] == pytest.approx(-1)
    assert image[6, 4] == pytest.approx(1)


def test_a_stroke_of_no_radius_and_one_beyond_the_border_change_nothing() -> None:
    assert not painted(((6, 4), (6, 11), 0.0, 1.0)).any()
    assert not painted(((-9, -9), (-9, 30), 3.0, 1.0)).any()


def test_a_thin_stroke_covers_a_part_of_pixels() -> None:
    image = painted(((6.5, 3), (6.5, 12), 0.1, 1.0))
    assert image.max() == pytest.approx(0.2)
